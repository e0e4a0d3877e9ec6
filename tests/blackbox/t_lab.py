# SPDX-License-Identifier: MIT
"""The scripted authority itself: quick enough, right where honest, wrong where told to be."""

import time

import client
from case import case
from lab import faults, wire

SERVER = "10.53.2.1"


def direct(name, qtype="A", **rest):
    return client.ask(name, qtype, server=SERVER, rd=False, **rest)


@case("l1", "lab-honest", peers=False)
def lab_honest(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", SERVER, "www A 192.0.2.1\n*.w A 192.0.2.2\na.b A 192.0.2.3\n"
               "d DNAME www\nsub NS ns.sub\nns.sub A 192.0.2.9\nloop CNAME loop\nc CNAME www")
    t.net.start()
    t.equal("A", direct("wWw.example.com").data(), ["192.0.2.1"])
    t.equal("case kept", direct("wWw.example.com").question, client.wire_name("wWw.example.com"))
    t.equal("wildcard", direct("x.y.w.example.com").data(), ["192.0.2.2"])
    for name, rcode in (("b.example.com", "NOERROR"), ("nx.example.com", "NXDOMAIN"),
                        ("elsewhere.org", "REFUSED")):
        t.equal(name, (direct(name).rcode, direct(name).data()), (rcode, []))
    t.equal("DNAME", direct("x.d.example.com").data("CNAME"), ["x.www.example.com."])
    t.equal("alias", direct("c.example.com").data(), ["192.0.2.1"])
    t.equal("loop", len(direct("loop.example.com").data("CNAME")), 1)
    referral = direct("x.sub.example.com")
    t.equal("referral", (len(referral.sets()), len(referral.message.authority),
                         len(referral.message.additional)), (0, 1, 1))
    t.equal("TCP", direct("www.example.com", proto="tcp").data(), ["192.0.2.1"])
    t.equal("logged", t.sent(dst=SERVER, proto="tcp", under="example.com."), 1)


@case("l2", "lab-faults", peers=False)
def lab_faults(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", SERVER, "www A 192.0.2.1")
    t.net.start()
    active = t.net.server(SERVER).faults

    def with_fault(fault, **rest):
        active[:] = [fault]
        return direct("www.example.com", timeout=1, **rest)

    t.equal("silent", with_fault(faults.silent()).rcode, "TIMEOUT")
    t.at_least("slow", with_fault(faults.slow(0.3)).seconds, 0.3)
    t.equal("SERVFAIL", with_fault(faults.rcode(wire.SERVFAIL)).rcode, "SERVFAIL")
    t.equal("no EDNS", with_fault(faults.no_edns()).rcode, "FORMERR")
    t.equal("no EDNS plain", with_fault(faults.no_edns(), edns=None).data(), ["192.0.2.1"])
    t.equal("truncate", with_fault(faults.truncate()).tc, True)
    t.equal("truncate TCP", with_fault(faults.truncate(), proto="tcp").tc, False)
    t.equal("lame", with_fault(faults.lame()).data(), [])
    extra = with_fault(faults.lying(additional="x.org. 60 A 192.0.2.66"))
    t.equal("lying", [s.name.to_text() for s in extra.message.additional], ["x.org."])
    for kind in ("id", "port", "address"):
        t.equal(f"wrong {kind}", with_fault(faults.forged(kind, 3, False)).rcode, "TIMEOUT")
    for kind in ("question", "case"):
        reply = with_fault(faults.forged(kind, 1, False))
        t.check(f"wrong {kind}", reply.question,
                reply and reply.question != client.wire_name("www.example.com"), "another")
    t.equal("junk then good", with_fault(faults.forged("id", 50)).data(), ["192.0.2.1"])


@case("l3", "lab-speed", peers=False)
def lab_speed(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", SERVER, "www A 192.0.2.1")
    t.net.start()
    good, window, wires = 0, 50, [client.query("www.example.com", ident=i) for i in range(10000)]
    with client.udp_socket(server=SERVER) as sock:
        sock.settimeout(1)
        began = time.monotonic()
        for i, one in enumerate(wires):
            sock.send(one)
            if i >= window:
                good += len(sock.recv(512)) > 12
        rate = len(wires) / (time.monotonic() - began)
    t.at_least("q/s", int(rate), 2000)
    t.at_least("answered", good, len(wires) - window)
