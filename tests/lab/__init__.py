# SPDX-License-Identifier: MIT
"""The scripted authority: a small internet on addresses of a private network namespace.

`internet.Internet` describes zones and the servers that carry them, `faults` makes servers
misbehave, `server.Authority` binds the addresses and answers, `packetlog.PacketLog` keeps one
entry for every query that reached any of them.
"""
