# SPDX-License-Identifier: MIT
"""What a plain client sees: answers, aliases, negative answers, TTLs, sizes, letter case."""

import struct
import time

import client
from case import case

BIG = "\n".join(f"big TXT \"{i:03d}{'x' * 60}\"" for i in range(20))


def small_world(t, text="www A 192.0.2.1", **rest):
    """com. and example.com. with the given records."""
    t.net.zone("com.", "10.53.1.1")
    return t.net.zone("example.com.", "10.53.2.1", text, **rest)


@case("b1", "plain-answer")
def plain_answer(t):
    small_world(t, "www A 192.0.2.1\nwww AAAA 2001:db8::1\n@ MX 10 mail\nodd TYPE65400 \\# 2 abcd\n"
                "*.wild A 192.0.2.7")
    t.start()
    for proto in ("udp", "tcp"):
        answer = t.ask("www.example.com", proto=proto)
        t.equal(proto, answer.data(), ["192.0.2.1"])
        t.equal(f"{proto} flags", f"{answer.flags:04x}", "8180")
    t.equal("no OPT asked", t.ask("www.example.com", edns=None).data(), ["192.0.2.1"])
    t.equal("AAAA", t.ask("www.example.com", "AAAA").data("AAAA"), ["2001:db8::1"])
    t.equal("MX", t.ask("example.com", "MX").data("MX"), ["10 mail.example.com."])
    t.equal("unknown type", t.ask("odd.example.com", 65400).rcode, "NOERROR")
    t.equal("wildcard", t.ask("x.y.wild.example.com").data(), ["192.0.2.7"])


@case("b2", "aliases")
def aliases(t):
    small_world(t, "www CNAME web.hosting.net.\nthree CNAME two\ntwo CNAME www\n"
                "old DNAME new.hosting.net.\ndangling CNAME nx.hosting.net.")
    t.net.zone("net.", "10.53.1.2")
    t.net.zone("hosting.net.", "10.53.2.2", "web A 192.0.2.80\na.new A 192.0.2.81")
    t.start()
    answer = t.ask("www.example.com")
    t.equal("target", answer.data(), ["192.0.2.80"])
    t.equal("link", answer.data("CNAME"), ["web.hosting.net."])
    three = t.ask("three.example.com")
    t.equal("3 links", (len(three.data("CNAME")), three.data()), (3, ["192.0.2.80"]))
    renamed = t.ask("a.old.example.com")
    t.equal("DNAME", renamed.data(), ["192.0.2.81"])
    t.equal("DNAME CNAME", renamed.data("CNAME"), ["a.new.hosting.net."])
    t.equal("DNAME itself", renamed.data("DNAME"), ["new.hosting.net."])
    cname = t.ask("www.example.com", "CNAME")
    t.equal("asked for CNAME", (cname.data("CNAME"), cname.data()), (["web.hosting.net."], []))
    lost = t.ask("dangling.example.com")
    t.equal("dangling", (lost.rcode, lost.data("CNAME")), ("NXDOMAIN", ["nx.hosting.net."]))


@case("b3", "negative-answers")
def negative_answers(t):
    small_world(t, "www A 192.0.2.1\na.b.c A 192.0.2.2")
    t.start()
    for label, name, qtype, rcode in (("NXDOMAIN", "nx.example.com", "A", "NXDOMAIN"),
                                      ("NODATA", "www.example.com", "MX", "NOERROR"),
                                      ("empty non-terminal", "b.c.example.com", "A", "NOERROR")):
        answer = t.ask(name, qtype)
        soa = [s for s in answer.message.authority if s.rdtype == 6] if answer else []
        t.equal(label, (answer.rcode, len(answer.sets()), len(soa)), (rcode, 0, 1))
        t.check(f"{label} SOA TTL", soa[0].ttl if soa else None,
                soa and 0 < soa[0].ttl <= 300, "<=300")
    mark = t.mark()
    t.equal("cached", t.ask("nx.example.com").rcode, "NXDOMAIN")
    t.equal("cached NODATA", t.ask("www.example.com", "MX").rcode, "NOERROR")
    t.equal("cached U", t.sent(mark), 0)


@case("b4", "ttl-counts-down")
def ttl_counts_down(t):
    small_world(t, "www 600 A 192.0.2.1\nlong 9999999 A 192.0.2.2\nsoon 1 A 192.0.2.3")
    t.start()
    first = t.ask("www.example.com").ttl()
    t.ask("soon.example.com")
    time.sleep(2.2)
    t.one_of("first", first, [599, 600])
    t.one_of("after 2.2 s", t.ask("www.example.com").ttl(), [597, 598])
    t.at_most("capped", t.ask("long.example.com").ttl(), 86400)
    mark = t.mark()
    t.equal("expired", t.ask("soon.example.com").data(), ["192.0.2.3"])
    t.at_least("expired U", t.sent(mark), 1)


@case("b5", "big-answers")
def big_answers(t):
    small_world(t, BIG + "\nmid TXT " + " ".join(f"\"{'y' * 200}\"" for _ in range(4)))
    t.start()
    for size in (None, 512, 1232):
        answer = t.ask("big.example.com", "TXT", edns=size)
        t.true(f"TC at {size or 'no EDNS'}", answer.tc)
        t.at_most(f"size at {size or 'no EDNS'}", answer.size, size or 512)
    full = t.ask("big.example.com", "TXT", proto="tcp")
    t.equal("TCP", (full.tc, len(full.data("TXT"))), (False, 20))
    t.true("mid TC at 512", t.ask("mid.example.com", "TXT", edns=512).tc)
    mid = t.ask("mid.example.com", "TXT", edns=1232)
    t.equal("mid at 1232", (mid.tc, len(mid.data("TXT"))), (False, 1))
    huge = t.ask("big.example.com", "TXT", edns=65535)
    t.at_most("size asked 65535", huge.size, 1232 if t.peer == "rootwalkd" else 4096)


@case("b6", "edns")
def edns(t):
    small_world(t)
    t.start()
    version = t.ask("www.example.com", version=1)
    t.equal("version 1", version.rcode, "BADVERS")
    t.equal("version told", version.message.edns if version else None, 0)
    t.equal("answers in it", version.sets(), [])
    plain = t.ask("www.example.com", edns=None)
    t.equal("OPT unasked", plain.message.edns if plain else None, -1)
    for do in (False, True):
        answer = t.ask("www.example.com", do=do)
        t.equal("OPT", answer.message.edns if answer else None, 0)
        t.equal(f"DO={int(do)}", bool(answer and answer.message.ednsflags & 0x8000), do)
    option = struct.pack("!HH4s", 65001, 4, b"abcd")
    t.equal("unknown option", t.ask("www.example.com", options=option).rcode, "NOERROR")
    t.equal("flag CD kept", bool(t.ask("www.example.com", cd=True).flags & 0x10), True)
    t.equal("AD unset", bool(t.ask("www.example.com").flags & 0x20), False)


@case("b7", "odd-queries")
def odd_queries(t):
    small_world(t)
    t.start()
    for label, opcode in (("NOTIFY", 4), ("UPDATE", 5), ("STATUS", 2), ("opcode 15", 15)):
        t.equal(label, t.ask("www.example.com", opcode=opcode, timeout=2).rcode, "NOTIMP")
    wire = client.query("www.example.com")
    cut = client.send_udp(wire[:20], timeout=2)
    t.one_of("cut off", cut.rcode if not cut.wire else cut.flags & 15, [1, "TIMEOUT"])
    response = wire[:2] + b"\x81\x80" + wire[4:]
    t.equal("QR=1", client.send_udp(response, timeout=0.5).rcode, "TIMEOUT")
    header = client.send_udp(wire[:12], timeout=0.5)
    t.one_of("header only", header.flags & 15 if header.wire else "TIMEOUT", [1, "TIMEOUT"])
    chaos = wire.replace(client.wire_name("www.example.com") + b"\0\1\0\1",
                         client.wire_name("www.example.com") + b"\0\1\0\3")
    t.one_of("class CH", client.send_udp(chaos, timeout=2).rcode, ["REFUSED", "NOTIMP", "TIMEOUT"])
    for qtype, label in ((252, "AXFR"), (251, "IXFR")):
        t.one_of(label, t.ask("example.com", qtype, timeout=2).rcode,
                 ["REFUSED", "NOTIMP", "FORMERR"])


@case("b8", "minimal-any")
def minimal_any(t):
    small_world(t, "www A 192.0.2.1\nwww TXT hello\nwww MX 5 mail\nwww AAAA 2001:db8::1")
    t.start()
    answer = t.ask("www.example.com", "ANY")
    t.equal("rcode", answer.rcode, "NOERROR")
    t.check("record sets", len(answer.sets()), len(answer.sets()) <= 1, "<=1")
    t.at_most("size", answer.size, 200)


@case("b9", "access")
def access(t):
    small_world(t)
    t.start()
    stranger = "10.53.20.1"
    t.ask("www.example.com")
    mark = t.mark()
    for proto in ("udp", "tcp"):
        refused = t.ask("www.example.com", source=stranger, proto=proto, timeout=2)
        t.one_of(f"stranger {proto}", refused.rcode,
                 ["REFUSED"] if proto == "udp" else ["REFUSED", "CLOSED"])
        t.equal(f"data {proto}", refused.data(), [])
    t.ask("other.example.com", source=stranger, timeout=2)
    t.equal("stranger's U", t.sent(mark), 0)
    t.equal("friend", t.ask("www.example.com").rcode, "NOERROR")


@case("b10", "letter-case")
def letter_case(t):
    small_world(t)
    t.start()
    for name in ("wWw.ExAmPlE.cOm", "WWW.example.COM", "www.example.com"):
        for proto in ("udp", "tcp"):
            answer = t.ask(name, proto=proto)
            t.equal(proto, (answer.question == client.wire_name(name), answer.data()),
                    (True, ["192.0.2.1"]))
    t.equal("negative", t.ask("NX.example.COM").question, client.wire_name("NX.example.COM"))
