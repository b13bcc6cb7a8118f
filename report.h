/*
 * report.h -- what was found out, for a person or, in JSON, for a program.
 * Floor 4.
 */
#ifndef REPORT_H
#define REPORT_H

#include "findings.h"
#include "json.h"
#include "series.h"

#define REPORT_LINE_MAX ((size_t)1 << 18) /* bytes of one report */

/* How it is shown. */
struct report_style {
	int colour;
	int utf8; /* check marks and crosses */
};

/* As it fits standard output and the environment. */
struct report_style report_style_of(char *(*env)(const char *));

/* What became of many attempts at one destination. */
struct tally {
	unsigned long tried, failed;
	struct series times; /* until the tunnel was open */
};

/* Appends a line with a mark in front: it is well, or not. */
void report_mark(struct buf *, const struct report_style *, int well);

/* Appends the way: "by p:3128, q:443", or "directly". */
void report_way(struct buf *, const struct route *);

/* Appends a line a stage, and what one may try. */
void report_findings(
    struct buf *, const struct report_style *, const struct findings *);

/* Appends one line: how it ended, the name in a column of that width. */
void report_outcome(struct buf *, const struct report_style *,
    const struct findings *, int width);

/* Appends the line of one attempt among many, and that of all of them. */
void report_round(struct buf *, const struct report_style *,
    const struct findings *, unsigned long round);
void report_tally(struct buf *, const struct route *, const struct tally *);

/* The same as one line of JSON each. */
void report_json_findings(
    struct buf *, const struct findings *, unsigned long round);
void report_json_tally(
    struct buf *, const struct route *, const struct tally *);

/* The word for a failure, for programs. */
const char *report_code(enum fail_code);

/*
 * Opens an object with what all of ours have, and closes it with a line; the
 * buffer is empty where it did not fit.
 */
void report_json_open(struct json *, struct buf *, const char *type,
    const struct route *, const char *destination);
void report_json_close(struct json *);

#endif
