# SPDX-License-Identifier: MIT
"""Block lists: rootwalkd beside unbound and dnsmasq with the same generated names.

All three are told the same thing, that neither a listed name nor anything below it exists: rootwalkd
by `||name^`, unbound by `local-zone: name always_nxdomain`, dnsmasq by `local=/name/`. What is
measured, each as the difference to the same server without a list where that makes sense: from exec
to the first answer, resident memory, CPU time of an answer to a listed name. And of rootwalkd alone
what a list of this size adds to an answer from the cache: two daemons run side by side, one with the
list, and are asked in turns; the figure is the median of the ratios of the turns.
"""
import os
import random
import shutil
import statistics

ASKED = 50000  # listed names that are asked, all over the list
IN_FLIGHT = 256
SECONDS = 1
TURNS = 31
LOAD_LIMIT_S = 300
NXDOMAIN = 3
TOPS = ("com", "net", "org", "info", "de", "co.uk", "xyz", "example")
WORDS = ("ad", "ads", "track", "pixel", "stat", "cdn", "metrics", "click", "img", "beacon", "srv")

DNSMASQ = """port={port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
no-daemon
user=root
pid-file=
cache-size=10000
dns-forward-max=10000
"""


def generate(count):
    """Names as lists have them: half registered domains, the rest below them or below shared ones."""
    dice = random.Random(20261127)
    names = {}
    while len(names) < count:
        label = f"{dice.choice(WORDS)}{dice.getrandbits(28):x}"
        top, kind = dice.choice(TOPS), dice.random()
        if kind < 0.5:
            name = f"{label}.{top}"
        elif kind < 0.8:
            name = f"{dice.choice(WORDS)}.{label}.{top}"
        else:
            name = f"{label}.{dice.choice(WORDS)}.site{dice.randrange(20000)}.{top}"
        names[name] = None
    return list(names)


class Bench:
    def __init__(self, server_class, world, work, count):
        self.server_class, self.world, self.work = server_class, world, work
        self.names = generate(count)
        self.asked = random.Random(1).sample(self.names, min(ASKED, count))
        self.servers = []

    def path(self, name, line):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="ascii") as file:
            file.writelines(line.format(name) for name in self.names)
        return path

    def server(self, name, port, command, template):
        server = self.server_class(name, port, command, template, self.work)
        self.servers.append(server)
        return server

    def stop(self):
        for server in self.servers:
            server.stop()

    def pairs(self, ours, ours_template, unbound_template):
        """(name, server without a list, server with it)."""
        rules = self.path("list.adblock", "||{}^\n")
        zones = self.path("list.unbound", 'local-zone: "{}" always_nxdomain\n')
        local = self.path("list.dnsmasq", "local=/{}/\n")
        with_list = ours_template + f"block: {{{{lists: ['{rules}']}}}}\n"
        with_zones = unbound_template.replace(
            "remote-control:", f'  include: "{zones}"\nremote-control:')
        unbound = ["unbound", "-d", "-c", "CONFIG"]
        dnsmasq = [shutil.which("dnsmasq") or "dnsmasq", "--conf-file=CONFIG"]
        yield ("rootwalkd", self.server("rootwalkd", 5401, ours, ours_template),
               self.server("rootwalkd", 5402, ours, with_list))
        yield ("unbound", self.server("unbound", 5403, unbound, unbound_template),
               self.server("unbound", 5404, unbound, with_zones))
        if not shutil.which("dnsmasq"):
            print("bench: dnsmasq is not installed and left out; scripts/setup installs it")
            return
        yield ("dnsmasq", self.server("dnsmasq", 5405, dnsmasq, DNSMASQ + "local=/com/\n"),
               self.server("dnsmasq", 5406, dnsmasq, DNSMASQ + f"conf-file={local}\n"))

    def measure(self, bare, full):
        """Of one server: ms and CPU ms to load, bytes of a name, CPU us of a blocked answer."""
        if bare.name == "dnsmasq":
            first = bare.start("x.com A", NXDOMAIN)
        else:
            first = bare.start(self.world.hot[0])
        empty, empty_cpu = bare.resident_bytes(), bare.cpu_us()
        bare.stop()
        start = full.start(self.asked[0] + " A", NXDOMAIN, LOAD_LIMIT_S)
        load_cpu = (full.cpu_us() - empty_cpu) / 1000
        full.load([name + " A" for name in self.asked], 0, IN_FLIGHT)
        bytes_a_name = (full.resident_bytes() - empty) / len(self.names)
        cpu = full.load([name + " A" for name in self.asked], SECONDS, IN_FLIGHT)["cpu"]
        full.stop()
        return start - first, load_cpu, bytes_a_name, cpu

    def hit_ratio(self, bare, full):
        """CPU us of a cached answer without a list and with one, and the median of the ratios."""
        for server in (bare, full):
            server.start(self.world.hot[0], 0, LOAD_LIMIT_S)
            server.load(self.world.hot, 0, 64)
        turns = []
        for turn in range(TURNS):
            order = (bare, full) if turn % 2 else (full, bare)
            cpu = {server: server.load(self.world.hot, SECONDS, IN_FLIGHT)["cpu"]
                   for server in order}
            turns.append((cpu[bare], cpu[full], cpu[full] / cpu[bare]))
        for server in (bare, full):
            server.stop()
        return [statistics.median(column) for column in zip(*turns)]

    def run(self, ours, ours_template, unbound_template):
        results, first = {}, None
        for name, bare, full in self.pairs(ours, ours_template, unbound_template):
            first = first or (bare, full)
            results[name] = self.measure(bare, full)
        lines = ("loading the list, ms", "loading the list, CPU ms", "memory of a name, bytes",
                 "blocked answer, CPU us")
        print(f"{len(self.names)} names; load of the machine {os.getloadavg()[0]:.1f}")
        print(f"{'':26}" + "".join(f"{name:>12}" for name in results) +
              "".join(f"{'/ ' + name:>12}" for name in list(results)[1:]))
        for row, text in enumerate(lines):
            values = [result[row] for result in results.values()]
            print(f"{text:26}" + "".join(f"{value:12.1f}" for value in values) +
                  "".join(f"{values[0] / value:12.3f}" for value in values[1:]))
        without, with_list, ratio = self.hit_ratio(*first)
        print(f"cached answer of rootwalkd, CPU us: {without:.2f} without a list, "
              f"{with_list:.2f} with it; ratio {ratio:.3f}")
