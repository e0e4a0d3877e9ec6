# SPDX-License-Identifier: MIT
"""Binds every server's address, logs and answers: one thread, one asyncio loop."""

import asyncio
import logging
import socket
import struct
import threading

from . import wire
from .faults import Out

BURST = 64             # datagrams read from one socket before others get their turn
TCP_IDLE = 30.0        # seconds a connection may be quiet
REPLY_CACHE = 20000    # encoded replies kept per server


class Server:
    """One address. `tcp` is serve, refuse, reset, stall or trickle; `faults` are asked in order."""

    def __init__(self, address):
        self.address = address
        self.zones = []
        self.faults = []
        self.tcp = "serve"
        self.encoded = {}
        self.generation = -1

    def zone_for(self, name, qtype):
        """The deepest zone that holds the name; for DS the parent's side of the cut."""
        best = None
        for zone in self.zones:
            if not name.is_subdomain(zone.origin) or (qtype == 43 and name == zone.origin):
                continue
            if best is None or len(zone.origin.labels) > len(best.origin.labels):
                best = zone
        return best

    def reply(self, query):
        zone = self.zone_for(query.name, query.qtype)
        if zone is None:
            return wire.Reply(rcode=wire.REFUSED, aa=False), False
        return zone.reply(query), zone.script is None

    def wire(self, query):
        """The encoded honest reply, from memory when the zones have not changed."""
        generation = sum(zone.generation for zone in self.zones)
        if generation != self.generation or len(self.encoded) > REPLY_CACHE:
            self.encoded, self.generation = {}, generation
        key = (query.lower, query.qtype, query.qclass, query.edns is not None)
        body = self.encoded.get(key)
        if body is None:
            reply, keep = self.reply(query)
            body = wire.encode(query, reply)
            if keep:
                self.encoded[key] = body
        return wire.fit(wire.readdress(body, query), query)

    def respond(self, query):
        honest = Honest(self, query)
        for fault in self.faults:
            outs = fault(query, honest)
            if outs is not None:
                return outs
        return [Out(honest.wire())]


class Honest:
    """What a fault may look at: the honest reply, made only if wanted."""

    def __init__(self, server, query):
        self.server, self.query = server, query

    def reply(self):
        return self.server.reply(self.query)[0]

    def wire(self):
        return self.server.wire(self.query)


class Authority:
    """All servers of an internet, answering from start() to stop()."""

    def __init__(self, servers, log, port=53):
        self.servers, self.log, self.port = servers, log, port
        self.loop = asyncio.new_event_loop()
        self.sockets, self.listeners, self.others = {}, [], {}
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.ready = threading.Event()
        self.error = None

    def start(self):
        self.thread.start()
        self.ready.wait(10)
        if self.error:
            raise self.error

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        for sock in (*self.sockets.values(), *self.others.values()):
            sock.close()

    def run(self):
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # askers that hang up are usual
        asyncio.set_event_loop(self.loop)
        try:
            for server in self.servers:
                self.open(server)
        except OSError as error:
            self.error = error
        self.ready.set()
        if not self.error:
            self.loop.run_forever()

    def open(self, server):
        sock = bound(server.address, self.port)
        self.sockets[server.address] = sock
        self.loop.add_reader(sock.fileno(), self.readable, server, sock)
        if server.tcp != "refuse":
            self.listeners.append(self.loop.run_until_complete(asyncio.start_server(
                lambda r, w: self.connection(server, r, w), server.address, self.port,
                backlog=512)))

    def readable(self, server, sock):
        for _ in range(BURST):
            try:
                data, src = sock.recvfrom(65535)
            except (BlockingIOError, ConnectionRefusedError):
                return
            self.datagram(server, sock, data, src)

    def datagram(self, server, sock, data, src):
        try:
            query = wire.parse_query(data, src, server.address, "udp")
        except (ValueError, IndexError, struct.error):
            self.log.odd("udp-bad", src, server.address)
            return
        self.log.add(query)
        for out in server.respond(query):
            if out.delay:
                self.loop.call_later(out.delay, self.send, sock, out, src)
            else:
                self.send(sock, out, src)

    def send(self, sock, out, src):
        if out.address or out.port:
            sock = self.other(out.address or sock.getsockname()[0], out.port or self.port)
        try:
            sock.sendto(out.wire, src)
        except OSError:
            pass

    def other(self, address, port):
        """A socket that is not the server's, to send forged replies from."""
        key = (address, port)
        if key not in self.others:
            self.others[key] = bound(address, port)
        return self.others[key]

    async def connection(self, server, reader, writer):
        peer = writer.get_extra_info("peername")
        self.log.odd("tcp-open", peer, server.address)
        try:
            if server.tcp == "reset":
                writer.transport.abort()
                return
            while True:
                head = await asyncio.wait_for(reader.readexactly(2), TCP_IDLE)
                data = await asyncio.wait_for(
                    reader.readexactly(struct.unpack("!H", head)[0]), TCP_IDLE)
                self.loop.create_task(self.stream_query(server, writer, data, peer))
        except (asyncio.IncompleteReadError, asyncio.TimeoutError, OSError):
            writer.transport.abort()

    async def stream_query(self, server, writer, data, peer):
        try:
            query = wire.parse_query(data, peer, server.address, "tcp")
        except (ValueError, IndexError, struct.error):
            self.log.odd("tcp-bad", peer, server.address)
            return
        self.log.add(query)
        if server.tcp == "stall":
            return
        for out in server.respond(query):
            await asyncio.sleep(out.delay)
            await self.write(server, writer, struct.pack("!H", len(out.wire)) + out.wire)

    async def write(self, server, writer, data):
        try:
            if server.tcp != "trickle":
                writer.write(data)
                return
            for byte in data:
                writer.write(bytes([byte]))
                await asyncio.sleep(1.0)
        except OSError:
            pass


def bound(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind((address, port))
    sock.setblocking(False)
    return sock
