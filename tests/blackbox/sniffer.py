# SPDX-License-Identifier: MIT
"""Counts TCP connection attempts on the loopback device, also those nobody listens for."""

import socket
import struct
import threading
from collections import Counter

OUTGOING = 4  # PACKET_OUTGOING: the loopback device shows every packet twice


class SynCounter:
    """attempts[(destination, port)] and sources[...] of packets with SYN and without ACK.

    A SYN sent again by the kernel has the same source port and counts once.
    """

    def __init__(self):
        self.seen = set()
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        self.sock.bind(("lo", 0x0800))
        self.sock.settimeout(0.2)
        self.stopped = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopped:
            try:
                data, where = self.sock.recvfrom(256)
            except socket.timeout:
                continue
            if where[2] != OUTGOING and len(data) > 20 and data[9] == socket.IPPROTO_TCP:
                self.segment(data)

    def segment(self, data):
        head = (data[0] & 15) * 4
        source, port = struct.unpack_from("!2H", data, head)
        if data[head + 13] & 0x12 == 0x02:
            self.seen.add((socket.inet_ntoa(data[16:20]), port, source))

    def attempts(self, port=53):
        return Counter(address for address, p, _ in self.seen if p == port)

    def stop(self):
        self.stopped = True
        self.thread.join(2)
        self.sock.close()
