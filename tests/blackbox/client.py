# SPDX-License-Identifier: MIT
"""The test's own DNS client: one question over UDP or TCP, raw bytes, many at once."""

import random
import socket
import struct
import time

import dns.edns
import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

RESOLVER = "10.53.10.1"
CLIENT = "10.53.10.2"
TCP_READ = 65535


class Answer:
    """A reply, or the lack of one: rcode is TIMEOUT, CLOSED or BADREPLY then."""

    def __init__(self, wire, seconds, why="TIMEOUT"):
        self.wire, self.seconds, self.message = wire, seconds, None
        self.rcode = why
        if wire is None:
            return
        try:
            self.message = dns.message.from_wire(wire, one_rr_per_rrset=False)
            self.rcode = dns.rcode.to_text(self.message.rcode())
        except (dns.exception.DNSException, ValueError) as error:
            self.rcode = unparsed(wire, error)

    def __bool__(self):
        return self.message is not None

    @property
    def size(self):
        return len(self.wire) if self.wire else 0

    @property
    def id(self):
        return struct.unpack("!H", self.wire[:2])[0] if self.wire else None

    @property
    def flags(self):
        return struct.unpack("!H", self.wire[2:4])[0] if self.wire else 0

    @property
    def tc(self):
        return bool(self.flags & 0x0200)

    @property
    def question(self):
        """The question's name as bytes, in the letter case of the wire."""
        end = self.wire.index(b"\0", 12) if self.wire and len(self.wire) > 12 else 12
        return self.wire[12:end + 1] if self.wire else b""

    def sets(self, qtype=None):
        if not self.message:
            return []
        return [s for s in self.message.answer
                if qtype is None or s.rdtype == dns.rdatatype.from_text(qtype)]

    def data(self, qtype="A"):
        """The record data of one type in the answer section, sorted, as text."""
        return sorted(rdata.to_text() for s in self.sets(qtype) for rdata in s)

    def ttl(self, qtype="A"):
        found = self.sets(qtype)
        return found[0].ttl if found else None

    @property
    def ede(self):
        """Extended error codes (RFC 8914), in order."""
        if not self.message:
            return []
        return [int(option.code) for option in self.message.options
                if isinstance(option, dns.edns.EDEOption)]

    @property
    def ede_text(self):
        return "; ".join(option.text or "" for option in (self.message.options if self else [])
                         if isinstance(option, dns.edns.EDEOption))


def unparsed(wire, error):
    """Replies of other opcodes have other sections: there the header's rcode will do."""
    if len(wire) >= 12 and wire[2] >> 3 & 15:
        return dns.rcode.to_text(wire[3] & 15)
    return f"BADREPLY({type(error).__name__})"


def wire_name(name):
    """Text to wire, keeping letter case; names here need no escapes."""
    labels = [label for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in labels) + b"\0"


def query(name, qtype="A", edns=1232, do=False, cd=False, rd=True, version=0, ident=None,
          opcode=0, options=b""):
    """The wire form of a query; edns=None leaves out the OPT record."""
    ident = random.getrandbits(16) if ident is None else ident
    number = qtype if isinstance(qtype, int) else dns.rdatatype.from_text(qtype)
    flags = opcode << 11 | (0x0100 if rd else 0) | (0x0010 if cd else 0)
    head = struct.pack("!6H", ident, flags, 1, 0, 0, 0 if edns is None else 1)
    body = head + wire_name(name) + struct.pack("!2H", number, 1)
    if edns is not None:
        body += struct.pack("!BHHBBHH", 0, 41, edns, 0, version, 0x8000 if do else 0,
                            len(options)) + options
    return body


def udp_socket(source=CLIENT, server=RESOLVER, port=53):
    sock = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
    if source:
        sock.bind((source, 0))
    sock.connect((server, port))
    return sock


def tcp_socket(source=CLIENT, server=RESOLVER, port=53, timeout=5):
    sock = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET)
    sock.settimeout(timeout)
    if source:
        sock.bind((source, 0))
    sock.connect((server, port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def send_udp(wire, timeout=15, source=CLIENT, server=RESOLVER, port=53):
    """One datagram, one reply with the same id or a timeout."""
    with udp_socket(source, server, port) as sock:
        start = time.monotonic()
        sock.send(wire)
        while True:
            left = timeout - (time.monotonic() - start)
            if left <= 0:
                return Answer(None, timeout)
            sock.settimeout(left)
            try:
                data = sock.recv(TCP_READ)
            except socket.timeout:
                return Answer(None, timeout)
            except ConnectionRefusedError:
                return Answer(None, time.monotonic() - start, "UNREACHABLE")
            if data[:2] == wire[:2]:
                return Answer(data, time.monotonic() - start)


def read_exact(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise ConnectionResetError("closed")
        data += more
    return data


def read_frame(sock):
    return read_exact(sock, struct.unpack("!H", read_exact(sock, 2))[0])


def frame(wire):
    return struct.pack("!H", len(wire)) + wire


def send_tcp(wire, timeout=15, source=CLIENT, server=RESOLVER, port=53):
    start = time.monotonic()
    try:
        with tcp_socket(source, server, port, timeout) as sock:
            sock.sendall(frame(wire))
            data = read_frame(sock)
            return Answer(data, time.monotonic() - start)
    except socket.timeout:
        return Answer(None, timeout)
    except OSError:
        return Answer(None, time.monotonic() - start, "CLOSED")


def ask(name, qtype="A", proto="udp", timeout=15, source=CLIENT, server=RESOLVER, port=53,
        **rest):
    send = send_tcp if proto == "tcp" else send_udp
    return send(query(name, qtype, **rest), timeout, source, server, port)
