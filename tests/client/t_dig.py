# SPDX-License-Identifier: MIT
"""The command lines of dig_lines through dig and rootwalk: same text, same exit code."""

import difflib
import pathlib
import re
import shlex

import rig

NORMAL = [(re.compile(pattern, re.M), text) for pattern, text in (
    (r"id: \d+", "id: N"),
    (r"Query time: \d+", "Query time: N"),
    (r"in \d+ (ms|us)", r"in N \1"),
    (r"WHEN: .*", "WHEN"),
    (r"COOKIE: \w+", "COOKIE: X"),
    (r"^; <<>> (DiG|rootwalk) \S+ <<>> .*", "; <<>> PROGRAM"))]


def normal(text):
    for pattern, replacement in NORMAL:
        text = pattern.sub(replacement, text)
    return text


def lines():
    for line in (rig.HERE / "dig_lines").read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            yield line


def words_of(line, folder):
    words = line.replace("DIR", folder).split()
    named = words[0].startswith("@") or "nosuch.invalid" in line
    return words if named else ["@" + rig.KINDS] + words


def compare(tally, line, words, same):
    # dig sends a cookie unasked, rootwalk does not: rootwalk(1) says so.
    wanted = rig.dig(["+nocookie"] + words)
    got = rig.rootwalk(words)
    text, expected = normal(got.out).split("\n"), normal(wanted.out).split("\n")
    where = list(difflib.unified_diff(expected, text, "dig", "rootwalk", lineterm="", n=0))
    equal = not where and got.code == wanted.code
    tally.check(equal == same, f"dig: {line}" + ("" if same else " is the same by now"),
                f"codes {wanted.code} and {got.code}\n     " + "\n     ".join(where[2:16]))


def run(lab, tally):
    batch = pathlib.Path(lab.folder, "batch")
    batch.write_text(f"@{rig.KINDS} www.kinds.test\n@{rig.KINDS} kinds.test mx\n"
                     f"-x 192.0.2.1 @{rig.KINDS}\n", encoding="ascii")
    commented = pathlib.Path(lab.folder, "commented")
    commented.write_text(f"@{rig.KINDS} www.kinds.test\n# a comment\n", encoding="ascii")
    count = 0
    for line in lines():
        same = not line.startswith("! ")
        line = line if same else line.split(": ", 1)[1]
        compare(tally, line, words_of(line, lab.folder), same)
        count += same
    tally.check(count >= 60, "dig: at least 60 lines", str(count))
    print(f"dig: {count} command lines", shlex.quote(rig.ROOTWALK))
