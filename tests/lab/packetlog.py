# SPDX-License-Identifier: MIT
"""Every packet that reached an authority, in order, and the counts tests are made of."""

import time
from collections import namedtuple

Packet = namedtuple("Packet", "time src port dst proto qname qtype id edns flags")


class PacketLog:
    """Appended to by the authority's thread, read by the test's: list.append is atomic."""

    def __init__(self, path=None):
        self.packets = []
        self.file = open(path, "w", buffering=1 << 16) if path else None

    def add(self, query):
        self.put(Packet(time.monotonic(), query.src[0], query.src[1], query.dst, query.proto,
                        query.text, query.qtype, query.id, query.edns, query.flags))

    def odd(self, proto, src, dst):
        """Something that is not a query: a connection opened, or bytes that do not parse."""
        self.put(Packet(time.monotonic(), src[0], src[1], dst, proto, "", 0, 0, None, 0))

    def put(self, packet):
        self.packets.append(packet)
        if self.file:
            self.file.write(f"{packet.time:.6f} {packet.src}#{packet.port} > {packet.dst} "
                            f"{packet.proto} {packet.qname} {packet.qtype} id={packet.id} "
                            f"flags={packet.flags:04x} edns={packet.edns}\n")

    def mark(self):
        """A place in the log to count from."""
        return len(self.packets)

    def since(self, mark=0, dst=None, proto=None, under=None, qtype=None):
        """Queries (not bare connections) after a mark that match all that is given."""
        dsts = {dst} if isinstance(dst, str) else dst
        tail = under.lower() if under else None
        return [p for p in self.packets[mark:]
                if p.qname and (dsts is None or p.dst in dsts) and (proto in (None, p.proto))
                and (tail is None or in_domain(p.qname, tail)) and qtype in (None, p.qtype)]

    def count(self, mark=0, **match):
        return len(self.since(mark, **match))

    def close(self):
        if self.file:
            self.file.close()


def in_domain(name, zone):
    name = name.lower()
    return zone == "." or name == zone or name.endswith("." + zone)
