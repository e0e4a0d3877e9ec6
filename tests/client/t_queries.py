# SPDX-License-Identifier: MIT
"""What +trace sends, by capture: nothing to the system's resolver, and no more than the daemon."""

import re
import socket
import struct
import time

import rig

OUTGOING = 4  # packet(7): sent by this host
ALL = 3       # ETH_P_ALL, in network order below


class Sniffer:
    """Destinations of the queries that leave through the loopback."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL))
        self.socket.bind(("lo", ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.setblocking(False)
        self.strangers = []  # whatever left that is no part of a talk with the lab

    def read(self):
        """(address, whether it is a query for port 53) of all packets so far."""
        found = []
        while True:
            try:
                packet, source = self.socket.recvfrom(65535)
            except BlockingIOError:
                return found
            if source[2] != OUTGOING:
                continue
            ends = [socket.inet_ntoa(packet[at:at + 4]) for at in (12, 16)]
            if packet[0] != 0x45 or not any(end.startswith("127.10.") for end in ends):
                self.strangers.append(packet.hex())
            if packet[0] == 0x45 and packet[9] == 17:
                if struct.unpack("!H", packet[22:24])[0] == 53:
                    found.append(socket.inet_ntoa(packet[16:20]))


def beyond(lab, tally, sniffer, name):
    """+allns and +cache ask more, and say how much."""
    ran = rig.rootwalk(["+trace", "+allns", "--hints", lab.hints, name])
    sent = sniffer.read()
    walk, more = (int(re.search(text, ran.out)[1]) for text in
                  (r"= (\d+) quer", r"and beyond the walk (\d+) quer"))
    tally.equal(len(sent), walk + more, f"+trace +allns {name}: queries sent and told")


def run(lab, tally):
    sniffer = Sniffer()
    beyond(lab, tally, sniffer, "www.shop.example")  # its servers are looked up
    for name in ("www.good.test", "alias.good.test", "www.sub.good.test", "nope.other.test"):
        sniffer.read()
        ran = rig.rootwalk(["+trace", "--hints", lab.hints, name])
        sent = sniffer.read()
        told = int(re.search(r"= (\d+) quer", ran.line("cost"))[1])
        tally.equal(len(sent), told, f"+trace {name}: queries sent and told")
        tally.check(sent and all(a.startswith("127.10.") for a in sent),
                    f"+trace {name}: servers of the lab only", str(sent))
        tally.equal(sniffer.strangers, [], f"+trace {name}: not a packet to anybody else")
        beyond(lab, tally, sniffer, name)
        lab.resolver()
        rig.dig(["@127.0.0.1", name])
        time.sleep(0.2)
        daemon = [a for a in sniffer.read() if a.startswith("127.10.")]
        tally.check(len(sent) <= len(daemon), f"+trace {name}: no more than the daemon",
                    f"{sent} and {daemon}")
        sniffer.strangers.clear()
    lab.end_resolver()
