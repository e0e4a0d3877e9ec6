# SPDX-License-Identifier: MIT
"""+trace on sound and broken zones: the true cause, the guilty server, the exit code.

docs/CLIENT.md shows the same zones; what is wrong with each stands in scripts/lab.
"""

import rig

NET = "127.10."

# Name and type, exit code, and texts that fields of the end must hold.
CASES = [
    ("www.good.test", 0, {"answer": ["192.0.2.10", "a cache may keep it 5m"]}),
    ("www.good.test aaaa", 0, {"answer": ["2001:db8::10"]}),
    ("alias.good.test", 0, {"answer": ["198.51.100.7", "45s (least of 5m, 45s)"]}),
    ("www.sub.good.test", 0, {"answer": ["192.0.2.20"]}),
    ("www.old.moved.example", 0, {"answer": ["192.0.2.10"]}),
    ("www.half.test", 0, {"answer": ["192.0.2.60"]}),
    ("text.big.test txt", 0, {"answer": ["a cache may keep it 5m"]}),
    ("nope.good.test", 3, {"answer": ["NXDOMAIN: nope.good.test. does not exist"]}),
    ("v4only.good.test aaaa", 3, {"answer": ["NODATA: v4only.good.test. exists", "AAAA"]}),
    ("a.b.ent.test", 3, {"answer": ["NODATA: a.b.ent.test. exists"]}),
    ("dangling.good.test", 3, {"answer": ["NXDOMAIN: nothing.other.test. does not exist"]}),
    ("www.broken.test", 6, {
        "fail": ["BROKEN: test. delegates broken.test. to 2 servers, none of which can be used",
                 "ns1.broken.test 127.10.9.9 port closed",
                 "ns.doesnotexist.test. has no address that could be found", "NXDOMAIN"],
        "means": ["SERVFAIL", "EDE 22"]}),
    ("www.lame.test", 6, {
        "fail": ["LAME: test. delegates lame.test. to 2 servers, none of which serves it",
                 "ns.other.test 127.10.3.1 REFUSED", "ns1.good.test 127.10.2.1 REFUSED"],
        "means": ["SERVFAIL", "EDE 22"]}),
    ("www.circle-a.test", 6, {
        "fail": ["BROKEN: test. delegates circle-a.test. to 1 server",
                 "a circle: finding ns.circle-b.test. needs ns.circle-a.test., which lies in "
                 "circle-a.test. itself"]}),
    ("one.loop.test", 4, {"fail": ["GIVEN UP: the chain of aliases turns in a circle"]}),
    ("www.drift.test", 0, {"answer": ["192.0.2.9"]}),
]


def run(lab, tally):
    for line, code, wanted in CASES:
        ran = rig.rootwalk(["+trace", "--hints", lab.hints] + line.split())
        tally.equal(ran.code, code, f"+trace {line}: exit code")
        tally.check(ran.seconds < 30, f"+trace {line}: in time", f"{ran.seconds:.1f} s")
        tally.equal(ran.err, "", f"+trace {line}: no error output")
        long = [text for text in ran.out.splitlines() if len(text) > 80]
        tally.check(not long, f"+trace {line}: 80 columns", str(long[:1]))
        for field, parts in wanted.items():
            for part in parts:
                tally.holds(ran.line(field), part, f"+trace {line}: {field}")
    none = rig.rootwalk(["+trace", "+port=54", "--hints", lab.hints, "www.good.test"])
    tally.equal(none.code, 9, "+trace where nothing listens: exit code")
    tally.holds(none.line("fail"), "NO REPLY", "+trace where nothing listens")
