"""Peers that send and get datagrams.

Rules of this file:

- A datagram that the function has sent comes in no time, or not at all. So a peer that has got
  nothing when the function is at rest gets nothing.
- Nothing here waits for a clock.
"""

from __future__ import annotations

import socket
from typing import Any

from helpers.exercises import fair_time
from helpers.exercises.stage import HERE, Stage
from helpers.exercises.traffic import may_be_on_its_way, readable
from helpers.record.waiting import QUIET_TIME

LARGEST = 65_507
"""Bytes of the largest datagram of IPv4: 65,535, less the headers of IP and UDP (20 and 8)."""

ROOM = 1 << 20
"""Bytes of a peer's receive buffer, as far as the system allows: none of the function's is lost."""


def open_socket(stage: Stage, name: str, given: bool = False, host: str = HERE[0]) -> socket.socket:
    """A UDP socket with a port of this machine: a peer's, or one that is given to the function."""
    sock = socket.socket(type=socket.SOCK_DGRAM)
    stage.adopt(sock, name, given)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
    sock.bind((host, 0))
    return sock


def take(stage: Stage, peer: socket.socket) -> tuple[bytes, Any] | None:
    """The next datagram that the function sends to this peer, and from where; None: none comes."""
    has_come = readable(peer)
    stage.settle(unless=has_come)
    if not has_come() and may_be_on_its_way(peer):
        fair_time.watch(has_come, QUIET_TIME)
    if not (has_come() or stage.comes_after_all(peer)):
        return None
    received: tuple[bytes, Any] = peer.recvfrom(LARGEST)
    return received


def sends(stage: Stage, peer: socket.socket, data: bytes, address: Any) -> None:
    """The peer sends a datagram, and the function does with it what it can."""
    peer.sendto(data, address)
    stage.settle()
