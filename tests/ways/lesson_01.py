"""Lesson 01: two sockets, in other ways."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def two_by_default() -> tuple[socket.socket, socket.socket]:
    return socket.socket(), socket.socket(type=socket.SOCK_DGRAM)


def two_in_a_list() -> list[socket.socket]:
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
    return [socket.socket(socket.AF_INET, kind) for kind in kinds]


def two_by_protocol() -> tuple[socket.socket, socket.socket]:
    return (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP),
    )


def two_by_threads() -> tuple[socket.socket, ...]:
    with ThreadPoolExecutor() as pool:
        kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
        return tuple(pool.map(lambda kind: socket.socket(socket.AF_INET, kind), kinds))


def two_by_descriptor() -> tuple[socket.socket, socket.socket]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        return socket.socket(fileno=tcp.detach()), udp.dup()


WAYS: dict[str, dict[str, Callable[..., Any]]] = {
    "open_two": {
        "defaults": two_by_default,
        "list": two_in_a_list,
        "protocols": two_by_protocol,
        "threads": two_by_threads,
        "descriptors": two_by_descriptor,
    },
}
