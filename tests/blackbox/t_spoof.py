# SPDX-License-Identifier: MIT
"""Tests 8 and 9: replies that are not the authority's, and authorities that lie."""

import dns.rdatatype

from case import case
from lab import faults, wire

EVIL = "10.53.66.1"
KINDS = ("id", "port", "address", "question", "case")


def poison():
    """What every junk reply carries: a false address, and one for somebody else's name."""
    return wire.Reply(answer=wire.records("junk.invalid. 300 A 203.0.113.66"),
                      additional=wire.records("www.bank.com. 300 A 203.0.113.66"))


def poisoned(kind, count, then_good):
    """Junk answers the very name asked, so that believing it would show."""
    def fault(query, honest):
        if query.qtype != 1:
            return None
        reply = poison()
        reply.answer = wire.records(f"{query.key} 300 A 203.0.113.66")
        return faults.forged(kind, count, then_good, reply)(query, honest)
    return fault


@case("8", "junk-replies", limit=60)
def junk_replies(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("bank.com.", "10.53.2.9", "www A 192.0.2.9")
    for i, kind in enumerate(KINDS):
        t.net.zone(f"w{kind}.com.", f"10.53.8.{i + 1}", "www A 192.0.2.1\nnext A 192.0.2.2")
        t.net.server(f"10.53.8.{i + 1}").faults.append(poisoned(kind, 50, True))
    t.net.zone("onlyid.com.", "10.53.8.99", "www A 192.0.2.1")
    t.net.server("10.53.8.99").faults.append(poisoned("id", 50, False))
    t.start()
    for i, kind in enumerate(KINDS):
        one_kind(t, kind, f"10.53.8.{i + 1}")
    t.equal("bank", t.ask("www.bank.com").data(), ["192.0.2.9"])
    mark = t.mark()
    answer = t.ask("www.onlyid.com")
    t.equal("id alone", answer.data(), ["192.0.2.1"])
    t.at_least("id alone TCP", t.sent(mark, dst="10.53.8.99", proto="tcp"), 1)


def one_kind(t, kind, server):
    answer = t.ask(f"www.w{kind}.com", timeout=8)
    t.equal(kind, answer.data() or answer.rcode, ["192.0.2.1"])
    t.equal(f"{kind} cached", t.ask(f"www.w{kind}.com").data(), ["192.0.2.1"])
    t.net.server(server).faults.clear()
    following = t.ask(f"next.w{kind}.com")
    t.equal(f"{kind} next", following.data(), ["192.0.2.2"])
    t.below(f"{kind} next t", following.seconds, 0.5)


@case("9", "lying-authority", group="stress")
def lying_authority(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("bank.com.", "10.53.2.9", "www A 192.0.2.9\nmail A 192.0.2.10\n"
               "spoof A 192.0.2.11\nnodata TXT x")
    t.net.zone("evil.com.", "10.53.2.66", "www A 192.0.2.66\nempty TXT x\nalias CNAME www")
    evil = t.net.zone("hidden.com.", EVIL, delegate=False, script=everything)
    evil.origin = evil.origin.parent().parent()   # answers any name it is asked
    lies = ("com. 86400 NS ns.hidden.com.\nbank.com. 86400 NS ns.hidden.com.",
            f"ns.hidden.com. 86400 A {EVIL}\nns1.com. 86400 A {EVIL}\n"
            f"ns1.bank.com. 86400 A {EVIL}\na.roots. 86400 A {EVIL}")
    t.net.server("10.53.2.66").faults += [faults.only(
        lambda q: q.key.startswith("d."), dname_lie), faults.lying(*lies)]
    t.start()
    for name in ("www.evil.com", "empty.evil.com", "nx.evil.com", "alias.evil.com",
                 "d.evil.com"):
        t.ask(name)
        t.ask(name, "NS")
    injected(t)
    mark = t.mark()
    t.equal("bank", t.ask("www.bank.com").data(), ["192.0.2.9"])
    t.equal("bank mail", t.ask("mail.bank.com").data(), ["192.0.2.10"])
    t.ask("fresh.com")
    t.ask("www.evil.com", "AAAA")
    t.equal("packets to evil", t.sent(dst=EVIL), 0)
    t.at_least("asked the real one", t.sent(mark, dst="10.53.2.9"), 1)


def injected(t):
    """The same freight in replies that seem to be the bank's own, as a forged fragment would."""
    bank = t.net.server("10.53.2.9").faults
    bank.append(faults.lying("bank.com. 86400 NS fake.bank.com.\ncom. 86400 NS fake.bank.com.",
                             f"fake.bank.com. 86400 A {EVIL}\nns1.bank.com. 86400 A {EVIL}"))
    for name in ("spoof.bank.com", "nodata.bank.com", "nx.bank.com"):
        t.ask(name)
    bank.clear()


def everything(query):
    if query.qtype == dns.rdatatype.A:
        return wire.Reply(answer=wire.records(f"{query.key} 86400 A 203.0.113.66"))
    return wire.Reply()


def dname_lie(query, honest):
    """Redirects the whole parent zone: a DNAME above the zone that was asked."""
    reply = wire.Reply(answer=wire.records(
        "com. 86400 DNAME hidden.com.\n" f"{query.key} 86400 CNAME d.evil.hidden.com."))
    return [faults.Out(wire.encode(query, reply))]
