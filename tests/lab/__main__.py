# SPDX-License-Identifier: MIT
"""Serve a described internet until interrupted: `python3 -m tests.lab FILE [--log LOG]`.

FILE is a Python file whose function `build(net)` adds zones and faults to an Internet. The
addresses must exist in the namespace it runs in; hints are written to standard output.
"""

import argparse
import runpy
import signal

from .internet import Internet

STOP = [signal.SIGINT, signal.SIGTERM]


def main():
    parser = argparse.ArgumentParser(prog="tests.lab", description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--log", help="write one line per packet")
    parser.add_argument("--port", type=int, default=53)
    args = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    net = Internet(log_path=args.log, port=args.port)
    runpy.run_path(args.file)["build"](net)
    net.start()
    print(net.hints(), end="", flush=True)
    try:
        signal.sigwait(STOP)
    finally:
        net.stop()


if __name__ == "__main__":
    main()
