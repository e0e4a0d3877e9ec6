# SPDX-License-Identifier: MIT
"""The bounds of a lab's sockets."""

import re
import socket
import struct
import threading
import time

import internet
from t_switches import query

NS1 = "127.10.2.1"


def is_closed(client):
    """Whether the other side has closed; waits for that within the socket's timeout."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def connections(lab, tally):
    """reaches LIMIT_LAB_TCP and LIMIT_LAB_TCP_MS"""
    clients = []
    for _ in range(256):
        clients.append(socket.create_connection((NS1, 53), internet.WAIT_S))
    message = query(7)
    clients[-1].sendall(len(message).to_bytes(2, "big") + message)
    tally.equal(clients[-1].recv(4)[2:], b"\0\7", "256 connections: the last is answered")
    with socket.create_connection((NS1, 53), internet.WAIT_S) as one_more:
        one_more.settimeout(5)
        tally.check(is_closed(one_more), "256 connections: one more is closed at once")
    clients[0].settimeout(internet.WAIT_S)
    tally.check(is_closed(clients[0]), "a connection without a question is closed")
    for client in clients:
        client.close()
    tally.check(lab.short(NS1, "www.good.test", "a", "+tcp") == "192.0.2.10",
                "and then there is room again")


def questions(lab):
    return int(re.search(r"(\d+) questions", lab.order("status", NS1).out)[1])


def drain(client, got):
    try:
        while True:
            got.add(client.recv(512)[:2])
    except TimeoutError:
        pass


def send(lab, client, count):
    """So many questions that reach the server; the seconds it took."""
    before, began = questions(lab), time.monotonic()
    for number in range(count):
        client.sendto(query(number), (NS1, 53))
        if number % 100 == 99:
            internet.until(lambda: questions(lab) - before > number - 50, 2)
    return questions(lab) - before, time.monotonic() - began


def held_back(lab, tally):
    """reaches LIMIT_LAB_LATE"""
    got = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        took = send(lab, probe, 200)[1]
    delay = min(60, max(4, int(took * 25 * 4)))  # four times what 5000 will take
    lab.order("set", "ns1.good.test", f"slow={delay}s")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        arrived, took = send(lab, client, 5000)
        tally.check(arrived > 4200 and took < delay,
                    "5000 questions arrive while all answers are held back",
                    f"{arrived} in {took:.1f} s, held back for {delay} s")
        lab.order("clear", "ns1.good.test")
        client.settimeout(delay + internet.WAIT_S)
        got.add(client.recv(512)[:2])
        client.settimeout(3)
        reader = threading.Thread(target=drain, args=(client, got))
        reader.start()
        reader.join()
    tally.check(len(got) <= 4096, "at most 4096 of them are", f"{len(got)} came")
    tally.equal(lab.short(NS1, "www.good.test"), "192.0.2.10", "and the server goes on")


def torn(lab, tally):
    """Whoever hangs up in the middle of things harms nobody."""
    message = query(9)
    for _ in range(20):
        with socket.create_connection((NS1, 53), internet.WAIT_S) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall((len(message).to_bytes(2, "big") + message) * 200)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(lab.folder + "/control")
            client.sendall(b"status\n\0")
    tally.equal(lab.short(NS1, "www.good.test"), "192.0.2.10", "torn connections: the lab goes on")
    tally.equal(lab.lab.poll(), None, "torn connections: the same process")


def run(lab, tally):
    connections(lab, tally)
    torn(lab, tally)
    held_back(lab, tally)
