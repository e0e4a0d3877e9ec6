# SPDX-License-Identifier: MIT
"""Servers that lie at random: no mode crashes, hangs or writes a control byte.

HOSTILE=N runs N rounds instead of 6; each round has a seed of its own, named when it fails.
"""

import os
import pathlib
import random
import socket
import struct
import subprocess
import threading

import rig

ADDRESS = "127.10.8.1"
TYPES = [1, 2, 5, 6, 12, 13, 15, 16, 17, 24, 25, 28, 29, 33, 35, 37, 39, 41, 42, 43, 44, 45, 46, 47,
         48, 50, 51, 52, 55, 59, 60, 61, 62, 64, 65, 99, 104, 108, 250, 256, 257, 65280]
MODES = [[], ["+trace"], ["+trace", "+allns", "+cache=@" + ADDRESS], ["+prop", "@" + ADDRESS],
         ["+check"], ["+wire"], ["+multiline", "+dnssec"], ["+json"], ["+trace", "+json"],
         ["+short"], ["+tcp", "+wire"], ["+wire", "+json"], ["+check", "+json"],
         ["+trace", "+allns", "+cache=@" + ADDRESS, "+json"], ["+nssearch"], ["+nssearch", "+json"],
         ["+trace", "+allns", "+cache=@" + ADDRESS, "+short"], ["+prop", "+json", "@" + ADDRESS],
         ["+qr", "+idnout", "+expandaaaa", "+ttlunits"], ["+header-only", "+tries=1", "+time=1"],
         ["+dns64prefix"], ["+showsearch", "+domain=test", "+cookie"], ["+short", "+identify"]]


def question_end(query):
    """Labels may hold any byte, zero too."""
    at = 12
    while query[at]:
        at += 1 + query[at]
    return at + 5


class Liar(threading.Thread):
    """Answers every query over UDP and TCP with something made of dice."""

    def __init__(self, seed):
        super().__init__(daemon=True)
        self.dice = random.Random(seed)
        self.sent = 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((ADDRESS, 53))
        self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((ADDRESS, 53))
        self.tcp.listen(64)
        threading.Thread(target=self.serve_tcp, daemon=True).start()

    def close(self):
        for sock in (self.udp, self.tcp):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def name(self, zone):
        kind = self.dice.randrange(6)
        if kind == 0:
            return b"\xc0\x0c"
        if kind == 1:
            return b"\x05" + self.dice.randbytes(5) + b"\xc0\x0c"
        if kind == 2:
            return b"\0"
        if kind == 3:
            return zone
        if kind == 4:
            return b"\x04ns\x1b[" + zone
        return b"".join(bytes([n]) + self.dice.randbytes(n)
                        for n in (self.dice.randrange(1, 64) for _ in range(3))) + b"\0"

    def rdata(self, kind, zone):
        name = self.name(zone)
        forms = {1: lambda: socket.inet_aton(ADDRESS), 28: lambda: self.dice.randbytes(16),
                 6: lambda: name + self.name(zone) + self.dice.randbytes(20),
                 15: lambda: self.dice.randbytes(2) + name,
                 16: lambda: b"\x05\x1b[2J\x07", 46: lambda: self.dice.randbytes(18) + name,
                 257: lambda: b"\0\x05issue\x1b]0;x\x07",
                 64: lambda: b"\0\x01" + name + b"\0\x01\0\x04\x03\x1b[J"}
        if kind in (2, 5, 12, 39):
            return name
        if kind in forms and self.dice.random() < 0.8:
            return forms[kind]()
        return self.dice.randbytes(self.dice.randrange(0, 90))

    def record(self, owner, zone):
        kind = self.dice.choice([1, 2, 5, 6] if self.dice.random() < 0.5 else TYPES)
        data = self.rdata(kind, zone)
        return owner + struct.pack("!HHIH", kind, self.dice.choice([1, 1, 1, 3]),
                                   self.dice.choice([0, 60, 2 ** 32 - 1]), len(data)) + data

    def reply(self, query, tcp=False):
        del tcp
        end = question_end(query)
        flags = self.dice.choice([0x8400, 0x8400, 0x8000, 0x8403, 0x8402, 0x8405, 0x8600, 0x8180])
        counts = [self.dice.choice([0, 0, 1, 2, 9]) for _ in range(3)]
        zone = query[12:end - 4]
        body = query[:2] + struct.pack("!H", flags) + b"\0\x01"
        body += struct.pack("!HHH", *counts) + query[12:end]
        for _ in range(sum(counts)):
            body += self.record(self.dice.choice([b"\xc0\x0c", b"\xc0\x0c", self.name(zone)]), zone)
        if self.dice.random() < 0.2:
            body = bytearray(body)
            for _ in range(4):
                body[self.dice.randrange(end, len(body) + 1) - 1] = self.dice.randrange(256)
        return bytes(body)[:65535]

    def run(self):
        while True:
            try:
                query, source = self.udp.recvfrom(4096)
                self.udp.sendto(self.reply(query)[:60000], source)
                self.sent += 1
            except (OSError, ValueError, IndexError):
                if self.udp.fileno() < 0:
                    return

    def serve_tcp(self):
        while True:
            try:
                sock, _ = self.tcp.accept()
            except OSError:
                return
            with sock:
                try:
                    sock.settimeout(2)
                    size = struct.unpack("!H", sock.recv(2))[0]
                    reply = self.reply(sock.recv(size), True)
                    sock.sendall(struct.pack("!H", len(reply)) + reply)
                except (OSError, ValueError, IndexError, struct.error):
                    pass


class Flood(Liar):
    """Over TCP all that fits into a message, and every byte of it is meant for terminals."""

    DIRT = b"\x1b[2J\x07\x9b\x7f\x00"

    def data(self, kind, number):
        if kind in (2, 5):
            return b"\x08" + self.DIRT + b"\x02%02d" % (number % 100) + b"\0"
        if kind == 1:
            return b"\x7f\x0a\x08" + bytes([number % 250])
        return (b"\xff" + self.DIRT * 31 + b"%07d" % number) * (8 if kind == 16 else 1)

    def reply(self, query, tcp=False):
        end = question_end(query)
        if not tcp:
            return query[:2] + b"\x86\0\0\1" + bytes(6) + query[12:end]
        kind = struct.unpack("!H", query[end - 4:end - 2])[0]
        kind, body, count = 16 if kind == 255 else kind, b"", 0
        while len(body) < 60000:
            data = self.data(kind, count)
            body += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
            count += 1
        return query[:2] + b"\x84\0\0\1" + struct.pack("!HHH", count, 0, 0) + query[12:end] + body


def clean(raw):
    """No control byte but the ends of lines and dig's tabs; ASCII."""
    return all(byte in (9, 10) or 32 <= byte < 127 for byte in raw)


def one_round(tally, seed, hints, kind):
    liar = Flood(seed) if seed < 0 else Liar(seed)
    liar.start()
    for mode in MODES:
        words = mode + ["--hints", hints, "www.liar.test", kind]
        if mode[0:1] not in (["+trace"], ["+prop"], ["+check"], ["+nssearch"]):
            words.append("@" + ADDRESS)
        label = f"hostile, seed {seed}: {' '.join(mode)}"
        try:
            ran = rig.Ran([rig.ROOTWALK, "+time=3"] + words, binary=True)
        except subprocess.TimeoutExpired:
            tally.check(False, f"{label}: hangs")
            continue
        tally.check(0 <= ran.code <= 10, f"{label}: exit code {ran.code}", ran.err[-2000:])
        tally.check(clean(ran.raw) and clean(ran.err.encode()), f"{label}: control bytes",
                    repr(ran.raw[:400]))
    tally.check(liar.is_alive() and liar.sent > 20, f"hostile, seed {seed}: it was asked",
                str(liar.sent))
    liar.close()
    liar.join(5)


def run(lab, tally):
    hints = lab.folder + "/liar.hints"
    pathlib.Path(hints).write_text(f". 3600 IN NS a.liar.\na.liar. 3600 IN A {ADDRESS}\n",
                                   encoding="ascii")
    for seed in range(int(os.environ.get("HOSTILE", "6"))):
        kind = random.Random(seed).choice(["a", "any", "txt", "ns"])
        one_round(tally, seed, hints, kind)
    for seed, kind in ((-1, "txt"), (-2, "ns")):
        one_round(tally, seed, hints, kind)
