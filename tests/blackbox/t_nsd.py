# SPDX-License-Identifier: MIT
"""Answers of the daemon beside those of real NSD servers, which `scripts/lab` runs."""

import os
import subprocess

import client
import rig
from case import Skip, case
from resolvers import ROOT

LAB = os.path.join(ROOT, "scripts", "lab")
NET = "127.10"
SERVERS = {"good.test.": "2.1", "ent.test.": "2.1", "wild.test.": "2.1", "short.test.": "2.1",
           "big.test.": "2.1", "half.test.": "2.1", "sub.good.test.": "2.3", "other.test.": "3.1",
           "provider.lab.": "4.1", "shop.example.": "4.1", "moved.example.": "4.1",
           "test.": "1.1", "example.": "1.3", "lab.": "1.5", ".": "0.1"}
QUESTIONS = """
good.test A|good.test MX|good.test TXT|good.test SOA|good.test NS|mail.good.test A
www.good.test A|www.good.test AAAA|v4only.good.test AAAA|here.good.test A|alias.good.test A
alias.good.test AAAA|chain.good.test A|dangling.good.test A|nothing.good.test A
www.sub.good.test A|nx.sub.good.test A|www.a.b.ent.test A|a.b.ent.test A|b.ent.test TXT
x.wild.test A|x.y.wild.test TXT|real.wild.test A|real.wild.test TXT|www.short.test A
zero.short.test A|www.half.test A|text.big.test TXT|www.big.test A|www.shop.example A
alias.shop.example A|www.old.moved.example A|www.provider.lab A|nosuchzone.example A
unknown.good.test TYPE65400|www.other.test AAAA|nosuchtld A
"""


def questions():
    return [tuple(item.split()) for line in QUESTIONS.split("\n") for item in line.split("|")
            if item.strip()]


def server_of(name):
    name = name.rstrip(".") + "."
    best = max((z for z in SERVERS if z == "." or name == z or name.endswith("." + z)), key=len)
    return f"{NET}.{SERVERS[best]}"


def direct(name, qtype):
    """What the authoritative servers say, an alias followed from zone to zone by hand."""
    found = set()
    for _ in range(8):
        answer = client.ask(name, number(qtype), proto="tcp", server=server_of(name),
                            source=None, rd=False)
        found |= records(answer)
        links = answer.data("CNAME")
        if not links or answer.data(qtype) or qtype == "CNAME":
            return answer.rcode, found
        targets = {s.name.to_text().lower(): s[0].target.to_text() for s in answer.sets("CNAME")}
        name = follow(name.rstrip(".").lower() + ".", targets)
    return answer.rcode, found


def follow(name, targets):
    while name in targets:
        name = targets.pop(name).lower()
    return name


def number(qtype):
    return int(qtype[4:]) if qtype.startswith("TYPE") else qtype


def records(answer):
    """Owner, type and data of all that is in the answer section; TTLs may differ."""
    return {(s.name.to_text().lower(), int(s.rdtype), r.to_text()) for s in answer.sets()
            for r in s}


def recursive(t, name, qtype):
    answer = t.ask(name, number(qtype), timeout=8)
    if answer.tc:
        answer = t.ask(name, number(qtype), proto="tcp", timeout=8)
    return answer.rcode, records(answer)


def lab(verb, folder):
    return subprocess.run([LAB, verb, folder], env={**os.environ, "LAB_PORT": "53"},
                          stdout=subprocess.DEVNULL, check=verb == "start", timeout=30)


@case("n1", "nsd", limit=60)
def nsd(t):
    if not os.access(LAB, os.X_OK):
        raise Skip("scripts/lab is not there")
    folder = os.path.join(t.folder, "lab")
    os.mkdir(folder)
    lab("start", folder)
    try:
        compare(t, folder)
    finally:
        lab("stop", folder)


def compare(t, folder):
    t.options["root-hints"] = os.path.join(folder, "hints")
    t.options["special-use"] = False
    t.options["outgoing"]["allow-private"] = ["127.0.0.0/8"]
    t.resolver = rig.Resolver(t.folder, t.peer, t.options, "mail.good.test")
    t.resolver.start()
    asked = questions()
    wrong = []
    for name, qtype in asked:
        want, got = direct(name, qtype), recursive(t, name, qtype)
        if want != got:
            wrong.append(f"{name}/{qtype}: {got[0]} {len(got[1])} instead of "
                         f"{want[0]} {len(want[1])}")
    t.at_least("compared", len(asked), 30)
    t.equal("different", wrong, [])
    for name in ("www.lame.test", "www.broken.test", "www.circle-a.test", "one.loop.test"):
        answer = t.ask(name, timeout=10)
        t.equal(name, answer.rcode, "SERVFAIL")
        t.below(f"{name} t", answer.seconds, 10.0)
