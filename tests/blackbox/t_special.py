# SPDX-License-Identifier: MIT
"""Names a resolver must answer by itself: special-use and locally served zones."""

from case import case

NXDOMAIN = ("x.invalid", "x.test", "x.onion", "printer.local", "nas.home.arpa",
            "1.0.0.10.in-addr.arpa", "1.1.168.192.in-addr.arpa", "1.0.16.172.in-addr.arpa",
            "1.0.254.169.in-addr.arpa", "1.0.0.0.d.f.ip6.arpa", "1.0.8.e.f.ip6.arpa")


@case("b12", "special-use-names")
def special_use_names(t):
    t.net.zone("arpa.", "10.53.1.4")
    t.start()
    mark = t.mark()
    wrong = []
    for name in NXDOMAIN:
        answer = t.ask(name, timeout=3)
        if answer.rcode != "NXDOMAIN":
            wrong.append(f"{name}:{answer.rcode}")
    t.equal("not NXDOMAIN", wrong, [])
    t.equal("localhost A", t.ask("localhost").data(), ["127.0.0.1"])
    t.equal("a.localhost A", t.ask("a.localhost").data(), ["127.0.0.1"])
    t.equal("localhost AAAA", t.ask("localhost", "AAAA").data("AAAA"), ["::1"])
    t.equal("1.0.0.127", t.ask("1.0.0.127.in-addr.arpa", "PTR").data("PTR"), ["localhost."])
    leaked = sorted({p.qname.lower() for p in t.packets(mark)})
    t.equal("leaked upstream", leaked, [])
