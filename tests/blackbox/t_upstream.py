# SPDX-License-Identifier: MIT
"""What the authorities see: priming, minimised names, mixed letters, ports, and failing over."""

import socket
import threading

import client
from case import case
from lab import faults, wire


def three_levels(t, text="a.b.www A 192.0.2.1"):
    t.net.zone("com.", "10.53.1.1")
    return t.net.zone("example.com.", "10.53.2.1", text)


@case("b16", "priming")
def priming(t):
    t.start()
    t.settle()
    t.at_least("priming queries", t.sent(qtype=2, under=".", dst=set(t.net.roots.values()))
               - t.sent(qtype=2, under="ctl."), 1)
    t.at_most("packets to the root", t.sent(dst=set(t.net.roots.values())), 6)
    t.equal("RD set upstream", sum(bool(p.flags & 0x0100) for p in t.packets()), 0)


@case("b17", "qname-minimisation")
def minimisation(t):
    three_levels(t)
    t.start()
    mark = t.mark()
    t.equal("answer", t.ask("a.b.www.example.com").data(), ["192.0.2.1"])
    root = {p.qname.lower() for p in t.packets(mark, dst=set(t.net.roots.values()))}
    com = {p.qname.lower() for p in t.packets(mark, dst="10.53.1.1")}
    t.equal("root is asked", sorted(root - {"."}), ["com."])
    t.equal("com is asked", sorted(com - {"com."}), ["example.com."])


@case("b18", "case-randomisation")
def case_randomisation(t):
    three_levels(t, "\n".join(f"longer-name-{i} A 192.0.2.{i}" for i in range(20)))
    t.start()
    mark = t.mark()
    for i in range(20):
        t.ask(f"longer-name-{i}.example.com")
    names = [p.qname for p in t.packets(mark, dst="10.53.2.1")]
    suffixes = {name.split(".", 1)[1] for name in names if name.count(".") > 2}
    t.at_least("mixed names", sum(n != n.lower() for n in names), 18)
    t.at_least("different spellings of example.com", len(suffixes), 15)


@case("b19", "lower-casing-server")
def lower_casing_server(t):
    three_levels(t, "www A 192.0.2.1\nnext A 192.0.2.2")
    t.net.server("10.53.2.1").faults.append(faults.lower_case())
    t.start()
    answer = t.ask("www.example.com")
    t.equal("answer", answer.data() or answer.rcode, ["192.0.2.1"])
    t.below("t", answer.seconds, 3.0)
    following = t.ask("next.example.com")
    t.equal("next", following.data() or following.rcode, ["192.0.2.2"])
    t.below("next t", following.seconds, 1.0)


@case("b20", "ports-and-ids")
def ports_and_ids(t):
    three_levels(t, "* 1 A 192.0.2.1")
    t.start()
    mark = t.mark()
    for i in range(200):
        t.ask(f"n{i}.example.com")
    seen = t.packets(mark, dst="10.53.2.1", proto="udp")
    ports, ids = [p.port for p in seen], [p.id for p in seen]
    t.at_least("queries", len(seen), 200)
    t.at_least("different ports", len(set(ports)), len(seen) * 0.97)
    t.at_least("different ids", len(set(ids)), len(seen) * 0.98)
    t.at_most("consecutive ports", neighbours(ports), len(seen) * 0.05)
    t.at_most("consecutive ids", neighbours(ids), len(seen) * 0.05)
    t.at_least("port spread", max(ports) - min(ports), 20000)


def neighbours(values):
    return sum(abs(b - a) <= 2 for a, b in zip(values, values[1:]))


FAILING = {"refused": faults.rcode(wire.REFUSED), "servfail": faults.rcode(wire.SERVFAIL),
           "lame": faults.lame(), "notimp": faults.rcode(wire.NOTIMP),
           "formerr": faults.rcode(wire.FORMERR), "silent": faults.silent(),
           "headless": faults.raw(lambda query: query.wire[:12]),
           "short": faults.raw(lambda query: b"xx"),
           "echo": faults.raw(lambda query: query.wire)}


@case("b21", "one-server-fails", limit=60)
def one_server_fails(t):
    """Each zone has a good and a bad server; five names each, so both get their turn."""
    t.net.zone("com.", "10.53.1.1")
    for i, (kind, fault) in enumerate(FAILING.items()):
        bad = f"10.53.20.{i + 1}"
        t.net.zone(f"{kind}.com.", [bad, f"10.53.21.{i + 1}"], "* A 192.0.2.1")
        t.net.server(bad).faults.append(fault)
    t.start()
    for kind in FAILING:
        answers = [t.ask(f"n{n}.{kind}.com", timeout=8) for n in range(5)]
        t.equal(kind, sum(a.data() == ["192.0.2.1"] for a in answers), 5)
        t.below(f"{kind} worst", max(a.seconds for a in answers), 2.5)


@case("b22", "old-servers")
def old_servers(t):
    """Servers that know no EDNS, or lose packets that carry it."""
    t.net.zone("com.", "10.53.1.1")
    kinds = {"formerr": faults.no_edns(), "notimp": faults.no_edns(wire.NOTIMP),
             "drop": faults.drops_edns()}
    for i, (kind, fault) in enumerate(kinds.items()):
        t.net.zone(f"{kind}.com.", f"10.53.22.{i + 1}", "www A 192.0.2.1\nnext A 192.0.2.2")
        t.net.server(f"10.53.22.{i + 1}").faults.append(fault)
    t.start()
    for kind in ("formerr", "notimp"):
        answer = t.ask(f"www.{kind}.com")
        t.equal(kind, answer.data() or answer.rcode, ["192.0.2.1"])
        t.below(f"{kind} t", answer.seconds, 1.0)
    drop = t.ask("www.drop.com")
    t.check("drop", drop.rcode, drop.rcode in ("NOERROR", "SERVFAIL"), "an end by 10 s")
    t.below("drop t", drop.seconds, 10.0)


WHY = {0, 20, 22, 23, 24}   # other, not authoritative, no reachable one, network error, bad data


@case("b23", "servfail-says-why", limit=60)
def servfail_says_why(t):
    t.net.zone("com.", "10.53.1.1")
    for i, kind in enumerate(("refused", "servfail", "lame", "silent")):
        t.net.zone(f"{kind}.com.", f"10.53.23.{i + 1}", "www A 192.0.2.1")
        t.net.server(f"10.53.23.{i + 1}").faults.append(FAILING[kind])
    t.start()
    for kind in ("refused", "servfail", "lame", "silent"):
        answer = t.ask(f"www.{kind}.com", timeout=10)
        t.equal(kind, answer.rcode, "SERVFAIL")
        t.check(f"{kind} EDE", answer.ede, bool(WHY & set(answer.ede)),
                "|".join(map(str, sorted(WHY))))
        if t.peer == "rootwalkd":
            t.true(f"{kind} EDE text", answer.ede_text)
        t.below(f"{kind} t", answer.seconds, 10.0)
        mark = t.mark()
        t.equal(f"{kind} again", t.ask(f"www.{kind}.com", timeout=10).rcode, "SERVFAIL")
        t.equal(f"{kind} again U", t.sent(mark), 0)


@case("b24", "out-of-zone-glue")
def glueless(t):
    """Servers named in another zone must be looked up; sibling glue may be used."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("net.", "10.53.1.2")
    t.net.zone("helper.net.", "10.53.2.2", "dns A 10.53.2.3")
    t.net.zone("example.com.", {"dns.helper.net.": "10.53.2.3"}, "www A 192.0.2.1")
    t.net.zone("sibling.com.", {"ns1.other.com.": "10.53.2.4"}, "www A 192.0.2.2")
    t.start()
    mark = t.mark()
    t.equal("glue-less", t.ask("www.example.com").data(), ["192.0.2.1"])
    t.equal("sibling", t.ask("www.sibling.com").data(), ["192.0.2.2"])
    t.at_most("U", t.sent(mark), 16)


def relay(forwarder, resolver):
    """A resolver that hands on what it is asked, bytes and letters, and what it gets for it."""
    def hand_on(query, asker):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.settimeout(10)
            out.bind((forwarder.getsockname()[0], 0))
            out.sendto(query, resolver)
            try:
                forwarder.sendto(out.recv(4096), asker)
            except OSError:
                pass

    while True:
        try:
            query, asker = forwarder.recvfrom(4096)
        except OSError:
            return
        threading.Thread(target=hand_on, args=(query, asker), daemon=True).start()


@case("b35", "forwarding-circle", peers=False, slack=8.0)
def forwarding_circle(t):
    """A forwarder that asks us back, and other workers too, is told from one that is only slow."""
    t.options.update(workers=4, forward=[{"zone": "example", "to": ["10.53.35.1@5300"]}])
    t.options["access"].append("10.53.35.1/32")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forwarder:
        forwarder.bind(("10.53.35.1", 5300))
        threading.Thread(target=relay, args=(forwarder, (client.RESOLVER, 53)),
                         daemon=True).start()
        t.start()
        answers = [t.ask(f"n{n}.corporation.example", timeout=10) for n in range(8)]
    t.equal("rcode", {a.rcode for a in answers}, {"SERVFAIL"})
    t.equal("told the loop", sum("loop" in a.ede_text for a in answers), len(answers))
    t.below("worst", max(a.seconds for a in answers), 2.0)
