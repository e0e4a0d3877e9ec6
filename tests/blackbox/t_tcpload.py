# SPDX-License-Identifier: MIT
"""Test 18: TCP clients that sit, crawl, or never read."""

import select
import time

import client
from case import case
from probe import Probe

IDLE, CRAWLING, DEAF = 500, 200, 50


@case("18", "tcp-crowd", group="stress", limit=110, alone=True, slack=16.0)
def tcp_crowd(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "www A 192.0.2.1\n" + "\n".join(
        f"big TXT \"{i} {'x' * 200}\"" for i in range(80)))
    t.start()
    t.ask("big.example.com", "TXT", proto="tcp")
    probe = Probe(seconds=12, rate=100)
    began = time.monotonic()
    crowd = [open_from(i) for i in range(IDLE + CRAWLING + DEAF)]
    crawling, deaf = crowd[IDLE:IDLE + CRAWLING], crowd[IDLE + CRAWLING:]
    shout(deaf)
    worst, lost = newcomers(t, crawling, 10)
    t.equal("new TCP client lost", lost, 0)
    t.below("new TCP client", worst, 0.100)
    figures = probe.result()
    t.equal("UDP lost", figures["sent"] - figures["ok"], 0)
    t.below("UDP p99", figures["p99"], 0.005, control=figures["machine"])
    t.at_most("idle closed after s", all_closed(crowd[:IDLE], began),
              20 if t.peer == "rootwalkd" else 45)
    for sock in crowd:
        if sock:
            sock.close()


def open_from(i):
    """A connection from one of 75 addresses: ten each."""
    try:
        return client.tcp_socket(source=f"10.53.10.{100 + i % 75}", timeout=2)
    except OSError:
        return None


def shout(socks):
    """Ask for big answers as long as the other side takes questions, and read nothing."""
    burst = b"".join(client.frame(client.query("big.example.com", "TXT")) for _ in range(200))
    for sock in filter(None, socks):
        sock.setblocking(False)
        for _ in range(20):
            try:
                sock.send(burst)
            except OSError:
                break


def newcomers(t, crawling, seconds):
    """Once a second: a byte on each crawling connection, then a new client's question."""
    message = client.frame(client.query("www.example.com"))
    worst = lost = 0
    for tick in range(seconds):
        for sock in filter(None, crawling):
            try:
                sock.send(message[tick:tick + 1])
            except OSError:
                pass
        answer = t.ask("www.example.com", proto="tcp", timeout=3)
        lost += answer.rcode != "NOERROR"
        worst = max(worst, answer.seconds)
        time.sleep(0.9)
    return worst, lost


def all_closed(socks, began, limit=60):
    """Seconds from `began` until the other side has closed every one."""
    waiting = {sock.fileno(): sock for sock in socks if sock}
    poller = select.poll()
    for number in waiting:
        poller.register(number, select.POLLIN | select.POLLHUP | select.POLLERR)
    while waiting and time.monotonic() - began < limit:
        for number, _ in poller.poll(200):
            poller.unregister(number)
            waiting.pop(number, None)
    return time.monotonic() - began if not waiting else None
