#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Asks a few names again and again, a bounded number at a time, and counts what comes back.

    steady.py SERVER SECONDS NAME=ADDRESS[/ADDRESS...]...

Every question has its own id and is asked once: whatever is not answered is lost. An answer is
wrong that is not NOERROR with one of the addresses. Prints JSON: asked, lost, wrong (with one
example), rate.
"""

import json
import select
import socket
import struct
import subprocess
import sys
import time

import client

WINDOW = 64     # few enough that no socket buffer overflows
PATIENCE = 10   # seconds for one answer, on whatever machine


class Steady:
    """Runs this file in the background; result() waits for the figures."""

    def __init__(self, seconds, names, server=client.RESOLVER):
        self.seconds = seconds
        wanted = [f"{name}={'/'.join(addresses)}" for name, addresses in names.items()]
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-B", __file__, server, str(seconds), *wanted],
            stdout=subprocess.PIPE)

    def result(self):
        out, _ = self.process.communicate(timeout=self.seconds + 10 * PATIENCE)
        return json.loads(out)


class Asker:
    def __init__(self, server, names):
        self.sock = client.udp_socket(server=server)
        self.sock.setblocking(False)
        self.names = names
        self.waiting, self.count, self.wrong, self.example = {}, 0, 0, ""

    def ask(self):
        ident = self.count & 0xFFFF
        name, addresses = self.names[self.count % len(self.names)]
        if ident in self.waiting:
            return False
        self.sock.send(client.query(name, ident=ident))
        self.waiting[ident] = (name, addresses, time.monotonic())
        self.count += 1
        return True

    def read(self):
        while True:
            try:
                data = self.sock.recv(4096)
            except BlockingIOError:
                return
            self.judge(data)

    def judge(self, data):
        asked = self.waiting.pop(struct.unpack("!H", data[:2])[0], None)
        if asked and (data[3] & 15 or not any(address in data for address in asked[1])):
            self.wrong += 1
            self.example = f"{asked[0]} rcode {data[3] & 15}"


def main(server, seconds, wanted):
    names = []
    for text in wanted:
        name, _, addresses = text.partition("=")
        names.append((name, [socket.inet_aton(a) for a in addresses.split("/")]))
    asker = Asker(server, names)
    begin = time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        while len(asker.waiting) < WINDOW and asker.ask():
            pass
        select.select([asker.sock], [], [], 0.05)
        asker.read()
    while asker.waiting and time.monotonic() < now + PATIENCE:
        select.select([asker.sock], [], [], 0.05)
        asker.read()
    return {"asked": asker.count, "lost": len(asker.waiting), "wrong": asker.wrong,
            "example": asker.example, "rate": asker.count / seconds}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])))
