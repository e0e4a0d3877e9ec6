# SPDX-License-Identifier: MIT
"""Signs the top of a lab and puts signed zones below test.: one sound, three broken on purpose.

    signed.test    sound                      bogus.test     data changed after signing
    expired.test   signatures ran out         badds.test     the parent's DS is of another key
"""

import os
import pathlib
import shutil
import signal
import subprocess
import time

import rig

ZONE = """$ORIGIN {zone}.
$TTL 300
@ IN SOA ns.signed.test. hostmaster.{zone}. 2026112301 3600 600 1209600 60
@ NS ns.signed.test.
{ns}www A 192.0.2.65
"""
NOW = "%Y%m%d%H%M%S"
DAY_S = 86400


class Signer:
    def __init__(self, lab):
        self.lab = lab
        self.zones = pathlib.Path(lab.folder, "zones")
        self.keys = pathlib.Path(lab.folder, "keys")
        self.keys.mkdir()

    def tool(self, *words):
        done = subprocess.run(words, cwd=self.keys, capture_output=True, text=True, timeout=120,
                              check=False)
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stderr}")
        return done.stdout.strip()

    def key(self, zone):
        """The base name of a new key's files."""
        return self.tool("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone)

    def ds(self, key):
        return (self.keys / f"{key}.ds").read_text(encoding="ascii")

    def sign(self, name, key, days=(-1, 28)):
        """The zone's file, signed in place from `days[0]` to `days[1]` days from now."""
        file, signed = self.zones / f"{name}.zone", self.keys / f"{name}.signed"
        first, last = (time.strftime(NOW, time.gmtime(time.time() + n * DAY_S)) for n in days)
        self.tool("ldns-signzone", "-i", first, "-e", last, "-f", str(signed), str(file), key)
        shutil.move(signed, file)

    def leaf(self, zone, **days):
        """Writes and signs a zone below test.; returns its key."""
        glue = f"ns A {self.lab.net}.6.1\n" if zone == "signed.test" else ""
        (self.zones / f"{zone}.zone").write_text(ZONE.format(zone=zone, ns=glue), encoding="ascii")
        key = self.key(zone)
        self.sign(zone, key, **days)
        return key

    def leaves(self):
        """The four zones; returns what test. must say of them."""
        records = f"ns.signed.test. A {self.lab.net}.6.1\n"
        for zone in ("signed.test", "bogus.test", "badds.test"):
            key = self.leaf(zone)
            records += self.ds(key if zone != "badds.test" else self.key(zone))
        records += self.ds(self.leaf("expired.test", days=(-60, -30)))
        changed = self.zones / "bogus.test.zone"
        text = changed.read_text(encoding="ascii")
        changed.write_text(text.replace("192.0.2.65", "192.0.2.66"), encoding="ascii")
        for zone in rig.SIGNED:
            records += f"{zone}. NS ns.signed.test.\n"
        return records

    def append(self, name, text):
        with open(self.zones / f"{name}.zone", "a", encoding="ascii") as file:
            file.write(text)

    def reload(self, group):
        os.kill(int(pathlib.Path(self.lab.folder, "nsd", f"{group}.pid").read_text()), signal.SIGHUP)

    def all(self):
        self.append("test", self.leaves())
        test = self.key("test")
        self.sign("test", test)
        self.append("root", self.ds(test))
        root = self.key(".")
        self.sign("root", root)
        shutil.copy(self.keys / f"{root}.key", self.lab.folder + "/anchor")
        for group in ("test", "root"):
            self.reload(group)


def sign(lab):
    """Signs, starts the server of the four zones, and waits until all say so."""
    Signer(lab).all()
    lab.serve("signed", lab.net + ".6.1",
              [(zone, f"{lab.folder}/zones/{zone}.zone") for zone in rig.SIGNED])
    for host, name in (("0.1", "."), ("0.2", "."), ("1.1", "test"), ("1.2", "test")):
        lab.wait(f"{lab.net}.{host}", ["+dnssec", name, "dnskey"], "RRSIG")
