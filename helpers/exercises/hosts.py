"""Where a peer stands: at 127.0.0.1, or at another address of this machine."""

from __future__ import annotations

import functools
import socket
from contextlib import suppress

ELSEWHERE = "127.0.0.2"
"""On Linux and Windows the whole network 127 is this machine (RFC 1122, 3.2.1.3)."""


@functools.cache
def another_host() -> str:
    """Where nobody asks who does not look at the host. macOS has only one unless it is told."""
    with socket.socket() as probe, suppress(OSError):
        probe.bind((ELSEWHERE, 0))
        return ELSEWHERE
    return "127.0.0.1"
