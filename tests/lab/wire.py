# SPDX-License-Identifier: MIT
"""The little of the DNS wire format that the authority needs to be quick.

Queries are read by hand (dnspython would cost ten times more); replies are written through
dnspython's rdata objects and then kept by the caller, so each distinct reply is encoded once.
"""

import io
import struct
from dataclasses import dataclass, field

import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.zone

NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN = 0, 1, 2, 3, 4, 5, 6
QR, AA, TC, RD, RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
OPT = 41


@dataclass(slots=True)
class Query:
    """One query as it arrived. `qname` keeps the letter case of the wire."""

    wire: bytes
    src: tuple
    dst: str
    proto: str
    id: int
    flags: int
    qname: bytes
    qtype: int
    qclass: int
    edns: dict | None

    @property
    def lower(self):
        return self.qname.lower()

    @property
    def name(self):
        """The name in lower case, as a dnspython name."""
        return dns.name.from_wire(self.lower, 0)[0]

    @property
    def text(self):
        return name_text(self.qname)

    @property
    def key(self):
        """Name in lower case as text: what scripts compare with."""
        return self.text.lower()


@dataclass(slots=True)
class Reply:
    """What to answer. A record is a triple (dns.name.Name, ttl, dns.rdata.Rdata)."""

    rcode: int = NOERROR
    aa: bool = True
    tc: bool = False
    ra: bool = False
    edns: bool = True
    answer: list = field(default_factory=list)
    authority: list = field(default_factory=list)
    additional: list = field(default_factory=list)


def records(text, origin="."):
    """Parse zone-file lines into a list of records; every line needs an owner and a TTL."""
    zone = dns.zone.from_text(
        "\n".join(line.strip() for line in text.strip().splitlines()),
        origin=origin, relativize=False, check_origin=False, allow_include=False)
    return [(name, ttl, rdata) for name, ttl, rdata in zone.iterate_rdatas()]


def name_text(wire):
    """Wire name to text with a trailing dot; bytes outside printable ASCII become \\DDD."""
    labels, pos = [], 0
    while pos < len(wire) and wire[pos]:
        label = wire[pos + 1:pos + 1 + wire[pos]]
        labels.append("".join(chr(b) if 33 <= b < 127 and b not in b'.\\"' else f"\\{b:03d}"
                              for b in label))
        pos += 1 + wire[pos]
    return ".".join(labels) + "."


def read_name(wire, pos):
    """End of the uncompressed name at pos. Raises on pointers: queries have none."""
    while wire[pos]:
        if wire[pos] > 63:
            raise ValueError("label type")
        pos += 1 + wire[pos]
    return pos + 1


def parse_query(wire, src, dst, proto):
    """Read one query; ValueError, IndexError or struct.error when it is not one."""
    ident, flags, qd, an, ns, ar = struct.unpack_from("!6H", wire)
    if flags & QR or qd != 1:
        raise ValueError("not a query")
    end = read_name(wire, 12)
    qtype, qclass = struct.unpack_from("!2H", wire, end)
    edns = parse_opt(wire, end + 4) if ar and not (an or ns) else None
    return Query(wire, src, dst, proto, ident, flags, wire[12:end], qtype, qclass, edns)


def parse_opt(wire, pos):
    """The OPT record when it is the first additional record (all resolvers put it there)."""
    if wire[pos]:
        return None
    rtype, size, _, version, bits, rdlen = struct.unpack_from("!HHBBHH", wire, pos + 1)
    if rtype != OPT:
        return None
    return {"size": size, "version": version, "do": bool(bits & 0x8000),
            "options": wire[pos + 11:pos + 11 + rdlen]}


def put_record(out, compress, record):
    name, ttl, rdata = record
    name.to_wire(out, compress)
    out.write(struct.pack("!HHIH", rdata.rdtype, rdata.rdclass, ttl, 0))
    start = out.tell()
    rdata.to_wire(out, compress)
    end = out.tell()
    out.seek(start - 2)
    out.write(struct.pack("!H", end - start))
    out.seek(end)


def encode(query, reply):
    """The whole reply, unbounded in size; `fit` shortens it for UDP."""
    opt = reply.edns and query.edns is not None
    flags = QR | (AA if reply.aa else 0) | (TC if reply.tc else 0) | (RA if reply.ra else 0)
    flags |= (query.flags & (0x7800 | RD)) | reply.rcode
    out, compress = io.BytesIO(), {}
    out.write(struct.pack("!6H", query.id, flags, 1, len(reply.answer), len(reply.authority),
                          len(reply.additional) + opt))
    query.name.to_wire(out, compress)
    out.write(struct.pack("!2H", query.qtype, query.qclass))
    for record in (*reply.answer, *reply.authority, *reply.additional):
        put_record(out, compress, record)
    if opt:
        out.write(opt_record())
    return readdress(out.getvalue(), query)


def opt_record(size=1232):
    return struct.pack("!BHHIH", 0, OPT, size, 0, 0)


def readdress(wire, query):
    """The same reply for another query of the same question: its id, RD and letter case."""
    flags = struct.unpack_from("!H", wire, 2)[0] & ~RD | query.flags & RD
    return (struct.pack("!HH", query.id, flags) + wire[4:12] + query.qname
            + wire[12 + len(query.qname):])


def fit(wire, query):
    """Cut a UDP reply that is larger than the asker takes down to an empty one with TC."""
    limit = max(512, query.edns["size"]) if query.edns else 512
    if query.proto != "udp" or len(wire) <= limit:
        return wire
    return truncated(wire, query)


def truncated(wire, query):
    flags = struct.unpack_from("!H", wire, 2)[0] | TC
    question = wire[12:12 + len(query.qname) + 4]
    opt = opt_record() if query.edns is not None else b""
    return (wire[:2] + struct.pack("!5H", flags, 1, 0, 0, 1 if opt else 0) + question + opt)
