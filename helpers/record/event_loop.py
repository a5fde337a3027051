"""Does the waiting cell itself run the event loop in which its peer is served?

A notebook's kernel runs `asyncio` in the thread of the cells. A server that is started there can
run only when the cell ends, or awaits: a blocking call to it waits for ever.

Rules of this file: it looks at the loop of the running thread, and changes nothing. Where the loop
is not one of asyncio's own, it says nothing.
"""

from __future__ import annotations

import _socket
import socket
import sys
from contextlib import suppress
from typing import Any

from helpers.record.model import ActorState, Call

Ours = tuple[int, Any]
"""The kind of a socket, and its address."""


def serves_its_own_peer(state: ActorState) -> bool:
    """Whether the running thread, which is this actor's, has its peer in its own event loop."""
    call = state.wait.call if state.wait is not None else None
    asyncio = sys.modules.get("asyncio")
    loop = asyncio._get_running_loop() if asyncio is not None else None
    selector = getattr(loop, "_selector", None)
    if call is None or selector is None or call.name == "accept":
        return False
    served = [_of(each.fd) for each in list((selector.get_map() or {}).values())]
    return any(each is not None and _is_peer(call, *each) for each in served)


def _is_peer(call: Call, kind: int, address: Any) -> bool:
    if not call.info.stream:  # no kernel has datagram sockets of its own in its loop
        return kind == socket.SOCK_DGRAM and address != call.info.local
    peer = call.info.peer or (call.arguments[0] if call.arguments else None)
    if kind != socket.SOCK_STREAM or not peer or address == call.info.local:
        return False
    return bool(_port(peer) == _port(address))


def _port(address: Any) -> Any:
    """What of an address tells one listener from another: it may listen on every interface."""
    return address[1] if isinstance(address, tuple) and len(address) > 1 else address


def _of(fd: int) -> Ours | None:
    """The kind and the local address of a descriptor; None for what is no socket."""
    with suppress(OSError):
        found = _socket.socket(fileno=fd)
        try:
            return found.type, found.getsockname()
        finally:
            found.detach()
    return None
