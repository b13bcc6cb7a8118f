#!/usr/bin/env python3
"""Reads the lines of --json from standard input and holds them against the
schema in the manual: every key there, in that order, none besides, each of its
type.  Prints what the expressions among the arguments are; "o" is the list of
the objects.  Fails where a line is none, or is not as the schema says."""
import json
import os
import re
import sys

MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../man/proxytunnel.1")
PLAIN = {"text": str, "integer": int, "number": (int, float), "boolean": bool}


def read_schema(page):
    """What is in the manual: a name without indent, then its keys."""
    text = page[page.index(".Ss JSON"):]
    text = text[text.index(".Bd -literal\n"):text.index(".Ed\n")]
    objects, keys, last = {}, None, None
    for row in text.splitlines()[1:]:
        words = row.split()
        if not words:
            continue
        if not row.startswith(" "):
            keys = objects[re.split("  +", row)[0]] = {}
        elif words[0].startswith("|"):
            keys[last] += words[0]
        else:
            last = words[0]
            keys[last] = words[1]
    return objects


SCHEMA = read_schema(open(MANUAL, encoding="utf-8").read())


def check(value, want, where):
    if want.endswith("?"):
        if value is None:
            return
        want = want[:-1]
    if want.startswith("["):
        assert isinstance(value, list), (where, value)
        for i, element in enumerate(value):
            check(element, want[1:-1], "%s[%d]" % (where, i))
    elif "|" in want:
        assert value in want.split("|"), (where, value)
    elif want in PLAIN:
        assert isinstance(value, PLAIN[want]), (where, value)
        assert want == "boolean" or not isinstance(value, bool), where
        if want == "text":
            assert all(c >= " " and c != "\x7f" for c in value), (where, value)
    else:
        check_object(value, want, where)


def check_object(value, name, where):
    """One of a kind has what all have and then its own."""
    assert isinstance(value, dict), (where, value)
    kind = value.get("type" if name == "line" else name)
    keys = {**SCHEMA[name], **SCHEMA.get("%s %s" % (name, kind), {})}
    assert list(value) == list(keys), (where, list(value), list(keys))
    for key, want in keys.items():
        check(value[key], want, where + "." + key)


def once(pairs):
    """No key is there twice."""
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def read_line(text):
    line = json.loads(text, object_pairs_hook=once)
    check_object(line, "line", "line")
    if line["type"] == "check":
        assert line["ok"] == (line["failure"] is None) == (
            line["exit"] == 0), line
        assert all(s["ok"] for s in line["stages"][:-1]), line
    return line


o = [read_line(text) for text in
     sys.stdin.buffer.read().decode("utf-8").split("\n")[:-1]]
assert o, "no line"
for expression in sys.argv[1:]:
    print(eval(expression))
