"""One port for IPv4 and IPv6: what a check needs that has a peer in each of the two families."""

from __future__ import annotations

import functools
import socket
import sys

from helpers.exercises.stage import Stage
from helpers.record.wakeup import not_recorded


@functools.cache
def are_here() -> bool:
    """Whether this machine has `::1` and `127.0.0.1`, and one socket can serve both."""
    try:
        with not_recorded(), _door(), socket.socket(socket.AF_INET6) as six:
            six.bind(("::1", 0))
    except (OSError, AttributeError):
        return False
    return True


def held_port(stage: Stage) -> int:
    """A port that no other program gets, in either family: at both hosts it refuses.

    A socket of both families is bound there, and does not listen. The stage may listen there.
    """
    return int(stage.adopt(_door()).getsockname()[1])


def free_port() -> int:
    """A port that was free in both families a moment ago."""
    with _door() as door:
        return int(door.getsockname()[1])


def _door() -> socket.socket:
    """A socket that is bound at every interface, in both families, and does not listen."""
    door = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if sys.platform != "win32":  # as create_server() does: both then share a port
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("::", 0))
    except BaseException:
        door.close()
        raise
    return door
