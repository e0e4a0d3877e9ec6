# SPDX-License-Identifier: MIT
"""The internet of `make bench`: a root, top-level domains and many zones, served by NSD.

World(folder).start() writes zones and settings and starts three servers in this network namespace;
hot, cold, zones and nx are lists of questions. Everything comes from one seed, so that each run
asks the same. Addresses: 127.10.0.x the root, 127.20.n.x top-level domains, 127.40.n.x hosters.
"""
import os
import random
import socket
import subprocess
import time

TOPS = ("test", "example", "alpha", "beta", "gamma", "delta", "omega", "sigma")
HOSTERS = 16
ZONES = 1200
NAMES = 25  # of each zone, asked once


class World:
    def __init__(self, folder):
        self.folder = folder
        self.dice = random.Random(20261123)
        self.processes = []
        self.names = [f"zone{number}.{self.dice.choice(TOPS)}" for number in range(ZONES)]
        # Each hoster lives in a zone of its own, so some delegations have glue and some do not.
        self.homes = [f"host{number}.{TOPS[number % len(TOPS)]}" for number in range(HOSTERS)]
        self.hot, self.cold, self.zones, self.nx = [], [], [], []

    def address(self):
        return f"198.18.{self.dice.randrange(256)}.{self.dice.randrange(1, 255)}"

    def delegation(self, zone, number):
        """The NS records of a zone, and the addresses that stand beside them."""
        hoster = number % HOSTERS
        if number < HOSTERS or self.dice.random() < 0.6:
            servers = [f"ns1.{zone}.", f"ns2.{zone}."]
            glue = [f"{name} A 127.40.{hoster}.{side}" for side, name in enumerate(servers, 1)]
        else:
            servers, glue = [f"ns{side}.{self.homes[hoster]}." for side in (1, 2)], []
        return [f"{zone}. NS {name}" for name in servers], glue

    def contents(self, zone):
        """Records of one zone; notes what will be asked of it."""
        lines = ["@ A " + self.address(), "@ MX 10 mail", "mail A " + self.address(),
                 '@ TXT "v=spf1 mx -all"', "edge A " + self.address(), "edge A " + self.address()]
        self.hot += [f"{zone} A", f"{zone} MX", f"mail.{zone} A", f"www.{zone} A", f"{zone} AAAA"]
        self.zones.append(f"mail.{zone} A")
        lines.append(f"www CNAME edge.{self.dice.choice(self.names)}."
                     if self.dice.random() < 0.2 else "www A " + self.address())
        for number in range(NAMES):
            label = f"n{number}-{self.dice.getrandbits(24):x}"
            kind = self.dice.random()
            if kind < 0.1:
                lines.append(f"{label} CNAME edge.{self.dice.choice(self.names)}.")
            elif kind < 0.95:
                lines.append(f"{label} A {self.address()}")
            self.cold.append(f"{label}.{zone} A")
        self.nx += [f"x{self.dice.getrandbits(40):x}.{zone} A" for _ in range(NAMES // 2)]
        return lines

    def write_zone(self, name, primary, lines):
        path = os.path.join(self.folder, "zones", name or "root")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"$ORIGIN {name}.\n$TTL 3600\n"
                       f"@ SOA {primary} hostmaster.invalid. 1 7200 3600 1209600 3600\n")
            file.write("\n".join(lines) + "\n")

    def write(self):
        os.makedirs(os.path.join(self.folder, "zones"))
        tops = {top: [] for top in TOPS}
        for number, zone in enumerate(self.homes + self.names):
            servers, glue = self.delegation(zone, number)
            tops[zone.split(".")[1]] += servers + glue
            lines = self.contents(zone) if number >= HOSTERS else []
            if zone == self.names[0]:
                lines.append("*.wild A " + self.address())
            self.write_zone(zone, servers[0].split()[-1], servers + glue + lines)
        root = [f". NS {side}.root-servers.sigma." for side in "ab"]
        glue = [f"{side}.root-servers.sigma. A 127.10.0.{number}"
                for number, side in enumerate("ab", 1)]
        tops["sigma"] += glue
        with open(os.path.join(self.folder, "hints"), "w", encoding="ascii") as file:
            file.write("\n".join(line.replace(" ", " 518400 ", 1) for line in root + glue) + "\n")
        for number, top in enumerate(TOPS):
            servers = [f"{top}. NS ns{side}.nic.{top}." for side in (1, 2)]
            own = [f"ns{side}.nic.{top}. A 127.20.{number}.{side}" for side in (1, 2)]
            self.write_zone(top, f"ns1.nic.{top}.", servers + own + tops[top])
            root += servers + own
        self.write_zone("", "a.root-servers.sigma.", root + glue)
        for questions in (self.hot, self.cold, self.zones, self.nx):
            self.dice.shuffle(questions)
        self.hot = self.hot[:2000]

    def endless(self, count):
        """As many names as wanted, all of which exist."""
        return [f"n{number}.wild.{self.names[0]} A" for number in range(count)]

    def server(self, name, addresses, zones):
        path = os.path.join(self.folder, name)
        settings = ["server:", " server-count: 1", ' username: ""', ' chroot: ""', " port: 53",
                    ' database: ""', f' pidfile: "{path}.pid"', f' zonelistfile: "{path}.list"',
                    f' logfile: "{path}.log"', ' xfrdfile: ""', f' xfrdir: "{self.folder}"',
                    " rrl-ratelimit: 0", " receive-buffer-size: 4194304",
                    " send-buffer-size: 4194304", " minimal-responses: yes"]
        settings += [f" ip-address: {address}" for address in addresses]
        settings += ["remote-control:", " control-enable: no"]
        for zone in zones:
            settings += ["zone:", f' name: "{zone}."',
                         f' zonefile: "{self.folder}/zones/{zone or "root"}"']
        with open(path + ".conf", "w", encoding="ascii") as file:
            file.write("\n".join(settings) + "\n")
        self.processes.append(subprocess.Popen(
            ["taskset", "-c", "0", "nsd", "-d", "-c", path + ".conf"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_for(addresses[0], path + ".log")

    def start(self):
        self.write()
        pairs = [(group, number, side) for group, count in ((20, len(TOPS)), (40, HOSTERS))
                 for number in range(count) for side in (1, 2)]
        at = {group: [f"127.{g}.{number}.{side}" for g, number, side in pairs if g == group]
              for group in (20, 40)}
        self.server("root", ["127.10.0.1", "127.10.0.2"], [""])
        self.server("tops", at[20], TOPS)
        self.server("hosters", at[40], self.homes + self.names)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


def wait_for(address, log):
    query = b"\0\1" + bytes(3) + b"\1" + bytes(6) + b"\0" + b"\0\2\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((address, 53))
        sock.settimeout(0.1)
        for _ in range(200):
            try:
                sock.send(query)
                sock.recv(4096)
                return
            except OSError:
                time.sleep(0.05)
    raise OSError(f"the server at {address} does not answer; its log is {log}")
