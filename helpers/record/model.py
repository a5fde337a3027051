"""A call while it is being made, and what the recorder remembers of each socket.

Both change as they go, which is why they are not events: `Call.freeze` makes the event.
"""

from __future__ import annotations

import itertools
import socket
import sys
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import TYPE_CHECKING, Any

from helpers.record.events import Cause, CauseKind, Event, Outcome, Role
from helpers.record.wire import DatagramQueue, Endpoint, Listener, Timestamp

if TYPE_CHECKING:
    from helpers.record.actors import ActorState

NAME_TRIES = 8
"""Calls after which a socket without a variable of its own stays nameless."""

_numbers = itertools.count(1)
_socket_creators = (socket.create_server.__code__, socket.create_connection.__code__)


def next_number() -> int:
    """A number of its own for a call or a socket: larger than all before it."""
    return next(_numbers)


class SocketInfo:
    """What the recorder knows of one socket object."""

    __slots__ = (
        "aborts",
        "born",
        "datagram_queue",
        "endpoint",
        "kernel_timeout",
        "listener",
        "local",
        "name",
        "name_tries",
        "number",
        "peer",
        "role",
        "stream",
    )

    def __init__(self, born: int, stream: bool, name: str = "") -> None:
        self.number = next_number()
        self.name = name
        self.name_tries = NAME_TRIES
        self.born = born
        """Lamport time of the call that made it: whoever uses it comes later."""
        self.stream = stream
        self.endpoint: Endpoint | None = None
        self.listener: Listener | None = None
        self.datagram_queue: DatagramQueue | None = None
        self.local: Any = None
        self.peer: Any = None
        self.role: Role = ""
        self.aborts = False
        """SO_LINGER is on with zero seconds: close() resets the connection."""
        self.kernel_timeout = False
        """SO_RCVTIMEO or SO_SNDTIMEO is set: the kernel ends the wait, so it must make it."""

    def learn_name(self, sock: socket.socket) -> None:
        """Look for the learner's variable: a local one, then one of the module or the cell."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals.get("__name__") in _OWN_MODULES:
            if frame.f_code in _socket_creators:
                return  # it has not been given to the learner yet
            frame = frame.f_back
        self.name_tries -= 1
        if frame is None:
            return
        local = frame.f_locals
        try:
            self.name = _name_in(local, sock) or _name_in(frame.f_globals, sock)
        finally:
            if (
                frame.f_code.co_flags & CO_OPTIMIZED
                and sys.version_info < (3, 13)
                and sys.getrefcount(local) <= 3  # nobody else has it from locals()
            ):
                local.clear()  # it is a copy that would keep the socket from being collected


def info_of(value: Any) -> SocketInfo | None:
    """The note of a recorded socket, or of the socket that a `socketserver` object holds."""
    info = getattr(value, "_info", None)
    if not isinstance(info, SocketInfo):
        info = getattr(getattr(value, "socket", None), "_info", None)
    return info if isinstance(info, SocketInfo) else None


def _name_in(names: dict[str, Any], sock: socket.socket) -> str:
    for name, value in list(names.items()):  # other threads may add names meanwhile
        if value is sock and not name.startswith("_") and name != "self":
            return name
    return ""


class Call:
    """One call on one socket, from its beginning to its end."""

    # Defaults of the class, not slots: most calls need few of them, and begin the quicker.
    outcome: Outcome = "waiting"
    result: Any = None
    made: int | None = None
    error = ""
    data = b""
    size = 0
    causes: tuple[tuple[int, CauseKind, int], ...] = ()
    """What is to become `Event.causes`."""
    remark = ""
    no_progress = False
    """It moved nothing, and the same call would again."""
    shown = False

    def __init__(
        self, state: ActorState, info: SocketInfo, name: str, arguments: tuple[Any, ...], began: int
    ) -> None:
        self.number = next(_numbers)
        self.state = state
        self.info = info
        self.name = name
        self.arguments = arguments
        self.began = self.clock = began
        self.local = info.local
        self.peer = info.peer

    @property
    def timestamp(self) -> Timestamp:
        """What other calls may name as their cause."""
        return Timestamp(self.clock, self.number)

    def follow(self, timestamp: Timestamp | None, kind: CauseKind, size: int = 0) -> None:
        """This call was made possible by that one (if it is known)."""
        if timestamp is not None:
            self.causes = (*self.causes, (timestamp.event, kind, size))
            if timestamp.clock >= self.clock:
                self.clock = timestamp.clock + 1

    def freeze(self) -> Event:
        """The event, as it stands now."""
        return Event(
            number=self.number,
            clock=self.clock,
            began=self.began,
            actor=self.state.actor,
            socket=self.info.number,
            name=self.info.name,
            call=self.name,
            arguments=self.arguments,
            outcome=self.outcome,
            result=self.result,
            role=self.info.role,
            made=self.made,
            error=self.error,
            data=self.data,
            size=self.size,
            local=self.local,
            peer=self.peer,
            causes=tuple(Cause(*each) for each in self.causes),
            note=self.remark,
        )


_OWN_MODULES = frozenset(
    {
        "socket",
        "helpers.record.model",
        "helpers.live.server",
        "helpers.record.record",
        "helpers.sockets.recording",
    }
)


def calling_frame() -> FrameType | None:
    """The frame that called a socket method: the nearest outside `socket` and the recorder."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in _OWN_MODULES:
        frame = frame.f_back
    return frame
