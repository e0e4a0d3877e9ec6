# SPDX-License-Identifier: MIT
"""Servers of tests/lab that misbehave: the true cause, the exit code, and an end in time.

Every zone has one server with one fault; all are asked at once, in every mode that walks.
"""

import pathlib
import re
from concurrent.futures import ThreadPoolExecutor

import rig

from lab import faults, wire  # tests/lab
from lab.internet import Internet

WALK_S = 30      # the 7 s a walk may take, on a loaded machine
EXAMINE_S = 150  # "about a minute", on a loaded machine
GOOD = "192.0.2.1"
# Zone: its fault, the mode of its TCP, exit code of +trace, and what the tree says.
ZONES = {
    "honest": (None, "serve", 0, [GOOD]),
    "slow": (faults.slow(0.7), "serve", 0, [GOOD]),
    "silent": (faults.silent(), "stall", 6, ["fail    BROKEN", "timed out"]),
    "servfail": (faults.rcode(wire.SERVFAIL), "serve", 4, ["fail    SERVERS FAIL", "SERVFAIL"]),
    "refused": (faults.rcode(wire.REFUSED), "serve", 6, ["fail    LAME", "REFUSED"]),
    "upwards": (faults.lame(), "serve", 6, ["fail    LAME", "LAME"]),
    "noedns": (faults.no_edns(), "serve", 0, [GOOD, "asked again without EDNS"]),
    "dropsedns": (faults.drops_edns(), "serve", 6, ["fail    BROKEN", "timed out"]),
    "short": (faults.truncate(), "serve", 0, [GOOD, "asked again over TCP"]),
    "shortrefuse": (faults.truncate(), "refuse", 6, ["fail    BROKEN", "port closed"]),
    "shortreset": (faults.truncate(), "reset", 6, ["fail    BROKEN"]),
    "shortstall": (faults.truncate(), "stall", 6, ["fail    BROKEN", "timed out"]),
    "shorttrickle": (faults.truncate(), "trickle", None, []),
    "garbage": (faults.raw(lambda query: query.wire[:2] + b"\x84\0\xff\xff" + b"\xc0" * 300),
                "serve", None, ["fail "]),
    "forged": (faults.forged("id"), "serve", None, []),
    "smuggles": (faults.lying(additional="www.honest.com. 60 A 192.0.2.66",
                              authority="com. 60 NS ns.evil.example."), "serve", 0, [GOOD]),
}
CHECKED = {  # what +check finds
    "dropsedns": "answers only without EDNS",
    "noedns": "addresses 1 ERROR ns1.noedns.com 127.53.2.7 answers only without EDNS",
    "refused": "is lame: it says REFUSED",
    "silent": "does not answer: timed out",
    "shortrefuse": "does not answer",
}
MODES = {"+trace": WALK_S, "+prop": EXAMINE_S, "+check": EXAMINE_S, "+nssearch": EXAMINE_S}


def build():
    net = Internet(roots=("127.53.0.1", "127.53.0.2"))
    net.zone("com.", "127.53.1.1", "ns1.dual.com. A 127.53.3.1\nns1.dual.com. AAAA 2001:db8::53")
    net.zone("dual.com.", "127.53.3.1", f"www A {GOOD}\nns1 A 127.53.3.1\nns1 AAAA 2001:db8::53")
    for number, (zone, (fault, tcp, _, _)) in enumerate(ZONES.items()):
        address = f"127.53.2.{number + 1}"
        net.zone(f"{zone}.com.", address, f"www A {GOOD}")
        net.server(address).tcp = tcp
        if fault:
            net.server(address).faults.append(fault)
    return net


def ask(hints, mode, zone):
    name = f"www.{zone}.com"
    return mode, zone, rig.rootwalk([mode, "--hints", hints, name])


def judge(tally, mode, zone, ran):
    label = f"{mode} www.{zone}.com"
    tally.check(ran.seconds < MODES[mode], f"{label}: in time", f"{ran.seconds:.1f} s")
    tally.equal(ran.err, "", f"{label}: no error output")
    tally.check(0 <= ran.code < 10, f"{label}: exit code {ran.code}", ran.out)
    tally.check(ran.out.replace("\n", "").isprintable(), f"{label}: printable", repr(ran.out))
    tally.check("192.0.2.66" not in ran.out, f"{label}: nothing smuggled", ran.out)
    if mode == "+check" and zone in CHECKED:
        tally.holds(" ".join(ran.out.split()), CHECKED[zone], label)
    if mode != "+trace":
        return
    _, _, code, parts = ZONES[zone]
    if code is not None:
        tally.equal(ran.code, code, f"{label}: exit code")
    for part in parts:
        tally.holds(ran.out, part, label)


def without_ipv6(hints, tally):
    """A server has an IPv6 address, and this namespace has no IPv6: nobody is to blame for that."""
    name = "www.dual.com"
    ran = rig.rootwalk(["+trace", "+allns", "--hints", hints, name])
    tally.holds(ran.out, "2 addresses, 1 silent, the others say the same",
                "+allns without IPv6")
    tally.equal(ran.code, 0, "+allns without IPv6: exit code")
    tally.check("2001:" not in rig.rootwalk(["+trace", "+allns", "-4", "--hints", hints, name]).out
                .split("all servers   dual.com.")[1], "+allns -4: IPv4 only")
    for more in ([], ["-4"]):
        ran = rig.rootwalk(["+check", "--hints", hints, name] + more)
        tally.holds(" ".join(ran.out.split()), "1 address could not be asked from here",
                    f"+check {' '.join(more)} without IPv6")
        tally.equal(ran.code, 0, f"+check {' '.join(more)} without IPv6: exit code")
    ran = rig.rootwalk(["+prop", "--hints", hints, name])
    tally.check(re.search(r"2001:db8::53 .*unreachable .*- *  -$", ran.out, re.M) and ran.code == 0,
                "+prop without IPv6", ran.out)


def run(lab, tally):
    net = build()
    hints = lab.folder + "/faults.hints"
    pathlib.Path(hints).write_text(net.hints(), encoding="ascii")
    net.start()
    try:
        with ThreadPoolExecutor(16) as pool:
            asked = [pool.submit(ask, hints, mode, zone) for mode in MODES for zone in ZONES]
            for one in asked:
                judge(tally, *one.result())
        without_ipv6(hints, tally)
    finally:
        net.stop()
