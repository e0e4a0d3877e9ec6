# SPDX-License-Identifier: MIT
"""The daemon as a process: any local address, several workers, a log nobody can write into."""

import struct
import threading

import bulk
import client
from case import case
from lab import faults


@case("b32", "any-address", peers=False)
def any_address(t):
    """Listening on 0.0.0.0, a reply must come from the address that was asked."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "www A 192.0.2.1")
    t.options["listen"].append("0.0.0.0@5353")
    t.options["access"].append("127.0.0.0/8")
    t.start()
    for server in ("10.53.10.1", "10.53.10.77", "10.53.40.5", "127.0.0.1", "127.3.2.1"):
        for proto in ("udp", "tcp"):
            source = "127.0.0.1" if server.startswith("127.") else client.CLIENT
            answer = t.ask("www.example.com", server=server, port=5353, source=source,
                           proto=proto, timeout=2)
            t.equal(f"{server} {proto}", answer.data() or answer.rcode, ["192.0.2.1"])


@case("b33", "two-workers", slack=24.0)
def two_workers(t):
    """Eight clients at once, each with names of its own and names all ask."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "* A 192.0.2.1\nalias CNAME x.other.com.")
    t.net.zone("other.com.", "10.53.2.2", "* 2 A 192.0.2.2")
    t.options["workers"] = 2
    t.start()
    good = []

    def one_client(number):
        good.append(bulk.ask_all(names(number), window=12))

    clients = [threading.Thread(target=one_client, args=(n,)) for n in range(8)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    t.equal("answered", sum(good), 8 * len(names(0)))
    t.equal("alias", t.ask("alias.example.com").data(), ["192.0.2.2"])


def names(number):
    own = [f"c{number}n{i}.example.com" for i in range(200)]
    shared = [f"s{i}.example.com" for i in range(100)] + [f"t{i % 10}.other.com" for i in range(50)]
    return own + shared


NASTY = b"\x1b[31mroot\r\n\x00\xff\"'\\;$(x)"


@case("b34", "log-lines", peers=False)
def log_lines(t):
    """Names with control bytes reach the log escaped, one line each, and not without end."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("broken.com.", "10.53.2.1")
    t.net.server("10.53.2.1").faults.append(faults.raw(lambda q: NASTY * 3))
    t.net.server("10.53.2.1").tcp = "reset"
    t.start()
    label = bytes([len(NASTY)]) + NASTY
    for i in range(300):
        wire = client.query("broken.com", ident=i)
        one = b"\x04" + struct.pack("!I", 0x61616161 + i)
        client.send_udp(wire[:12] + label + one + wire[12:], timeout=0.02)
    with open(t.resolver.log_path, "rb") as file:
        log = file.read()
    odd = sorted({byte for byte in log if byte < 32 and byte not in b"\n\t" or byte > 126})
    t.equal("bytes that are not printable", odd, [])
    t.equal("lines made by names", sum(line.startswith(b"root") for line in log.split(b"\n")), 0)
    t.at_most("log lines", log.count(b"\n"), 400)
