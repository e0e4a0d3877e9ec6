# SPDX-License-Identifier: MIT
"""Ways for a server to misbehave.

A fault is a callable (query, honest) -> list of Out, or None to let the next fault or the
honest answer speak. `honest.reply()` is the Reply an honest server would give, `honest.wire()`
the encoded one, already fitted to the asker's size. An empty list is silence.
"""

import random
import struct
import threading
from dataclasses import dataclass

from . import wire


@dataclass(slots=True)
class Out:
    """One packet to send back: after `delay` seconds, from another address or port if given."""

    wire: bytes
    delay: float = 0.0
    address: str | None = None
    port: int | None = None


def silent():
    return lambda query, honest: []


def slow(seconds):
    return lambda query, honest: [Out(honest.wire(), delay=seconds)]


def rcode(code, edns=True):
    """Every query gets this rcode: REFUSED, SERVFAIL, NOTIMP ..."""
    return lambda query, honest: [Out(wire.encode(
        query, wire.Reply(rcode=code, aa=False, edns=edns)))]


def no_edns(code=wire.FORMERR):
    """A server from before EDNS: an OPT in the query is an error, and none comes back."""
    def fault(query, honest):
        if query.edns is not None:
            return [Out(wire.encode(query, wire.Reply(rcode=code, aa=False, edns=False)))]
        return None
    return fault


def drops_edns():
    """A box on the path that loses every packet with an OPT record."""
    return lambda query, honest: [] if query.edns is not None else None


def lame():
    """Not authoritative after all: points back to the root."""
    up = wire.records(". 3600 NS a.roots.")
    return lambda query, honest: [Out(wire.encode(query, wire.Reply(aa=False, authority=up)))]


def lying(authority="", additional="", answer="", when=None):
    """The honest reply with records smuggled in."""
    extra = [wire.records(text) if text else [] for text in (answer, authority, additional)]

    def fault(query, honest):
        if when is not None and not when(query):
            return None
        reply = honest.reply()
        reply.answer = reply.answer + extra[0]
        reply.authority = reply.authority + extra[1]
        reply.additional = reply.additional + extra[2]
        return [Out(wire.fit(wire.encode(query, reply), query))]
    return fault


def truncate():
    """TC on every UDP reply; TCP is what the server's `tcp` mode says."""
    def fault(query, honest):
        if query.proto != "udp":
            return None
        return [Out(wire.truncated(honest.wire(), query))]
    return fault


def raw(make):
    """Whatever bytes make(query) returns."""
    return lambda query, honest: [Out(make(query))]


def delayed_after(count, seconds):
    """Quick for the first `count` queries, slow afterwards."""
    return after(count, slow(seconds))


def after(count, fault):
    """Honest for the first `count` queries."""
    seen = Counter()
    return lambda query, honest: fault(query, honest) if seen.next() > count else None


def first(count, fault):
    """Misbehave for the first `count` queries only."""
    seen = Counter()
    return lambda query, honest: fault(query, honest) if seen.next() <= count else None


def udp_only(fault):
    return lambda query, honest: fault(query, honest) if query.proto == "udp" else None


def only(match, fault):
    return lambda query, honest: fault(query, honest) if match(query) else None


def lossy(fraction, seconds=0.0, seed=1):
    """Lose this fraction of the queries and delay the rest."""
    dice = random.Random(seed)

    def fault(query, honest):
        if dice.random() < fraction:
            return []
        return [Out(honest.wire(), delay=seconds)]
    return fault


def lower_case():
    """A server that writes the question back in lower case."""
    return lambda query, honest: [Out(with_name(honest.wire(), query, query.lower))]


def forged(kind, count=50, then_good=True, poison=None):
    """`count` junk UDP replies of one kind, then the good one.

    Kinds: id, port, address, question, case. `poison` is a Reply whose records the junk
    carries, so that a test can see whether any of it was believed.
    """
    def fault(query, honest):
        if query.proto != "udp":
            return None
        body = wire.encode(query, poison) if poison else honest.wire()
        junk = [spoil(kind, body, query, i) for i in range(count)]
        return junk + ([Out(honest.wire())] if then_good else [])
    return fault


def spoil(kind, body, query, index):
    """One junk reply that is wrong in one respect only."""
    if kind == "id":
        ident = (query.id + 1 + index * 977) & 0xFFFF
        ident = ident if ident != query.id else ident ^ 1
        return Out(struct.pack("!H", ident) + body[2:])
    if kind == "port":
        return Out(body, port=5353 + index % 7)
    if kind == "address":
        return Out(body, address="10.53.99.%d" % (1 + index % 7))
    if kind == "question":
        return Out(with_name(body, query, change_label(query.qname, index)))
    if kind == "case":
        return Out(with_name(body, query, query.qname.swapcase()))
    raise ValueError(kind)


def change_label(qname, index):
    """Another name of the same length."""
    if len(qname) < 2:
        return qname
    letter = bytes([ord("a") + index % 26])
    letter = letter if qname[1:2].lower() != letter else b"0"
    return qname[:1] + letter + qname[2:]


def with_name(body, query, qname):
    return body[:12] + qname + body[12 + len(query.qname):]


class Counter:
    """Counts from one; safe from several threads."""

    def __init__(self):
        self.value = 0
        self.lock = threading.Lock()

    def next(self):
        with self.lock:
            self.value += 1
            return self.value
