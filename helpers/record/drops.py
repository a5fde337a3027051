"""How many datagrams has the system dropped at a socket? Linux tells."""

from __future__ import annotations

import _socket
import socket
import sys
from typing import Any

_MEMINFO, _DROPS = 55, 8 * 4
"""SO_MEMINFO gives numbers of four bytes each, SK_MEMINFO_DROPS among them (asm-generic/socket.h,
linux/sock_diag.h)."""


def dropped_by(sock: Any) -> int | None:
    """So many for which its receive buffer had no room; None where the system does not tell."""
    if sys.platform != "linux":
        return None
    try:
        told = _socket.socket.getsockopt(sock, socket.SOL_SOCKET, _MEMINFO, _DROPS + 4)
    except OSError:
        return None  # another thread has closed it by now
    return int.from_bytes(told[_DROPS : _DROPS + 4], sys.byteorder)
