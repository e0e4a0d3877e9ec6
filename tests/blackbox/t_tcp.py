# SPDX-License-Identifier: MIT
"""TCP clients: pipelining, answers out of order, pieces, and connections that misbehave."""

import time

import client
from case import case
from lab import faults


def small_world(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "\n".join(f"n{i} A 192.0.2.{i}" for i in range(40)))
    t.net.zone("slow.com.", "10.53.2.2", "www A 192.0.2.99")
    t.net.server("10.53.2.2").faults.append(faults.slow(0.7))


@case("b13", "tcp-pipelining")
def tcp_pipelining(t):
    small_world(t)
    t.start()
    names = ["www.slow.com"] + [f"n{i}.example.com" for i in range(20)]
    with client.tcp_socket() as sock:
        sock.settimeout(8)
        sock.sendall(b"".join(client.frame(client.query(name, ident=100 + i))
                              for i, name in enumerate(names)))
        order = [client.Answer(client.read_frame(sock), 0) for _ in names]
    t.equal("answers", len({a.id for a in order}), len(names))
    t.equal("bad", [a.rcode for a in order if a.rcode != "NOERROR"], [])
    t.check("slow one's place", [a.id for a in order].index(100) + 1,
            order[-1].id == 100, "last")
    t.equal("right answers", all(a.question == client.wire_name(names[a.id - 100])
                                 for a in order), True)


@case("b14", "tcp-pieces")
def tcp_pieces(t):
    small_world(t)
    t.start()
    with client.tcp_socket() as sock:
        for byte in client.frame(client.query("n1.example.com", ident=7)):
            sock.send(bytes([byte]))
            time.sleep(0.005)
        answer = client.Answer(client.read_frame(sock), 0)
        t.equal("byte by byte", answer.data(), ["192.0.2.1"])
        sock.sendall(client.frame(client.query("n2.example.com")))
        t.equal("reused", client.Answer(client.read_frame(sock), 0).data(), ["192.0.2.2"])
    sock = client.tcp_socket()
    sock.sendall(client.frame(client.query("www.slow.com")))
    sock.close()
    with client.tcp_socket() as sock:
        sock.settimeout(3)
        sock.sendall(client.frame(b"junk"))
        sock.sendall(client.frame(client.query("n3.example.com")))
        t.one_of("after junk", outcome(sock), ["closed", "answered"])
    t.equal("still serves", t.ask("n4.example.com", proto="tcp").data(), ["192.0.2.4"])


def outcome(sock):
    try:
        client.read_frame(sock)
        return "answered"
    except TimeoutError:
        return "hung"
    except OSError:
        return "closed"


@case("b15", "shared-walk", slack=6.0)
def shared_walk(t):
    """100 clients ask one name of a slow server; each gets an answer of its own."""
    small_world(t)
    t.net.server("10.53.2.2").faults[:] = [faults.slow(0.3)]
    t.start()
    for i in range(8):   # until the round-trip time is known and nothing is sent twice
        t.ask(f"n{i}.slow.com")
    t.settle()
    mark = t.mark()
    names = [mixed("www.slow.com", i) for i in range(100)]
    answers = crowd(names)
    t.equal("answered", sum(a.data() == ["192.0.2.99"] for a in answers), 100)
    t.equal("own id", sum(a.id == 1000 + 7 * i for i, a in enumerate(answers)), 100)
    t.equal("own case", sum(a.question == client.wire_name(n)
                            for a, n in zip(answers, names)), 100)
    t.equal("OPT only if sent", sum(bool(a) and (a.message.edns >= 0) == (i % 3 == 0)
                                    for i, a in enumerate(answers)), 100)
    t.equal("U", t.sent(mark), 1)


def crowd(names, seconds=4):
    """One client per name, all at once; every third one uses EDNS."""
    socks = [client.udp_socket(source=f"10.53.10.{2 + i}") for i in range(len(names))]
    for i, (sock, name) in enumerate(zip(socks, names)):
        sock.send(client.query(name, ident=1000 + 7 * i, edns=None if i % 3 else 1232))
    end, answers = time.monotonic() + seconds, []
    for sock in socks:
        sock.settimeout(max(0.001, end - time.monotonic()))
        try:
            answers.append(client.Answer(sock.recv(4096), 0))
        except OSError:
            answers.append(client.Answer(None, 0))
        sock.close()
    return answers


def mixed(name, bits):
    """Letter case chosen by the bits of a number."""
    return "".join(c.upper() if bits >> (i % 7) & 1 else c for i, c in enumerate(name))
