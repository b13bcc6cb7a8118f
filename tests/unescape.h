/*
 * unescape.h -- \r \n \t \0 \\ and \xHH in the scripts of the tests.
 */
#ifndef UNESCAPE_H
#define UNESCAPE_H

#include <stdlib.h>
#include <string.h>

/* Writes what a text stands for to a place as large; the number of bytes. */
static inline size_t
unescape(char *to, const char *from)
{
	static const char letters[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
	char *begin = to, hex[3] = "";
	const char *letter;

	while (*from != '\0') {
		letter = *from == '\\' && from[1] != '\0'
			     ? strchr(letters, from[1])
			     : NULL;
		if (letter != NULL) {
			*to++ = bytes[letter - letters];
			from += 2;
		} else if (strncmp(from, "\\x", 2) == 0 && from[2] != '\0') {
			memcpy(hex, from + 2, 2);
			*to++ = (char)strtoul(hex, NULL, 16);
			from += hex[1] == '\0' ? 3 : 4;
		} else
			*to++ = *from++;
	}
	return (size_t)(to - begin);
}

#endif
