# SPDX-License-Identifier: MIT
"""Describes a small internet: zones, the servers that carry them, and the delegations between.

    net = Internet()                      # a root with two servers
    net.zone("com.", "10.53.1.1")
    net.zone("example.com.", "10.53.2.1", "www A 192.0.2.1")
    net.start()
"""

import dns.name

from .packetlog import PacketLog
from .server import Authority, Server
from .zone import Zone

ROOTS = ("10.53.0.1", "10.53.0.2")


class Internet:
    """Addresses map to servers, origins to zones. Zones may change while it runs."""

    def __init__(self, roots=ROOTS, log_path=None, port=53):
        self.servers, self.zones = {}, {}
        self.log = PacketLog(log_path)
        self.port = port
        self.authority = None
        self.roots = {f"{chr(97 + i)}.roots.": address for i, address in enumerate(roots)}
        self.zone(".", self.roots)

    def server(self, address):
        if address not in self.servers:
            self.servers[address] = Server(address)
        return self.servers[address]

    def zone(self, origin, servers, text="", glue=True, delegate=True, script=None, ttl=3600):
        """Add a zone. `servers` is an address, a list of them, or {server name: address or list}.

        The parent gets NS records and, if `glue`, addresses of servers inside the parent's
        domain. `delegate=False` leaves the parent alone (a hidden or hand-made delegation).
        """
        zone = Zone(origin, text, script, ttl)
        self.zones[origin] = zone
        named = name_servers(origin, servers)
        for server, addresses in named.items():
            zone.add(f"@ NS {server}")
            own = dns.name.from_text(server).is_subdomain(zone.origin)
            if own and zone.nodes.get(dns.name.from_text(server)) is None:
                zone.add("\n".join(f"{server} {address_type(a)} {a}" for a in addresses))
            for address in addresses:
                self.server(address).zones.append(zone)
        if delegate and origin != ".":
            self.delegate(origin, named, glue, ttl)
        return zone

    def delegate(self, origin, named, glue=True, ttl=3600):
        """Write the delegation of origin into its parent zone."""
        parent = self.parent(origin)
        for server, addresses in named.items():
            parent.add(f"{origin} {ttl} NS {server}")
            inside = dns.name.from_text(server).is_subdomain(parent.origin)
            if glue and inside and not self.owned(server, parent):
                parent.add("\n".join(
                    f"{server} {ttl} {address_type(a)} {a}" for a in addresses))

    def owned(self, server, parent):
        return dns.name.from_text(server) in parent.nodes

    def parent(self, origin):
        name = dns.name.from_text(origin)
        while name != dns.name.root:
            name = name.parent()
            if name.to_text() in self.zones:
                return self.zones[name.to_text()]
        raise KeyError(origin)

    def hints(self):
        """The root hints file that leads into this internet."""
        lines = [f". 3600000 NS {name}" for name in self.roots]
        lines += [f"{n} 3600000 {address_type(a)} {a}" for n, a in self.roots.items()]
        return "\n".join(lines) + "\n"

    def start(self):
        self.authority = Authority(list(self.servers.values()), self.log, self.port)
        self.authority.start()

    def stop(self):
        if self.authority:
            self.authority.stop()
        self.log.close()


def name_servers(origin, servers):
    if isinstance(servers, str):
        servers = [servers]
    if isinstance(servers, dict):
        return {n: [a] if isinstance(a, str) else list(a) for n, a in servers.items()}
    base = "" if origin == "." else origin
    return {f"ns{i + 1}.{base}": [a] for i, a in enumerate(servers)}


def address_type(address):
    return "AAAA" if ":" in address else "A"
