# SPDX-License-Identifier: MIT
"""One zone's data and what an honest authoritative server answers from it (RFC 1034 4.3.2)."""

import dns.name
import dns.rdata
import dns.rdatatype
import dns.rdtypes.ANY.CNAME

from . import wire

A, NS, CNAME, SOA, AAAA, DNAME, DS, ANY = 1, 2, 5, 6, 28, 39, 43, 255
MAX_LINKS = 80  # aliases followed inside one reply


class Zone:
    """Records by owner and type. `script`, when set, is asked first: Query -> Reply or None."""

    def __init__(self, origin, text="", script=None, ttl=3600):
        self.origin = dns.name.from_text(origin)
        self.script = script
        self.nodes = {}
        self.generation = 0
        self.default_ttl = ttl
        self.add(f"@ {ttl} SOA ns. admin. 1 3600 600 86400 300")
        if text:
            self.add(text)

    def add(self, text):
        """Add zone-file lines, relative names below the origin, TTL optional."""
        head = f"$TTL {self.default_ttl}\n"
        for name, ttl, rdata in wire.records(head + text, self.origin):
            node = self.nodes.setdefault(name, {})
            if rdata.rdtype == SOA:
                node[SOA] = []
            node.setdefault(rdata.rdtype, []).append((name, ttl, rdata))
        self.changed()

    def remove(self, owner, rdtype=None):
        name = dns.name.from_text(owner, self.origin)
        if rdtype is None:
            self.nodes.pop(name, None)
        else:
            self.nodes.get(name, {}).pop(dns.rdatatype.from_text(rdtype), None)
        self.changed()

    def changed(self):
        self.generation += 1
        self.names = set()
        for name in self.nodes:
            while name != self.origin and name.is_subdomain(self.origin):
                self.names.add(name)
                name = name.parent()
        self.names.add(self.origin)

    def soa(self):
        return self.nodes[self.origin][SOA]

    def reply(self, query):
        """The honest reply, or the script's."""
        if self.script:
            reply = self.script(query)
            if reply is not None:
                return reply
        reply = wire.Reply()
        self.walk(query.name, query.qtype, reply)
        return reply

    def walk(self, name, qtype, reply):
        """Fill the reply, following aliases while they stay in this zone."""
        seen = set()
        while name not in seen and len(seen) < MAX_LINKS:
            seen.add(name)
            cut = self.first_cut(name, qtype)
            if cut is not None:
                return self.referral(cut, reply)
            if self.dname(name, reply):
                name = reply.answer[-1][2].target
            else:
                node = self.node(name)
                alias = node.get(CNAME) if node else None
                if not alias or qtype in (CNAME, ANY):
                    return self.finish(name, node, qtype, reply)
                reply.answer += [(name, ttl, rdata) for _, ttl, rdata in alias]
                name = alias[0][2].target
            if not name.is_subdomain(self.origin):
                return None
        return None

    def node(self, name):
        """The records at a name, a wildcard's if it covers it, None if nothing exists."""
        if name in self.names:
            return self.nodes.get(name, {})
        encloser = name
        while encloser not in self.names:
            encloser = encloser.parent()
        return self.nodes.get(dns.name.Name((b"*",) + encloser.labels))

    def finish(self, name, node, qtype, reply):
        if node is None:
            reply.rcode = wire.NXDOMAIN
            reply.authority += self.soa()
            return
        types = list(node) if qtype == ANY else [qtype]
        found = [(name, ttl, rdata) for t in types for _, ttl, rdata in node.get(t, [])]
        reply.answer += found
        if not found:
            reply.authority += self.soa()
        elif qtype == NS:
            reply.additional += self.addresses(found)

    def first_cut(self, name, qtype):
        """The delegation nearest the apex on the way to name, or None."""
        depth = len(self.origin.labels)
        for i in range(len(name.labels) - depth - 1, -1, -1):
            owner = dns.name.Name(name.labels[i:])
            if NS in self.nodes.get(owner, {}):
                return None if owner == name and qtype == DS else owner
        return None

    def referral(self, cut, reply):
        servers = self.nodes[cut][NS]
        reply.aa = bool(reply.answer)
        reply.authority += servers
        reply.additional += self.addresses(servers)

    def addresses(self, servers):
        found = []
        for _, _, rdata in servers:
            node = self.nodes.get(rdata.target, {})
            found += node.get(A, []) + node.get(AAAA, [])
        return found

    def dname(self, name, reply):
        """Synthesise the CNAME of a DNAME above name; an overlong one is YXDOMAIN."""
        owner = name
        while owner != self.origin:
            owner = owner.parent()
            found = self.nodes.get(owner, {}).get(DNAME)
            if found:
                target = name.relativize(owner).derelativize(found[0][2].target)
                reply.answer += found
                reply.answer.append((name, found[0][1], dns.rdtypes.ANY.CNAME.CNAME(
                    1, CNAME, target)))
                return True
        return False
