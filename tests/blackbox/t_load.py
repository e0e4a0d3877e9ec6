# SPDX-License-Identifier: MIT
"""Tests 15 to 17: a flood at one slow zone, a crowd behind one question, a full cache."""

import os
import struct
import time

import bulk
import client
from case import case
from flood import Flood
from lab import faults
from probe import Probe

SECONDS = int(os.environ.get("FLOOD_SECONDS", "60"))
SLOWNESS = 0.35        # below a first timeout of 400 ms, so what is in flight can be counted
NOISE = 0.005          # a p99 under this is the machine's, not the resolver's
BUDGET = 8             # MiB of cache in test 17


@case("15", "subdomain-flood", group="stress", limit=SECONDS + 40, alone=True, slack=24.0)
def subdomain_flood(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("other.com.", "10.53.2.1", "* 1 A 192.0.2.1")
    t.net.zone("slow.com.", "10.53.2.2", "* A 192.0.2.2")
    t.net.server("10.53.2.2").faults.append(faults.slow(SLOWNESS))
    t.start()
    t.ask("warm.slow.com")
    baseline = Probe(5, rate=100, names=[f"b{i}.other.com" for i in range(500)]).result()
    mark = t.mark()
    flood = Flood("slow.com", 2000, SECONDS)
    time.sleep(1)
    during = Probe(SECONDS - 2, rate=100,
                   names=[f"d{i}.other.com" for i in range(100 * SECONDS)]).result()
    sent = flood.result()["sent"]
    t.at_least("flood", sent, 1900 * SECONDS)
    t.equal("other zones lost", during["sent"] - during["ok"], 0)
    bound = max(2 * baseline["p99"], 2 * during["machine"], NOISE)
    t.check("p99", during["p99"], during["p99"] < bound, f"<{bound:.4f}s")
    t.at_most("in flight", most_in_flight(t.packets(mark, dst="10.53.2.2")), 200)


def most_in_flight(packets):
    """The largest number of different names asked and not yet answered at one moment."""
    most, first, names = 0, 0, {}
    for packet in packets:
        while packets[first].time < packet.time - SLOWNESS:
            gone = packets[first].qname.lower()
            names[gone] -= 1
            if not names[gone]:
                del names[gone]
            first += 1
        key = packet.qname.lower()
        names[key] = names.get(key, 0) + 1
        most = max(most, len(names))
    return most


@case("16", "thousand-waiters", group="stress", slack=8.0)
def thousand_waiters(t):
    """1000 clients, one name, an authority that sleeps 3 s. One client alone is the measure."""
    discard = 5.0
    t.net.zone("com.", "10.53.1.1")
    for name, server in (("slow.com.", "10.53.2.2"), ("lone.com.", "10.53.2.3")):
        t.net.zone(name, server, "www A 192.0.2.9\n* A 192.0.2.8")
        t.net.server(server).faults.append(faults.slow(3.0))
    t.start()
    mark = t.mark()
    t.ask("www.lone.com", timeout=12)
    alone = sum(p.qname.lower() == "www.lone.com." and p.qtype == 1
                for p in t.packets(mark, dst="10.53.2.3"))
    t.at_most("U for one client", alone, 3)
    mark = t.mark()
    socks = [client.udp_socket(source=f"10.53.10.{2 + i % 200}") for i in range(1000)]
    names = ["".join(c.upper() if i >> (k % 10) & 1 else c for k, c in enumerate("www.slow.com"))
             for i in range(1000)]
    for i, sock in enumerate(socks):
        sock.send(client.query(names[i], ident=i, edns=None if i % 2 else 1232))
    replies = listen(socks, 12.0)
    answers = [client.Answer(data, at) for data, at in replies]
    t.check("answered", sum(map(bool, answers)), True, "info")
    got = [(i, a) for i, a in enumerate(answers) if a]
    t.equal("wrong id", sum(a.id != i for i, a in got), 0)
    t.equal("wrong case", sum(a.question != client.wire_name(names[i]) for i, a in got), 0)
    t.equal("wrong OPT", sum((a.message.edns >= 0) == bool(i % 2) for i, a in got), 0)
    late = max((a.seconds for _, a in got), default=0.0)
    t.at_most("latest reply s", late, discard + 0.1)
    t.at_most("U for the name", sum(p.qname.lower() == "www.slow.com." and p.qtype == 1
                                    for p in t.packets(mark, dst="10.53.2.2")), alone)
    for sock in socks:
        sock.close()


@case("16b", "discard-timeout", group="stress", slack=8.0)
def discard_timeout(t):
    """An authority that sleeps longer than clients may wait: told in time, and kept for later."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("slow.com.", "10.53.2.2", "* A 192.0.2.8")
    t.net.server("10.53.2.2").faults.append(faults.slow(2.5))
    t.options["discard-timeout"] = "1s"
    t.start()
    first = t.ask("www.slow.com", timeout=4)
    t.check("reply after s", first.seconds, first.seconds <= 1.1 or not first, "<=1.1 or none")
    time.sleep(max(0, 4 - first.seconds))
    mark = t.mark()
    t.equal("later", t.ask("www.slow.com", timeout=1).data(), ["192.0.2.8"])
    t.equal("later U", t.sent(mark), 0)
    many = [client.udp_socket(source="10.53.10.77") for _ in range(300)]
    for i, sock in enumerate(many):
        sock.send(client.query(f"n{i}.slow.com", ident=i))
    replies = sum(wire is not None for wire, _ in listen(many, 2.0))
    t.at_most("replies to 300 of one client", replies, 200)
    for sock in many:
        sock.close()


@case("16c", "quotas-of-all-workers", peers=False, group="stress", slack=16.0)
def quotas_of_all_workers(t):
    """What one client may have waiting, and one zone in flight, is for four workers as for one."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("slow.com.", "10.53.2.2", "* A 192.0.2.8")
    t.net.server("10.53.2.2").faults.append(faults.slow(2.5))
    t.options.update({"discard-timeout": "1s", "workers": 4, "qname-minimisation": "off"})
    t.start()
    t.ask("www.slow.com", timeout=4)
    for label, sources, most in (("client", ["10.53.10.77"], 200),
                                 ("zone", [f"10.53.10.{n}" for n in range(80, 180)], 400)):
        mark = t.mark()
        many = [client.udp_socket(source=sources[i % len(sources)]) for i in range(most)]
        more = [client.udp_socket(source=sources[0]) for _ in range(100)] if most == 200 else []
        for i, sock in enumerate(many + more):
            sock.send(client.query(f"{label}{i}.slow.com", ident=i))
        replies = sum(wire is not None for wire, _ in listen(many + more, 1.5))
        asked = {p.qname.lower() for p in t.packets(mark, dst="10.53.2.2")}
        if label == "client":
            t.at_most("replies to 300 of one client", replies, 200)
        else:
            t.at_most("in flight to one zone", len(asked), 200)
            t.at_least("answered somehow", replies, most * 9 // 10)
        for sock in many + more:
            sock.close()
        time.sleep(8)


def listen(socks, seconds):
    """(bytes or None, seconds since now) of the first reply on each socket."""
    began, replies = time.monotonic(), [(None, 0.0)] * len(socks)
    missing = set(range(len(socks)))
    for sock in socks:
        sock.setblocking(False)
    while missing and time.monotonic() - began < seconds:
        for i in list(missing):
            try:
                replies[i] = (socks[i].recv(4096), time.monotonic() - began)
                missing.discard(i)
            except OSError:
                pass
        time.sleep(0.01)
    return replies


def fat_text(query):
    """A 500-byte TXT for any name, built by hand: this has to be quick."""
    text = b"\xfa" + b"x" * 250
    rdata = text + text
    record = b"\xc0\x0c" + struct.pack("!HHIH", query.qtype, 1, 3600, len(rdata)) + rdata
    return (struct.pack("!6H", query.id, 0x8400, 1, 1, 0, 0) + query.qname
            + struct.pack("!2H", query.qtype, 1) + record)


@case("17", "cache-fill", group="stress", limit=150, alone=True, slack=BUDGET * 1.3 + 64)
def cache_fill(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("fill.com.", "10.53.2.1")
    t.net.zone("popular.com.", "10.53.2.2", "\n".join(f"h{i} A 192.0.2.1" for i in range(1000)))
    t.net.server("10.53.2.1").faults.append(faults.only(
        lambda query: query.qtype == 16, faults.raw(fat_text)))
    t.options["cache"] = {"size": f"{BUDGET}MiB", "prefetch": False}
    t.start()
    popular = [f"h{i}.popular.com" for i in range(1000)]
    for _ in range(2):
        bulk.ask_all(popular)
    mark, count, asked, good = t.mark(), 3 * BUDGET * (1 << 20) // 600, 0, 0
    for start in range(0, count, 2000):
        good += bulk.ask_all((f"n{i}.fill.com" for i in range(start, start + 2000)), "TXT")
        asked += len(popular)
        bulk.ask_all(popular)
    missed = len({p.id for p in t.packets(mark, dst="10.53.2.2")})
    t.at_least("filled", good, int(count * 0.99))
    t.at_least("hot hit rate", 1 - missed / asked, 0.9)
    t.at_most("RSS MB", t.resolver.rss(), BUDGET * 1.3 + 64)
