# SPDX-License-Identifier: MIT
"""Tests 11 and 12: packets no honest client sends."""

import json
import os
import struct
import subprocess

import client
import garbage
from case import case

DATAGRAMS = int(os.environ.get("DATAGRAMS", "1000000"))
FORMERR = "1"


@case("11", "garbage", limit=120)
def garbage_flood(t):
    t.start()
    before = t.resolver.rss()
    out = subprocess.run(["/usr/bin/python3", "-B", garbage.__file__, str(DATAGRAMS)],
                         stdout=subprocess.PIPE, check=True, timeout=100).stdout
    result = json.loads(out)
    t.at_least("datagrams", result["sent"], DATAGRAMS)
    t.equal("replies to QR=1, empty, short", sum(
        sum(r.values()) for r in result["silent"].values()), 0)
    wrong = [f"{shape}:{replies}" for shape, replies in result["malformed"].items()
             if set(replies) - {FORMERR}]
    t.equal("other than FORMERR or none", wrong, [])
    t.equal("control lost", result["asked"] - result["answered"], 0)
    t.check("rss growth MB", t.resolver.rss() - before, True, "see after")
    t.check("rate/s", int(result["sent"] / result["seconds"]), True, "info")


def chain_message():
    """65,532 bytes: a question, then a record holding 8177 pointers each to the one before,
    then records whose owner is the last of them."""
    start = client.query("x.ctl", edns=None)
    top = len(start) + 11
    hops = (16383 - top) // 2
    links = b"\0" + b"".join(
        struct.pack("!H", 0xC000 | (top if i == 0 else top + 1 + 2 * (i - 1)))
        for i in range(hops))
    last = top + 1 + 2 * (hops - 1)
    body = start[:12] + start[12:] + b"\0" + struct.pack("!HHIH", 65280, 1, 0, len(links)) + links
    record = struct.pack("!H", 0xC000 | last) + struct.pack("!HHIH", 65281, 1, 0, 0)
    count = (65532 - len(body)) // len(record)
    body += record * count
    return body[:10] + struct.pack("!H", 1 + count) + body[12:], hops


@case("12", "compression-chain")
def compression_chain(t):
    t.start()
    message, hops = chain_message()
    t.at_least("hops", hops, 8150)
    client.send_tcp(message, timeout=3)
    before = t.resolver.cpu()
    replies = [client.send_tcp(message, timeout=3) for _ in range(100)]
    spent = (t.resolver.cpu() - before) / 100
    t.below("CPU each", spent, 0.001)
    t.equal("hung", sum(r.rcode == "TIMEOUT" for r in replies), 0)
    t.equal("answered otherwise than FORMERR", sorted(
        {r.flags & 15 for r in replies if r.wire} - {1}), [])
