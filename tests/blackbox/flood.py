#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Sends queries for random names below a zone at a steady rate and counts the replies.

    flood.py SERVER ZONE RATE SECONDS
"""

import json
import random
import subprocess
import sys
import time

import client

SOURCES = 20


class Flood:
    """Runs this file in the background; result() waits for the figures."""

    def __init__(self, zone, rate, seconds, server=client.RESOLVER):
        self.seconds = seconds
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-B", __file__, server, zone, str(rate), str(seconds)],
            stdout=subprocess.PIPE)

    def result(self):
        out, _ = self.process.communicate(timeout=self.seconds + 20)
        return json.loads(out)


def drain(sock, seen):
    while True:
        try:
            data = sock.recv(4096)
        except OSError:
            return
        seen[data[3] & 15] = seen.get(data[3] & 15, 0) + 1


def flood(server, zone, rate, seconds):
    socks = [client.udp_socket(source=f"10.53.10.{100 + i}", server=server)
             for i in range(SOURCES)]
    for sock in socks:
        sock.setblocking(False)
    dice, seen, sent = random.Random(), {}, 0
    start = time.monotonic()
    while (now := time.monotonic() - start) < seconds:
        for _ in range(int(now * rate) - sent):
            sock = socks[sent % SOURCES]
            wire = client.query(f"r{dice.getrandbits(60):x}.{zone}")
            try:
                sock.send(wire)
            except OSError:
                pass
            sent += 1
        for sock in socks:
            drain(sock, seen)
        time.sleep(0.005)
    return {"sent": sent, "replies": seen}


if __name__ == "__main__":
    print(json.dumps(flood(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))))
