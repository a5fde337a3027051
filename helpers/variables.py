"""Whose code calls, and which of its variables holds a socket.

Rules of this file:

- Nothing here keeps a frame or a socket alive.
- Other threads may add variables at any moment: they are looked through in a copy.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from inspect import CO_OPTIMIZED
from types import FrameType

_OWN_MODULES = ("socket", "ssl")
_OWN_PACKAGES = ("helpers.live.", "helpers.record.", "helpers.sockets.")
_SOCKET_CREATORS = (socket.create_server.__code__, socket.create_connection.__code__)


def variables_with(value: object, names: Mapping[str, object]) -> list[str]:
    """The variables that hold this very object."""
    return [str(name) for name, held in list(names.items()) if held is value]


def _is_own(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__"))
    return module in _OWN_MODULES or module.startswith(_OWN_PACKAGES)


def calling_frame() -> FrameType | None:
    """The frame that called a socket method: the nearest outside `socket` and the recorder."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_own(frame):
        frame = frame.f_back
    return frame


def variable_of(sock: socket.socket) -> str | None:
    """The caller's variable for the socket: a local one, then one of the module or the cell.

    `""` if there is none. None while the socket has not been given to the caller yet.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_own(frame):
        if frame.f_code in _SOCKET_CREATORS:
            return None
        frame = frame.f_back
    if frame is None:
        return ""
    local = frame.f_locals
    try:
        return _public(sock, local) or _public(sock, frame.f_globals)
    finally:
        if (
            frame.f_code.co_flags & CO_OPTIMIZED
            and sys.version_info < (3, 13)
            and sys.getrefcount(local) <= 3  # nobody else has it from locals()
        ):
            local.clear()  # it is a copy that would keep the socket from being collected


def _public(sock: socket.socket, names: Mapping[str, object]) -> str:
    found = variables_with(sock, names)
    return next((name for name in found if not name.startswith("_") and name != "self"), "")
