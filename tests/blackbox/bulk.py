# SPDX-License-Identifier: MIT
"""Many questions, a bounded number of them in flight, from one socket."""

import select
import time

import client


def ask_all(names, qtype="A", window=100, timeout=5.0):
    """Ask every name once; returns how many were answered NOERROR with data."""
    waiting, good, queue = {}, 0, iter(names)
    with client.udp_socket() as sock:
        sock.setblocking(False)
        ident, more = 0, True
        while more or waiting:
            while more and len(waiting) < window:
                name = next(queue, None)
                more = name is not None
                if more:
                    ident = (ident + 1) & 0xFFFF
                    sock.send(client.query(name, qtype, ident=ident, edns=1232))
                    waiting[ident] = time.monotonic()
            good += collect(sock, waiting)
            expire(waiting, timeout)
    return good


def collect(sock, waiting):
    if not select.select([sock], [], [], 0.1)[0]:
        return 0
    good = 0
    while True:
        try:
            data = sock.recv(4096)
        except OSError:
            return good
        if waiting.pop(int.from_bytes(data[:2], "big"), None) is not None:
            good += data[3] & 15 == 0 and data[6:8] != b"\0\0"


def expire(waiting, timeout):
    if not waiting:
        return
    ident, began = next(iter(waiting.items()))
    if time.monotonic() - began > timeout:
        del waiting[ident]
