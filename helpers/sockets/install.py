"""The recording sockets come into place, and go again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from helpers.record.events import Actor, Event
from helpers.record.model import ActorState
from helpers.record.record import record
from helpers.sockets import hooks, joining, letting_go, names, selecting, untracked
from helpers.sockets.attempts import PLAIN, Attempts, of_this_system
from helpers.sockets.recording import RecordingSocket, plain_socketpair, recorded_socketpair
from helpers.tracebacks import without_own_frames

_installs = 0


def install(attempts: Attempts | None = None, *namespaces: dict[str, Any]) -> None:
    """Put `RecordingSocket` in place of `socket.socket`; the running thread is the cell.

    Calls may be nested: each needs its `uninstall`. The outermost says how to try a call: as this
    system can, unless `attempts` is given. `namespaces` are those of a notebook: see `names`.
    """
    global _installs
    _installs += 1
    if _installs > 1:
        return
    RecordingSocket._attempts = attempts or of_this_system()
    with suppress(ImportError):  # a Python without ssl
        from helpers.sockets import tls  # now: its classes must derive from the plain socket

        tls.install()
    record.actors.begin_with(ActorState(Actor(0, "cell", "cell")))
    record.among_locks = 0
    record.enabled = True
    socket.socket = RecordingSocket  # type: ignore[misc]
    socket.socketpair = recorded_socketpair
    selecting.install()
    untracked.install(RecordingSocket)
    record.synchronizing.install()
    names.replace(_stand_ins(), *namespaces)
    hooks.install()
    joining.install()
    if RecordingSocket._attempts.holds:
        letting_go.install()


def _stand_ins() -> dict[Any, Any]:
    """What is plain, and what stands in its place while the recorder is there."""
    return {
        PLAIN: RecordingSocket,
        plain_socketpair: recorded_socketpair,
        **selecting.stand_ins(),
        **letting_go.stand_ins(),
    }


def uninstall(*namespaces: dict[str, Any]) -> None:
    """Put the plain `socket.socket` back. What is recorded stays to be read."""
    global _installs
    if not _installs:
        return
    _installs -= 1
    if _installs:
        return
    socket.socket = PLAIN  # type: ignore[misc]
    socket.socketpair = plain_socketpair
    with suppress(ImportError):
        from helpers.sockets import tls

        tls.uninstall()
    selecting.uninstall()
    untracked.uninstall()
    letting_go.uninstall()
    joining.uninstall()
    record.synchronizing.uninstall()
    hooks.uninstall()
    names.replace({recorded: plain for plain, recorded in _stand_ins().items()}, *namespaces)
    record.enabled = False
    if record.actors.cell is not None:
        record.actors.leave(record.actors.cell)
        record.actors.cell = None


class Recording:
    """What `recording()` gives: the events so far."""

    @property
    def events(self) -> tuple[Event, ...]:
        """All recorded calls, in causal order."""
        return record.events()


@contextmanager
def recording() -> Iterator[Recording]:
    """Record the sockets that are made inside the block (for use outside notebooks).

    Starts with an empty record.
    """
    if not _installs:
        record.log.clear()
    install()
    try:
        yield Recording()
    except BaseException as error:
        without_own_frames(error, None)
        raise
    finally:
        uninstall()
