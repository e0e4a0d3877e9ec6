# SPDX-License-Identifier: MIT
"""Proofs of absence, which only signed zones have, as dig and rootwalk print them."""

import rig

LINES = ("@127.10.1.1 nope.test", "@127.10.2.1 x.y.real.wild.test", "@127.10.1.1 nope.test +nocrypto",
         "@127.10.2.1 nope.good.test", "@127.10.1.1 test nsec3param", "@127.10.0.1 nope")


def run(lab, tally):
    for line in LINES:
        for form in "+nomultiline", "+multiline":
            words = line.split() + ["+dnssec", "+norecurse", "+noall", "+answer", "+authority", form]
            wanted, got = rig.dig(words), rig.rootwalk(words)
            tally.check(wanted.out == got.out and "RRSIG" in got.out, f"dig: {line} {form}",
                        f"{wanted.out}     {got.out}")
