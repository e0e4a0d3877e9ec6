# SPDX-License-Identifier: MIT
"""+wire, +pcap and -i against NSD: every byte shown once, in 80 columns, and captured soundly."""

import re
import shutil
import struct

import rig

ROW = re.compile(r"^([0-9a-f]{4,})((?: [0-9a-f]{2})+)(?:  |$)")
TYPES = ["a", "aaaa", "mx", "txt", "ns", "soa", "caa", "https", "dnskey", "any"]
NAMES = ["sigs.kinds.test rrsig", "sigs.kinds.test nsec", "signed.kinds.test ds", "svc2.kinds.test svcb",
         "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.kinds.test nsec3", "_sip._udp.kinds.test srv",
         "naptr.kinds.test naptr", "foo.d.kinds.test a", "odd\\032na\\;me.kinds.test a",
         "unknown.kinds.test type65280", "big.kinds.test a", "nosuch.kinds.test a",
         "www.kinds.test a +nsid +cookie +subnet=192.0.2.0/24 +padding=64 +do"]


def rows(text):
    """The bytes of each message that the text shows, put together."""
    messages = []
    for line in text.splitlines():
        row = ROW.match(line)
        if row:
            offset, data = int(row[1], 16), bytes.fromhex(row[2].replace(" ", ""))
            if offset == 0:
                messages.append(b"")
            if offset != len(messages[-1]):
                return None
            messages[-1] += data
    return messages


def folded(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[:len(data) & ~1]))
    total += data[-1] << 8 if len(data) % 2 else 0
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def packets(path):
    """Packets of a classic capture of raw IP; the checks an analyser would make."""
    with open(path, "rb") as file:
        data = file.read()
    magic, _, _, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
    found, at = [], 24
    while at < len(data):
        size, length = struct.unpack("<II", data[at + 8:at + 16])
        found.append(data[at + 16:at + 16 + size])
        at += 16 + length
    return magic == 0xa1b2c3d4 and link == 101, found


def sound(packet):
    """IPv4 with true lengths and checksums, of the header and of what it carries."""
    proto, length = packet[9], struct.unpack("!H", packet[2:4])[0]
    rest = packet[20:]
    pseudo = packet[12:20] + struct.pack("!BBH", 0, proto, len(rest))
    return length == len(packet) and folded(packet[:20]) == 0xffff and \
        folded(pseudo + rest) == 0xffff


def analyser(tally, path, label, count):
    """What Wireshark's own reader says of it, where that is installed."""
    if not shutil.which("tshark"):
        return
    read = rig.Ran(["tshark", "-r", path, "-T", "fields", "-e", "dns.id", "-e", "_ws.expert.message",
                    "-e", "_ws.malformed"])
    rows_read = [line.split("\t") for line in read.out.splitlines()]
    tally.check(read.code == 0 and len(rows_read) == count
                and all(row[0] and not any(row[1:]) for row in rows_read),
                f"{label}: tshark opens it without complaint", read.out + read.err)


def capture(lab, tally, words, count):
    path = lab.folder + "/test.pcap"
    shown = rig.rootwalk(["+wire", "@" + rig.KINDS, "+pcap=" + path] + words)
    known, found = packets(path)
    label = f"+pcap {' '.join(words)}"
    tally.check(known, f"{label}: raw IP")
    tally.equal(len(found), count, f"{label}: packets")
    tally.check(all(map(sound, found)), f"{label}: lengths and checksums")
    analyser(tally, path, label, count)
    again = rig.rootwalk(["+wire", "-i", path])
    tally.equal(again.code, 0, f"{label}: -i reads it")
    tally.equal(rows(again.out), rows(shown.out), f"{label}: -i shows the same bytes")


def run(lab, tally):
    for words in [f"kinds.test {kind}" for kind in TYPES] + NAMES:
        ran = rig.rootwalk(["+wire", "@" + rig.KINDS] + words.split())
        tally.equal(ran.code, 0, f"+wire {words}: exit code")
        messages = rows(ran.out)
        sizes = [int(size) for size in re.findall(r"^(?:query|reply), (\d+) bytes", ran.out, re.M)]
        tally.check(messages and [len(m) for m in messages] == sizes and len(sizes) == 2,
                    f"+wire {words}: every byte once", str(sizes))
        tally.equal(ran.out.count("nothing left over"), 2, f"+wire {words}: all understood")
        tally.check(max(map(len, ran.out.splitlines())) <= 80, f"+wire {words}: 80 columns")
        tally.check(not re.search(r" $", ran.out, re.M), f"+wire {words}: no blanks at ends")
    capture(lab, tally, ["www.kinds.test"], 2)
    capture(lab, tally, ["+tcp", "kinds.test", "any"], 2)
    capture(lab, tally, ["www.kinds.test", "kinds.test", "mx"], 4)
    missing = rig.rootwalk(["-i", lab.folder + "/nothing"])
    tally.equal(missing.code, 8, "-i without a file: exit code")
    refused = rig.rootwalk(["+pcap=/nonexistent/x", "@" + rig.KINDS, "www.kinds.test"])
    tally.equal(refused.code, 1, "+pcap where nothing can be written: exit code")
