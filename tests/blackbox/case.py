# SPDX-License-Identifier: MIT
"""A test case: its registration, the figures it measures, and the verdict."""

import time
from collections import namedtuple

import client
import rig
from lab.internet import Internet

Entry = namedtuple("Entry", "number name function group limit alone peers slack")
REGISTRY = {}


def case(number, name, group="resolve", limit=40, alone=False, peers=True, slack=2.0):
    """Register a test.

    group: what it belongs to: "resolve" (walks, answers, the service), "stress" (limits under load,
    hostile zones, a network that goes away) or "local" (names and rules of one's own while their
    files change); limit: seconds before it is ended; alone: nothing else may run beside it (latency is
    measured); peers: makes sense against other resolvers; slack: MB of resident memory it may
    leave behind beyond 5 %.
    """
    def register(function):
        if number in REGISTRY:
            raise ValueError(f"two tests numbered {number}")
        REGISTRY[number] = Entry(number, name, function, group, limit, alone, peers, slack)
        return function
    return register


class Case:
    """What a test function gets: an internet to describe, a resolver to start, checks."""

    def __init__(self, entry, folder, peer):
        self.entry, self.folder, self.peer = entry, folder, peer
        self.figures, self.failed = [], False
        self.ended = False   # set by tests that stop the resolver themselves
        self.net = Internet(log_path=f"{folder}/packets.log")
        self.net.zone("ctl.", "10.53.1.9", "control A 192.0.2.53\n"
                      + "\n".join(f"hot{i} A 192.0.2.{i % 250}" for i in range(100)))
        self.options = rig.default_options()
        self.resolver = None
        self.ask = client.ask
        self.pace = 10 if peer == "rootwalkd" and rig.sanitized() else 1

    def start(self):
        """Start the internet and the resolver, and remember what it weighs when idle."""
        self.net.start()
        self.boot()

    def boot(self):
        hints = rig.write(self.folder, "hints", self.net.hints())
        self.options["root-hints"] = hints
        self.resolver = rig.Resolver(self.folder, self.peer, self.options)
        self.resolver.start()

    def mark(self):
        return self.net.log.mark()

    def sent(self, mark=0, **match):
        return self.net.log.count(mark, **match)

    def packets(self, mark=0, **match):
        return self.net.log.since(mark, **match)

    def settle(self, seconds=0.3, limit=5.0):
        """Wait until the authorities have been left alone for a while."""
        end = time.monotonic() + limit
        seen = self.mark()
        while time.monotonic() < end:
            time.sleep(seconds)
            if self.mark() == seen:
                return
            seen = self.mark()

    # Checks: each adds one figure beside its criterion.

    def check(self, label, value, good, criterion):
        self.figures.append(("" if good else "!") + f"{label}={show(value)} ({criterion})")
        self.failed = self.failed or not good
        return good

    def equal(self, label, value, wanted):
        return self.check(label, value, value == wanted, show(wanted))

    def one_of(self, label, value, wanted):
        return self.check(label, value, value in wanted, "|".join(map(show, wanted)))

    def at_most(self, label, value, most):
        return self.check(label, value, value is not None and value <= most, f"<={show(most)}")

    def at_least(self, label, value, least):
        return self.check(label, value, value is not None and value >= least,
                          f">={show(least)}")

    def below(self, label, value, bound, unit="s", control=None):
        """Below a bound; short times count tenfold in a build with sanitizers. control: how long the
        same took with an echo in the resolver's place; up to twice as long is no fault."""
        if unit == "s" and bound < 0.2:
            bound *= self.pace
        if control is not None:
            bound = max(bound, 2 * control)
        good = value is not None and value < bound
        return self.check(label, f"{show(value)}{unit}", good, f"<{show(bound)}{unit}")

    def true(self, label, value):
        return self.check(label, "yes" if value else "no", bool(value), "yes")

    def run(self):
        """The test, then what must hold after every test."""
        try:
            self.entry.function(self)
            if self.resolver and not self.ended:
                rig.afterwards(self)
        finally:
            if self.resolver:
                self.resolver.kill()
            self.net.stop()


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


def show(value):
    if isinstance(value, float):
        return f"{value:.4f}" if value < 0.01 else f"{value:.3g}"
    if isinstance(value, list):
        return ",".join(map(show, value)) or "none"
    if isinstance(value, tuple):
        return "/".join(map(show, value))
    if isinstance(value, bytes):
        return value.decode("latin-1").encode("unicode_escape").decode()
    return str(value)
