#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A grammar of malformed queries, and a process that sends many of them.

    garbage.py COUNT       prints one JSON object: sent, replies per shape and rcode, control

After every BATCH datagrams the control client asks one good question on another socket: it
must be answered, and by then the batch has been read, so nothing is lost in the queue.
"""

import collections
import json
import random
import struct
import sys
import time

import client

BATCH = 64
OPT = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)


def head(qd=1, an=0, ns=0, ar=0, flags=0x0100):
    return struct.pack("!6H", random.getrandbits(16), flags, qd, an, ns, ar)


def question(name="hot1.ctl"):
    return client.wire_name(name) + struct.pack("!2H", 1, 1)


def pointer(offset):
    return struct.pack("!H", 0xC000 | offset)


def tsig():
    rdata = b"\0" + struct.pack("!HIHHHHH", 0, 1, 300, 0, 0, 0, 0)
    return b"\0" + struct.pack("!HHIH", 250, 255, 0, len(rdata)) + rdata


def pointer_loop():
    return head() + pointer(12) + struct.pack("!2H", 1, 1)


def pointer_loop_two():
    return head() + b"\1a" + pointer(16) + pointer(12) + struct.pack("!2H", 1, 1)


def forward_pointer():
    return head() + b"\1a" + pointer(20) + struct.pack("!2H", 1, 1) + b"\0\0\0\3ctl\0"


def huge_counts():
    which = random.randrange(4)
    counts = [1, 0, 0, 0]
    counts[which] = 65535
    return head(*counts) + question()


def two_opt():
    return head(ar=2) + question() + OPT + OPT


def many_tsig():
    return head(ar=42) + question() + tsig() * 42


def no_question():
    return head(qd=0) + (question() if random.random() < 0.5 else b"")


def two_questions():
    return head(qd=2) + question() + question("hot2.ctl")


def bare_header():
    return head()


def empty():
    return b""


def short():
    return head()[:random.randrange(1, 12)]


def cut_off():
    full = head(ar=1) + question() + OPT
    return full[:random.randrange(13, len(full) - 1)]


def long_label():
    return head() + b"\x40" + b"a" * 64 + b"\0" + struct.pack("!2H", 1, 1)


def long_name():
    return head() + b"\x3f" + (b"a" * 63 + b"\x3f") * 4 + b"a" * 63 + b"\0\0\1\0\1"


def trailing():
    return head() + question() + random.randbytes(random.randrange(1, 40))


def response():
    return head(flags=0x8180) + question()


def response_garbage():
    return head(flags=0x8000 | random.getrandbits(15)) + random.randbytes(40)


def opt_overrun():
    return head(ar=1) + question() + OPT[:-2] + struct.pack("!H", 300) + b"\0\3\0\0"


SILENT = (response, response_garbage, empty, short)
MALFORMED = (pointer_loop, pointer_loop_two, forward_pointer, huge_counts, two_opt, many_tsig,
             no_question, two_questions, bare_header, cut_off, long_label, long_name, trailing,
             opt_overrun)


class Stream:
    """One shape, its packets made beforehand, its socket, and the replies it drew."""

    def __init__(self, shape):
        self.shape = shape
        self.packets = [shape() for _ in range(200)]
        self.replies = collections.Counter()
        self.sock = client.udp_socket()
        self.sock.setblocking(False)

    def send(self, index):
        try:
            self.sock.send(self.packets[index % len(self.packets)])
        except OSError:
            pass

    def drain(self):
        while True:
            try:
                data = self.sock.recv(4096)
            except OSError:
                return
            self.replies[data[3] & 15 if len(data) > 3 else -1] += 1


def flood(count):
    streams = [Stream(shape) for shape in MALFORMED + SILENT]
    control = client.udp_socket()
    control.settimeout(1.0)
    asked = answered = sent = 0
    began = time.monotonic()
    while sent < count:
        for _ in range(BATCH):
            streams[sent % len(streams)].send(sent // len(streams))
            sent += 1
        asked += 1
        answered += asks(control, asked)
        if asked % 4 == 0:
            for stream in streams:
                stream.drain()
    time.sleep(0.2)
    for stream in streams:
        stream.drain()
    return {"sent": sent, "seconds": time.monotonic() - began, "asked": asked,
            "answered": answered,
            "malformed": tally(streams, MALFORMED), "silent": tally(streams, SILENT)}


def tally(streams, shapes):
    return {s.shape.__name__: dict(s.replies) for s in streams if s.shape in shapes}


def asks(control, number):
    ident = number & 0xFFFF
    wire = client.query("control.ctl", ident=ident)
    control.send(wire)
    try:
        while True:
            data = control.recv(4096)
            if data[:2] == wire[:2]:
                return data[3] & 15 == 0
    except OSError:
        return False


if __name__ == "__main__":
    print(json.dumps(flood(int(sys.argv[1]))))
