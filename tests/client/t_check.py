# SPDX-License-Identifier: MIT
"""+check against NSD: findings with their servers, the worst first, and the exit code."""

import json

import rig

CASES = [
    ("good.test", 0, ["errors 0, warnings 0, notes 1", "the zone is not signed"]),
    ("www.good.test mx", 0, ["good.test.  server names 2, addresses 2"]),
    ("drift.test", 7, ["ns2.drift.test 127.10.5.2 has serial 2026112201, the newest is 2026112202",
                       "fix: see that it is notified"]),
    ("half.test", 6, ["ns.half.test 127.10.9.8 does not answer: connection refused",
                      "only one address serves the zone"]),
    ("lame.test", 6, ["ns.other.test 127.10.3.1 is lame: it says REFUSED",
                      "ns1.good.test 127.10.2.1 is lame: it says REFUSED", "errors 2"]),
    ("broken.test", 6, ["server ns.doesnotexist.test. has no address",
                        "ns1.broken.test 127.10.9.9 does not answer"]),
    ("circle-a.test", 6, ["no server of the zone could be found",
                          "server ns.circle-b.test. has no address"]),
    ("short.test", 0, ["TTL of the NS records is 3s", "only one address"]),
    ("nothere.test", 0, ["test.  server names 2", "NOTE nothere.test. does not exist"]),
    (".", 0, [".  server names 2, addresses 2", "errors 0"]),
]

def flat(text):
    return " ".join(text.split())


def run(lab, tally):
    for line, code, parts in CASES:
        ran = rig.rootwalk(["+check", "--hints", lab.hints] + line.split())
        tally.equal(ran.code, code, f"+check {line}: exit code")
        for part in parts:
            tally.holds(flat(ran.out), flat(part), f"+check {line}")
        tally.check(max(map(len, ran.out.splitlines())) <= 80, f"+check {line}: 80 columns")
        tally.check(ran.seconds < 20, f"+check {line}: in time", f"{ran.seconds:.1f} s")
        words = [text.split()[0] for text in ran.out.splitlines()
                 if text.startswith(("ERROR", "WARNING", "NOTE"))]
        tally.equal(words, sorted(words, key=["ERROR", "WARNING", "NOTE"].index),
                    f"+check {line}: the worst first")
    data = json.loads(rig.rootwalk(["+check", "+json", "--hints", lab.hints, "drift.test"]).out)
    tally.equal(data["schema"], "rootwalk.check/1", "+check +json: schema")
    tally.equal([f["rule"] for f in data["findings"] if f["severity"] == "ERROR"], ["serial"],
                "+check +json: the one error")
    tally.equal(data["exit"], 7, "+check +json: exit")
