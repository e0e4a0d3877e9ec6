#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Asks names at a steady pace and measures each reply's time, in a process of its own.

    probe.py SERVER SECONDS RATE TIMEOUT NAME...

Prints one JSON object: sent, ok, p50, p99, worst, and machine, the p99 of an echo that is asked in
turn with the server (machine.py); times in seconds. Its own process, so that what the
test's threads do does not show up as the resolver's latency.
"""

import json
import subprocess
import sys
import time

import client
from machine import Echo


class Probe:
    """Runs this file in the background; result() waits for the figures."""

    def __init__(self, seconds, rate=200, names=("control.ctl",), timeout=1.0,
                 server=client.RESOLVER):
        self.seconds = seconds
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-B", __file__, server, str(seconds), str(rate), str(timeout),
             *names], stdout=subprocess.PIPE)

    def result(self):
        out, _ = self.process.communicate(timeout=self.seconds + 20)
        return json.loads(out)


def summary(times, echoes, sent, ok):
    times.sort()
    echoes.sort()
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))] if times else None
    return {"sent": sent, "ok": ok, "p50": at(0.5), "p99": at(0.99),
            "worst": times[-1] if times else None,
            "machine": echoes[min(len(echoes) - 1, int(len(echoes) * 0.99))] if echoes else None}


def probe(server, seconds, rate, timeout, names):
    times, echoes, ok, sent = [], [], 0, 0
    wires = [client.query(name) for name in names]
    with Echo() as echo, client.udp_socket(server=server) as sock:
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            time.sleep(max(0, start + sent / rate - time.monotonic()))
            good, took = exchange(sock, wires[sent % len(wires)], sent & 0xFFFF, timeout)
            sent += 1
            ok += good
            times.append(took)
            echoes.append(echo.ask())
    return summary(times, echoes, sent, ok)


def exchange(sock, wire, ident, timeout):
    """One question; whether NOERROR with an answer came back, and after how long."""
    head = ident.to_bytes(2, "big")
    began = time.monotonic()
    sock.send(head + wire[2:])
    sock.settimeout(timeout)
    try:
        while True:
            data = sock.recv(4096)
            if data[:2] == head:
                good = data[3] & 15 == 0 and data[6:8] != b"\0\0"
                return good, time.monotonic() - began
    except OSError:
        return False, timeout


if __name__ == "__main__":
    print(json.dumps(probe(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]),
                           float(sys.argv[4]), sys.argv[5:])))
