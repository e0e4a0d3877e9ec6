# SPDX-License-Identifier: MIT
"""Test 24: the network goes away and comes back, descriptors run out, packets are lost; IPv6."""

import os
import resource
import signal
import subprocess
import time

from case import case
from lab import faults

DOWN = float(os.environ.get("DOWN_SECONDS", "60"))
AUTHORITIES = "10.53.0.0/21"
BACK = 5.0


def world(t):
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "* A 192.0.2.1")


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def rules_first():
    """Let routing rules decide before the local table does."""
    ip("rule", "add", "pref", "100", "lookup", "local")
    ip("rule", "del", "pref", "0")


def outage(t, label, seconds, begin, end):
    """Between begin() and end(): cached names served, no exit, little CPU; then recovery."""
    t.ask(f"{label}.example.com")
    begin()
    cpu, began = t.resolver.cpu(), time.monotonic()
    served = asked = leaked = 0
    while time.monotonic() - began < seconds:
        asked += 1
        served += t.ask(f"{label}.example.com", timeout=1).rcode == "NOERROR"
        leaked += t.ask(f"{label}{asked}.example.com", timeout=0.5).rcode == "NOERROR"
        time.sleep(0.2)
    busy = (t.resolver.cpu() - cpu) / (time.monotonic() - began)
    end()
    t.equal(f"{label}: cached served", served, asked)
    t.equal(f"{label}: answers from nowhere", leaked, 0)
    t.below(f"{label}: CPU", busy, 0.2, unit="")
    t.at_most(f"{label}: back after s", first_success(t, label), BACK)


def first_success(t, label):
    began = time.monotonic()
    for i in range(40):
        if t.ask(f"back{i}.{label}.example.com", timeout=1).rcode == "NOERROR":
            return time.monotonic() - began
        time.sleep(0.1)
    return None


@case("24", "network-loss", group="stress", limit=int(2 * DOWN) + 60, slack=8.0)
def network_loss(t):
    world(t)
    t.start()
    rules_first()
    for label, kind in (("unreachable", "unreachable"), ("blackhole", "blackhole")):
        rule = ["pref", "10", "to", AUTHORITIES, "type", kind]
        outage(t, label, DOWN, lambda: ip("rule", "add", *rule), lambda: ip("rule", "del", *rule))


@case("24b", "mute-network", group="stress", limit=int(DOWN) + 60, slack=8.0)
def mute_network(t):
    """Packets vanish without any error; then 30 % loss and 300 ms delay."""
    world(t)
    t.start()
    servers = list(t.net.servers.values())

    def everywhere(*those):
        for server in servers:
            server.faults[:] = those
            server.tcp = "stall" if those else "serve"

    outage(t, "silence", DOWN, lambda: everywhere(faults.silent()), everywhere)
    everywhere(faults.lossy(0.3, 0.3))
    for server in servers:
        server.tcp = "serve"
    good = sum(t.ask(f"lossy{i}.example.com", timeout=8).rcode == "NOERROR" for i in range(20))
    t.at_least("30 % loss, 300 ms: answered of 20", good, 17)


@case("24d", "link-flap", group="stress", limit=int(DOWN) + 60, slack=8.0)
def link_flap(t):
    """The servers live behind a link that goes down and comes up again."""
    world(t)
    t.start()
    ip("link", "add", "up0", "type", "veth", "peer", "name", "up1")
    ip("addr", "add", "10.54.0.1/24", "dev", "up0")
    ip("link", "set", "up1", "up")
    ip("link", "set", "up0", "up")
    rules_first()
    rule = ["pref", "10", "to", AUTHORITIES, "type", "blackhole"]

    def down():
        ip("link", "set", "up0", "down")
        ip("rule", "add", *rule)

    def up():
        ip("rule", "del", *rule)
        ip("link", "set", "up0", "up")

    outage(t, "link", DOWN, down, up)
    t.true("told", t.peer != "rootwalkd" or "the network has changed" in t.resolver.log())


@case("24c", "out-of-descriptors", group="stress", slack=8.0)
def out_of_descriptors(t):
    world(t)
    t.start()
    limits = resource.prlimit(t.resolver.pid, resource.RLIMIT_NOFILE)

    def starve():
        resource.prlimit(t.resolver.pid, resource.RLIMIT_NOFILE, (t.resolver.fds(), limits[1]))

    def feed():
        resource.prlimit(t.resolver.pid, resource.RLIMIT_NOFILE, limits)

    outage(t, "emfile", 8, starve, feed)


@case("b31", "ipv6")
def ipv6(t):
    """A zone served over IPv6 only, and a client that comes over IPv6."""
    for address in ("fd53::6", "fd53::7"):
        ip("-6", "addr", "add", address + "/128", "dev", "lo", "nodad")
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("six.com.", "fd53::6", "www A 192.0.2.6")
    t.net.zone("both.com.", {"ns1.both.com.": ["10.53.2.1", "fd53::7"]}, "* A 192.0.2.7")
    t.net.server("fd53::7").faults.append(faults.silent())
    t.options["outgoing"]["ipv6"] = True
    t.options["outgoing"]["allow-private"].append("fd53::/64")
    t.options["listen"].append("::1@53")
    t.options["access"].append("::1/128")
    t.start()
    t.equal("IPv6 only", t.ask("www.six.com", timeout=6).data(), ["192.0.2.6"])
    for proto in ("udp", "tcp"):
        t.equal(f"client {proto}", t.ask("www.six.com", source="::1", server="::1", proto=proto,
                                         timeout=4).data(), ["192.0.2.6"])
    answers = [t.ask(f"n{i}.both.com", timeout=6) for i in range(6)]
    t.equal("dead IPv6 side", sum(a.data() == ["192.0.2.7"] for a in answers), 6)
    t.below("worst", max(a.seconds for a in answers), 2.0)


@case("b36", "no-ipv6", peers=False, slack=8.0)
def no_ipv6(t):
    """A machine without ::1 is served at its other addresses, and at ::1 once that is there."""
    ip("-6", "addr", "del", "::1/128", "dev", "lo")
    world(t)
    t.options["listen"].append("::1@53")
    t.options["access"].append("::1/128")
    t.start()
    t.equal("others", t.ask("www.example.com").data(), ["192.0.2.1"])
    t.true("warned", "this machine has no IPv6" in t.resolver.log())
    ip("-6", "addr", "add", "::1/128", "dev", "lo", "nodad")
    t.resolver.signal(signal.SIGHUP)
    t.equal("::1 after a reload", ask_until(t, "::1"), ["192.0.2.1"])


def ask_until(t, server):
    """The data, when the server gives some within 10 s."""
    for _ in range(20):
        answer = t.ask("www.example.com", source=server, server=server, timeout=0.5)
        if answer.data():
            return answer.data()
        time.sleep(0.1)
    return None
