# SPDX-License-Identifier: MIT
"""Resolvers in the lab: rootwalkd and its walk through every fault, unbound as the validator."""

import re

import internet
import rig

NS = ("ns1.good.test", "ns2.good.test")


def resolve(name, kind="a", *options):
    return rig.dig(["@127.0.0.1", "+time=15", "+tries=1", *options, name, kind])


def walk(lab, name):
    return rig.rootwalk(["--hints", lab.hints, "+trace", name])


ANSWERS = (
    ("www.good.test", "a", "NOERROR", "192.0.2.10"),
    ("alias.good.test", "a", "NOERROR", "198.51.100.7"),
    ("chain.good.test", "a", "NOERROR", "198.51.100.7"),
    ("www.shop.example", "a", "NOERROR", "203.0.113.80"),
    ("www.old.moved.example", "a", "NOERROR", "192.0.2.10"),
    ("www.sub.good.test", "a", "NOERROR", "192.0.2.20"),
    ("any.wild.test", "txt", "NOERROR", "made from the wildcard"),
    ("text.big.test", "txt", "NOERROR", "ANSWER: 20"),
    ("www.half.test", "a", "NOERROR", "192.0.2.60"),
    ("a.b.ent.test", "a", "NOERROR", "ANSWER: 0"),
    ("nope.good.test", "a", "NXDOMAIN", "SOA"),
    ("v4only.good.test", "aaaa", "NOERROR", "SOA"),
    ("www.lame.test", "a", "SERVFAIL", "EDE: 22"),
    ("www.broken.test", "a", "SERVFAIL", ""),
    ("www.circle-a.test", "a", "SERVFAIL", ""),
)

TRACES = (
    ("alias.good.test", 0, "198.51.100.7"),
    ("www.lame.test", 6, "LAME"),
    ("www.broken.test", 6, "exit    6"),
    ("www.circle-a.test", 6, "exit    6"),
    ("one.loop.test", 4, "turns in a circle"),
    ("nope.good.test", 0, "NXDOMAIN"),
)


def answers(lab, tally):
    for name, kind, status, part in ANSWERS:
        out = resolve(name, kind).out
        tally.holds(out, f"status: {status}", f"{name} {kind}")
        tally.holds(out, part, f"{name} {kind}: data")
    for name, code, part in TRACES:
        ran = walk(lab, name)
        tally.check(ran.code == code or name.startswith("nope"), f"+trace {name}: exit code",
                    f"{ran.code}\n{ran.out}")
        tally.holds(ran.out, part, f"+trace {name}")


# What both servers of good.test do, and what a resolver makes of it.
FAULTS = (
    ("slow=300ms", "NOERROR", "192.0.2.10"),
    ("lossy=40%", "NOERROR", "192.0.2.10"),
    ("truncating", "NOERROR", "192.0.2.10"),
    ("wrong-port", None, None),  # nothing over UDP: TCP or SERVFAIL, and no false answer
    ("refused", "SERVFAIL", ""),
    ("servfail", "SERVFAIL", ""),
    ("lame", "SERVFAIL", ""),
    ("silent", "SERVFAIL", ""),
)


def faults(lab, tally):
    for switch, status, part in FAULTS:
        for server in NS:
            lab.order("set", server, switch)
        daemon = lab.resolver()
        out = resolve("www.good.test").out
        if status:
            tally.holds(out, f"status: {status}", f"{switch}: status")
            tally.holds(out, part, f"{switch}: data")
        else:
            tally.check("status: SERVFAIL" in out or "192.0.2.10" in out, switch, out)
        daemon.terminate()
        daemon.wait(30)
        lab.order("clear", "all")


def one_of_two(lab, tally):
    """One server is ill, the other is not: there is an answer."""
    for switch in "silent", "refused", "servfail", "lame":
        lab.order("set", NS[0], switch)
        daemon = lab.resolver()
        tally.holds(resolve("www.good.test").out, "192.0.2.10", f"one server {switch}")
        daemon.terminate()
        daemon.wait(30)
        lab.order("clear", "all")


def spoofed(lab, tally):
    for server in NS:
        lab.order("set", server, "spoof")
    daemon = lab.resolver()
    tally.holds(resolve("www.good.test").out, "192.0.2.10", "spoof: the answer")
    tally.equal(resolve("www.other.test", "a", "+short").out.strip(), "198.51.100.7",
                "spoof: the record nobody asked for is not believed")
    daemon.terminate()
    daemon.wait(30)
    lab.order("clear", "all")


def propagation(lab, tally):
    """The old value stays in the cache until its TTL is over, and so does the absence."""
    daemon = lab.resolver()
    tally.holds(resolve("www.news.test").out, "192.0.2.80", "www: before")
    tally.holds(resolve("app.news.test").out, "NXDOMAIN", "app: before")
    lab.order("set", "ns2.news.test", "notify-less")
    lab.order("change", "news.test", "www 20 A 192.0.2.81")
    lab.order("change", "news.test", "app 20 A 192.0.2.82")
    tally.holds(resolve("www.news.test").out, "192.0.2.80", "www: the cache has the old one")
    tally.holds(resolve("app.news.test").out, "NXDOMAIN", "app: the cache denies it")
    ran = rig.rootwalk(["--hints", lab.hints, "+prop", "www.news.test", "@127.0.0.1"])
    tally.equal(ran.code, 7, "+prop: not everyone has it")
    tally.holds(ran.out, "OLD on 1 of 2 servers, 1 of 1 resolvers", "+prop: who has not")
    lab.order("sync", "ns2.news.test")
    for name, value in ("www.news.test", "192.0.2.81"), ("app.news.test", "192.0.2.82"):
        tally.check(internet.until(lambda: resolve(name, "a", "+short").out.strip() == value),
                    f"{name}: arrives once the TTL is over")
    ran = rig.rootwalk(["--hints", lab.hints, "+prop", "www.news.test", "@127.0.0.1"])
    tally.equal(ran.code, 0, "+prop: everyone has it " + ran.out)
    daemon.terminate()
    daemon.wait(30)


VERDICTS = (
    ("www.good.test", "NOERROR", True),
    ("nope.good.test", "NXDOMAIN", True),
    ("any.wild.test", "NOERROR", True),
    ("www.other.test", "NOERROR", False),
    ("www.shop.example", "NOERROR", False),
    ("www.bogus.test", "SERVFAIL", False),
    ("www.expired.test", "SERVFAIL", False),
    ("www.badds.test", "SERVFAIL", False),
)


def validated(lab, tally):
    """An independent validator finds the good zones good and each of the others bogus."""
    lab.unbound()
    for name, status, secure in VERDICTS:
        out = rig.dig(["@127.0.0.53", "+dnssec", "+time=15", name]).out
        tally.holds(out, f"status: {status}", f"unbound: {name}")
        tally.equal(bool(re.search("flags:[^;]* ad[ ;]", out)), secure, f"unbound: {name} ad")
    out = rig.dig(["@127.0.0.53", "+cd", "+time=15", "www.bogus.test"]).out
    tally.holds(out, "192.0.2.189", "unbound: without checking, the altered address")


def run(lab, tally):
    daemon = lab.resolver()
    answers(lab, tally)
    daemon.terminate()
    daemon.wait(30)
    for test in (one_of_two, spoofed, faults, propagation, validated):
        test(lab, tally)
