# SPDX-License-Identifier: MIT
"""Tests 5, 6 and 19: alias chains with freight, compound amplification, ghost domains."""

import re
import time

from case import case
from lab import faults, wire

BAD = "203.0.113.66"


def sixty(query):
    """c0 -> c1 -> ... sixty links in each reply, and then sixty more."""
    found = re.match(r"c(\d+)\.", query.key)
    if not found:
        return None
    first = int(found[1])
    return wire.Reply(answer=wire.records("\n".join(
        f"c{i}.chain.com. 300 CNAME c{i + 1}.chain.com." for i in range(first, first + 60))))


def freight(query):
    """One honest link, then links and an address in somebody else's zone."""
    if not query.key.startswith("www."):
        return None
    links = ["www.freight.com. 300 CNAME l1.bank.com."]
    links += [f"l{i}.bank.com. 300 CNAME l{i + 1}.bank.com." for i in range(1, 60)]
    links.append(f"l60.bank.com. 300 A {BAD}")
    return wire.Reply(answer=wire.records("\n".join(links)))


@case("5", "alias-freight", group="stress")
def alias_freight(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("chain.com.", "10.53.2.1", script=sixty)
    t.net.zone("freight.com.", "10.53.2.2", script=freight)
    t.net.zone("bank.com.", "10.53.2.9", "* A 192.0.2.9")
    t.start()
    mark = t.mark()
    answer = t.ask("c0.chain.com")
    t.settle()
    t.equal("60 links", answer.rcode, "SERVFAIL")
    t.at_most("U", t.sent(mark), 15)
    t.equal("freight", t.ask("www.freight.com").data(), ["192.0.2.9"])
    for name in ("l2.bank.com", "l30.bank.com", "l60.bank.com"):
        mark = t.mark()
        t.equal(name, t.ask(name).data(), ["192.0.2.9"])
        t.at_least(f"{name} U", t.sent(mark, dst="10.53.2.9"), 1)


def camp(query):
    """Every k-name is an alias of another deep one; what lies between exists and is empty."""
    found = re.match(r"k(\d+)x(\d+)\.", query.key)
    if not found:
        return wire.Reply()
    number, step = int(found[1]), int(found[2])
    target = f"k{number}x{step + 1}.a{step}.b.c.d.e.f.camp.com."
    return wire.Reply(answer=wire.records(f"{query.key} 1 CNAME {target}"))


def maze(query):
    """com. refers every m-name to eight servers in further m-names of com., without glue."""
    found = re.search(r"(?:^|\.)m(\d+)\.com\.$", query.key)
    if not found:
        return None
    number = int(found[1])
    servers = [f"m{number}.com. 60 NS k{i}x{number % 97}.x.y.m{number * 8 + i + 1}.com."
               for i in range(8)]
    servers += [f"m{number}.com. 60 NS k{number * 8 + i}x0.a.b.c.d.e.f.camp.com."
                for i in range(8)]
    return wire.Reply(aa=False, authority=wire.records("\n".join(servers)))


@case("6", "compound-amplification", group="stress")
def compound(t):
    t.net.zone("com.", "10.53.1.1", script=maze)
    t.net.zone("camp.com.", "10.53.2.1", script=camp)
    t.net.zone("entry.com.", "10.53.2.2", "www CNAME two\ntwo CNAME www.m0.com.")
    t.start()
    mark = t.mark()
    answer = t.ask("www.entry.com", timeout=12)
    t.settle()
    t.equal("rcode", answer.rcode, "SERVFAIL")
    t.at_most("U", t.sent(mark), 100)
    t.below("t", answer.seconds, 5.0)


@case("19", "ghost-domain", group="stress", limit=60)
def ghost_domain(t):
    """The child goes on claiming itself for a week; the parent's word counts."""
    parent_ttl = 8
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("ghost.com.", "10.53.2.1", "* 1 A 192.0.2.1", delegate=False, ttl=604800)
    t.net.delegate("ghost.com.", {"ns1.ghost.com.": ["10.53.2.1"]}, ttl=parent_ttl)
    own = "ghost.com. 604800 NS ns1.ghost.com."
    t.net.server("10.53.2.1").faults.append(faults.lying(
        own, "ns1.ghost.com. 604800 A 10.53.2.1", when=lambda q: q.qtype == 1))
    t.start()
    t.equal("before", t.ask("n0.ghost.com").data(), ["192.0.2.1"])
    t.ask("ghost.com", "NS")
    for owner in ("ghost.com.", "ns1.ghost.com."):
        t.net.parent("ghost.com.").remove(owner)
    mark = t.mark()
    began, gone = time.monotonic(), None
    for i in range(1, 3 * parent_ttl):
        if t.ask(f"n{i}.ghost.com").rcode == "NXDOMAIN":
            gone = time.monotonic() - began
            break
        time.sleep(1)
    t.check("NXDOMAIN after s", gone, gone is not None and gone <= parent_ttl + 1,
            f"<={parent_ttl + 1}")
    t.at_least("parent asked again", t.sent(mark, dst="10.53.1.1"), 1)
