# SPDX-License-Identifier: MIT
"""Test 10: a server that always truncates, and whose TCP does not work."""

import threading

from case import case
from lab import faults
from probe import Probe
from sniffer import SynCounter

MODES = {"refuse": ("10.53.5.1", "10.53.5.2"), "stall": ("10.53.5.3", "10.53.5.4"),
         "trickle": ("10.53.5.5", "10.53.5.6")}


def build(t):
    t.net.zone("com.", "10.53.1.1")
    for mode, addresses in MODES.items():
        t.net.zone(f"{mode}.com.", list(addresses), "www A 192.0.2.1")
        for address in addresses:
            t.net.server(address).tcp = mode
            t.net.server(address).faults.append(faults.truncate())


@case("10", "truncated-forever", limit=50, alone=True)
def truncated_forever(t):
    build(t)
    t.start()
    sniffer = SynCounter()
    probe = Probe(seconds=11, rate=200)
    answers = {}
    asking = [threading.Thread(target=lambda m=mode: answers.update(
        {m: t.ask(f"www.{m}.com", timeout=12)})) for mode in MODES]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    figures = probe.result()
    attempts = sniffer.attempts()
    sniffer.stop()
    for mode, addresses in MODES.items():
        t.equal(mode, answers[mode].rcode, "SERVFAIL")
        t.below(f"{mode} t", answers[mode].seconds, 10.0)
        t.at_most(f"{mode} TCP each", max(attempts[a] for a in addresses), 2)
    t.at_least("TCP tried", sum(attempts.values()), 3)
    t.equal("hits lost", figures["sent"] - figures["ok"], 0)
    t.below("hit p99", figures["p99"], 0.005, control=figures["machine"])
