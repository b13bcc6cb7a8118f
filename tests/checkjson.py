#!/usr/bin/env python3
"""Reads the lines of --json from standard input and holds them against the
schema that the manual has: every key there, none besides, each of its type.
Prints what the expressions among the arguments are; "o" is the list of the
objects.  Fails where a line is none, or is not as the schema says."""
import json
import sys

TEXT, NUMBER, COUNT, BOOL, NULL = str, (int, float), int, bool, type(None)
STAGE = {"stage": TEXT, "peer": TEXT, "hop": (COUNT, NULL), "ok": BOOL,
         "ms": NUMBER}
STAGES = {
    "name": {"addresses": [TEXT]},
    "connection": {"address": (TEXT, NULL),
                   "failed": [{"address": TEXT, "error": TEXT}]},
    "tls": {"version": (TEXT, NULL), "cipher": (TEXT, NULL),
            "alpn": (TEXT, NULL), "subject": (TEXT, NULL),
            "issuer": (TEXT, NULL), "expires": (TEXT, NULL),
            "days_left": (COUNT, NULL), "verified": BOOL},
    "proxy": {"status": (COUNT, NULL), "reason": (TEXT, NULL),
              "words": (TEXT, NULL), "product": (TEXT, NULL),
              "demands_login": BOOL, "offers": [TEXT],
              "scheme": (TEXT, NULL)},
    "greeting": {"kind": (TEXT, NULL), "text": (TEXT, NULL)},
}
FAILURE = {"stage": (TEXT, NULL), "hop": (COUNT, NULL), "code": TEXT,
           "status": (COUNT, NULL), "text": TEXT, "advice": (TEXT, NULL)}
LINE = {"type": TEXT, "destination": TEXT, "proxies": [TEXT]}
LINES = {
    "check": {"round": COUNT, "ok": BOOL, "exit": COUNT,
              "open_ms": (NUMBER, NULL), "ms": NUMBER, "before": [TEXT],
              "stages": [None],
              "failure": (FAILURE, NULL)},
    "summary": {"tried": COUNT, "open": COUNT, "min_ms": (NUMBER, NULL),
                "median_ms": (NUMBER, NULL), "p99_ms": (NUMBER, NULL)},
    "scan": {"ports": [{"port": COUNT, "verdict": TEXT, "ms": (NUMBER, NULL),
                        "said": (TEXT, NULL), "words": (TEXT, NULL)}],
             "complete": BOOL, "login": BOOL, "exit": COUNT,
             "judgements": [{"cwe": (TEXT, NULL), "text": TEXT}],
             "failure": ({"code": TEXT, "text": TEXT}, NULL)},
    "login": {"hop": (COUNT, NULL), "peer": (TEXT, NULL),
              "demanded": (BOOL, NULL), "product": (TEXT, NULL),
              "user": (TEXT, NULL), "password": TEXT, "exit": COUNT,
              "schemes": [{"scheme": TEXT, "usable": BOOL, "text": TEXT}],
              "failure": ({"code": TEXT, "text": TEXT}, NULL)},
}


def check(value, want, where):
    options = want if isinstance(want, tuple) else (want,)
    for option in options:
        if isinstance(option, tuple):
            return check(value, tuple(option) + tuple(
                o for o in options if o is not option), where)
        if isinstance(option, dict) and isinstance(value, dict):
            assert list(value) == list(option), (where, list(value))
            for key in option:
                check(value[key], option[key], where + "." + key)
            return None
        if isinstance(option, list) and isinstance(value, list):
            for i, element in enumerate(value):
                if option[0] is not None:
                    check(element, option[0], "%s[%d]" % (where, i))
            return None
        if isinstance(option, type) and isinstance(value, option) and (
                option is bool or not isinstance(value, bool)):
            return None
    raise AssertionError((where, value, want))


def check_line(o):
    check(o, {**LINE, **LINES[o["type"]]}, o["type"])
    for stage in o.get("stages", ()):
        check(stage, {**STAGE, **STAGES[stage["stage"]]}, stage["stage"])
    if o["type"] == "check":
        assert o["ok"] == (o["failure"] is None) == (o["exit"] == 0), o
        assert all(s["ok"] for s in o["stages"][:-1]), o


def keys(*schemas):
    for schema in schemas:
        for key, want in schema.items():
            yield key
            for part in want if isinstance(want, (list, tuple)) else [want]:
                if isinstance(part, dict):
                    yield from keys(part)


if sys.argv[1:] == ["--keys"]:
    print("\n".join(sorted(set(keys(
        LINE, STAGE, *LINES.values(), *STAGES.values())))))
    sys.exit()
o = []
for text in sys.stdin.buffer.read().decode("utf-8").splitlines():
    o.append(json.loads(text))
    check_line(o[-1])
assert o, "no line"
for expression in sys.argv[1:]:
    print(eval(expression))
