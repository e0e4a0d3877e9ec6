# SPDX-License-Identifier: MIT
"""Tests 1 to 4 and 7: a normal walk, and zones built to make a walk endless."""

import re

from case import case
from lab import faults, wire
from machine import Echo


def failing(t, name, mark, most, seconds):
    """Ask once; SERVFAIL within the bounds of packets and time."""
    answer = t.ask(name)
    t.settle()
    t.equal("rcode", answer.rcode, "SERVFAIL")
    t.at_most("U", t.sent(mark), most)
    t.below("t", answer.seconds, seconds)
    return answer


@case("1", "cold-walk")
def cold_walk(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "www A 192.0.2.1")
    t.start()
    mark = t.mark()
    answer = t.ask("www.example.com")
    t.settle()
    t.equal("rcode", answer.rcode, "NOERROR")
    t.equal("data", answer.data(), ["192.0.2.1"])
    for cut, servers in (("root", list(t.net.roots.values())), ("com", ["10.53.1.1"]),
                         ("example.com", ["10.53.2.1"])):
        t.at_most(f"U {cut}", t.sent(mark, dst=set(servers)), 4)
    mark = t.mark()
    with Echo() as echo:
        again = [(t.ask("www.example.com").seconds, echo.ask()) for _ in range(3)]
    t.equal("second U", t.sent(mark), 0)
    quickest, control = (min(column) for column in zip(*again))
    t.below("second t", quickest, 0.002, control=control)


@case("2", "nxns")
def nxns(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("target.com.", "10.53.2.2")
    t.net.zone("victim.com.", {f"n{i}.x{i}.target.com.": "10.53.9.9" for i in range(100)},
               glue=False)
    t.start()
    failing(t, "www.victim.com", t.mark(), 25, 2.0)


@case("3", "ns-loop")
def ns_loop(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("net.", "10.53.1.2")
    t.net.zone("a.com.", {"ns.b.net.": "10.53.9.1"}, glue=False)
    t.net.zone("b.net.", {"ns.a.com.": "10.53.9.2"}, glue=False)
    t.start()
    failing(t, "www.a.com", t.mark(), 10, 1.0)
    mark = t.mark()
    again = t.ask("www.a.com")
    t.settle()
    t.equal("again", again.rcode, "SERVFAIL")
    t.equal("again U", t.sent(mark), 0)


def endless(query):
    """l1 -> l2 -> l3 -> ... one link in each reply."""
    found = re.match(r"l(\d+)\.", query.key)
    if not found:
        return None
    link = f"{query.key} 60 CNAME l{int(found[1]) + 1}.endless.com."
    return wire.Reply(answer=wire.records(link))


def alias_case(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("endless.com.", "10.53.2.1", script=endless)
    t.net.zone("loops.com.", "10.53.2.2", "self CNAME self\nround1 CNAME round2\n"
               "round2 CNAME round1\nd DNAME d\n")
    t.start()


@case("4", "alias-loops")
def alias_loops(t):
    alias_case(t)
    for label, name in (("endless", "l1.endless.com"), ("self", "self.loops.com"),
                        ("round", "round1.loops.com"), ("dname", "x.d.loops.com")):
        mark = t.mark()
        answer = t.ask(name)
        t.settle()
        t.equal(f"{label}", answer.rcode, "SERVFAIL")
        t.true(f"{label} EDE", answer.ede)
        t.at_most(f"{label} U", t.sent(mark), 15)
        t.below(f"{label} t", answer.seconds, 1.0)


@case("7", "mute-servers", limit=45)
def mute_servers(t):
    t.net.zone("com.", "10.53.1.1")
    addresses = [f"10.53.7.{i + 1}" for i in range(13)]
    t.net.zone("mute.com.", addresses, "www A 192.0.2.1")
    for address in addresses:
        t.net.server(address).faults.append(faults.silent())
        t.net.server(address).tcp = "stall"
    t.start()
    mark = t.mark()
    answer = t.ask("www.mute.com", timeout=11)
    t.equal("rcode", answer.rcode, "SERVFAIL")
    t.true("EDE 22", 22 in answer.ede)
    t.below("t", answer.seconds, 10.0)
    again_mark = t.mark()
    again = t.ask("www.mute.com", timeout=11)
    t.equal("again", again.rcode, "SERVFAIL")
    t.equal("again U", t.sent(again_mark), 0)
    t.below("again t", again.seconds, 0.050)
    t.at_most("U", t.sent(mark), 40)
    t.at_most("per address", max(t.sent(mark, dst=a) for a in addresses), 3)
