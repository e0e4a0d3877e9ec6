#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How quick this machine is just now: a server that does nothing but send back what it gets.

On a loaded machine every program waits for its turn, and a short time says nothing about the
resolver. So each bound of a few milliseconds has a control: the same thing done with an Echo, in the
same run and at the same moments. Started as a program, this file is the echo.
"""

import socket
import subprocess
import sys
import time

ADDRESS = "127.0.0.1"
PATIENCE_S = 5.0


class Echo:
    """A process of its own, as the resolver is. started_s: from exec to its first answer."""

    def __init__(self):
        began = time.monotonic()
        self.process = subprocess.Popen(["/usr/bin/python3", "-I", "-S", "-B", __file__],
                                        stdout=subprocess.PIPE)
        port = int(self.process.stdout.readline())
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.connect((ADDRESS, port))
        self.sock.settimeout(PATIENCE_S)
        self.ask()
        self.started_s = time.monotonic() - began

    def ask(self):
        """Seconds until a datagram has come back."""
        began = time.monotonic()
        try:
            self.sock.send(b"echo")
            self.sock.recv(64)
        except OSError:
            return PATIENCE_S
        return time.monotonic() - began

    def stop(self):
        self.sock.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def serve():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((ADDRESS, 0))
        print(sock.getsockname()[1], flush=True)
        while True:
            data, sender = sock.recvfrom(64)
            sock.sendto(data, sender)


if __name__ == "__main__":
    sys.exit(serve())
