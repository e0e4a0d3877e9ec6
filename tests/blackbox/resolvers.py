# SPDX-License-Identifier: MIT
"""Configurations and command lines of the resolver under test and of the peers.

Each function takes the folder to work in and the options of the test, writes its files and
returns the command to start. Options a peer does not have are left at its defaults.
"""

import json
import os

from client import RESOLVER

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def default_options():
    """The contract's keys, with the values all tests start from."""
    return {
        "listen": [f"{RESOLVER}@53"],
        "access": ["10.53.10.0/24"],
        "workers": 1,
        "root-hints": None,
        "outgoing": {"ipv4": True, "ipv6": False, "port": 53, "allow-private": ["10.53.0.0/16"]},
        "log": {"level": "info"},
    }


def binary():
    return os.environ.get("ROOTWALKD", os.path.join(ROOT, "build", "rootwalkd"))


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def yaml(options):
    """Top-level keys in YAML, values in its flow form: JSON is valid there."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in options.items()
                   if value is not None)


def rootwalkd(folder, options):
    path = write(folder, "rootwalk.yaml", yaml(options))
    return [binary(), "--config", path]


def unbound(folder, options):
    cache = options.get("cache", {})
    lines = ["server:", f"  directory: \"{folder}\"", "  chroot: \"\"", "  username: \"\"",
             "  pidfile: \"\"", "  use-syslog: no", "  logfile: \"\"", "  do-daemonize: no",
             "  do-ip6: " + ("yes" if options["outgoing"]["ipv6"] else "no"),
             "  module-config: \"iterator\"", "  do-not-query-localhost: no",
             "  num-threads: %d" % options["workers"], "  ede: yes",
             f"  root-hints: \"{options['root-hints']}\""]
    if options.get("special-use", True) is False:
        lines += ["  local-zone: \"test.\" nodefault"]
    lines += [f"  interface: {item}" for item in options["listen"]]
    lines += [f"  access-control: {net} allow" for net in options["access"]]
    if cache.get("serve-stale", True):
        lines += ["  serve-expired: yes", "  serve-expired-client-timeout: 1800",
                  "  serve-expired-reply-ttl: 30", "  ede-serve-expired: yes"]
    if "size" in cache:
        megabytes = int(cache["size"].rstrip("MiB"))
        lines += [f"  rrset-cache-size: {megabytes * 2 // 3}m",
                  f"  msg-cache-size: {megabytes // 3}m"]
    lines += ["remote-control:", "  control-enable: no"]
    path = write(folder, "unbound.conf", "\n".join(lines) + "\n")
    return ["/usr/sbin/unbound", "-d", "-c", path]


def named(folder, options):
    access = "; ".join(options["access"])
    listen = "; ".join(item.split("@")[0] for item in options["listen"])
    path = write(folder, "named.conf", f"""
options {{ directory "{folder}"; pid-file none; listen-on {{ {listen}; }}; listen-on-v6 {{ none; }};
  recursion yes; allow-query {{ {access}; }}; allow-recursion {{ {access}; }};
  dnssec-validation no; empty-zones-enable yes; session-keyfile none; lock-file none; }};
controls {{ }};
zone "." {{ type hint; file "{options['root-hints']}"; }};
""")
    return ["/usr/sbin/named", "-g", "-4", "-n", str(options["workers"]), "-c", path]


def pdns_recursor(folder, options):
    listen = ",".join(item.split("@")[0] for item in options["listen"])
    write(folder, "recursor.conf", f"""
local-address={listen}
allow-from={",".join(options["access"])}
hint-file={options['root-hints']}
dont-query=
dnssec=off
threads={options['workers']}
socket-dir={folder}
security-poll-suffix=
daemon=no
write-pid=no
disable-syslog=yes
""")
    return ["/usr/sbin/pdns_recursor", f"--config-dir={folder}"]


def kresd(folder, options):
    listen = "\n".join(f"net.listen('{item.split('@')[0]}', 53, {{ kind = 'dns' }})"
                       for item in options["listen"])
    path = write(folder, "kresd.conf", f"""
{listen}
net.ipv6 = false
trust_anchors.remove('.')
modules.unload('ta_sentinel')
modules.unload('ta_signal_query')
modules.unload('priming')
modules.load('hints')
cache.size = 64 * MB
hints.root_file('{options['root-hints']}')
""")
    return ["/usr/sbin/kresd", "-n", "-c", path, folder]


PEERS = {"rootwalkd": rootwalkd, "unbound": unbound, "named": named,
         "pdns_recursor": pdns_recursor, "kresd": kresd}
