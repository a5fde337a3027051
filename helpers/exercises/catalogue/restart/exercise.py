"""restart: the port of a server that has just ended."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from helpers import peers
from helpers.exercises import returned, trying
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import HERE, Stage
from helpers.exercises.values import Quoted, close, socket_state
from helpers.record.events import Event

_WANTED = Quoted("socket")
_KIND = ("tcp", "ipv4", "open", "listening")
_SHARES = getattr(socket, "SO_REUSEPORT", None)

_OPTIONS = {"SO_REUSEADDR": "with_reuse_address", "SO_REUSEPORT": "with_reuse_port"}


def _closed_first(stage: Stage, listener: socket.socket) -> None:
    """A client comes and goes, and the server closes first: TIME_WAIT is at the server's port.

    (RFC 9293, 3.3.2: whoever closes first has it.) Fact: how it ended for the client.
    """
    client = stage.connect(socket.socket.getsockname(listener), "client")
    stage.settle()  # whoever else accepts there does it now
    conn = stage.accept(listener, "server")
    if conn is None:
        stage.fact("client.saw", "taken")
        return
    with conn:
        conn.sendall(b"bye")
    heard = stage.read(client)
    stage.fact("client.received", heard[0])
    stage.fact("client.saw", heard[1])
    close(client)


def _an_old_server() -> int:
    """A server has served one client, closed first, and ended. Gives its port."""
    with socket.create_server(HERE) as listener:
        client = peers.connect(listener.getsockname())
        conn, _ = listener.accept()
        conn.close()
        with client:
            client.recv(1)
        return int(listener.getsockname()[1])


def _has_just_ended(stage: Stage) -> None:
    """Connections of the old server are in TIME_WAIT. The new one must serve a client."""
    port = _an_old_server()
    if not trying.begins(stage, port):
        return
    listener = _listener(stage, port)
    if listener is not None:
        _closed_first(stage, stage.adopt(listener))


def _is_started_again(stage: Stage) -> None:
    """At a port without old connections: it serves one client, ends, and is started again."""
    with stage.listen() as listener:
        port = int(listener.getsockname()[1])
    stage.start(port)
    listener = _listener(stage, port)
    if listener is None:
        return
    _closed_first(stage, stage.adopt(listener))
    stage.facts.clear()
    close(listener)
    if stage.run.start_again(port):
        _listener(stage, port)
    if stage.run.ended != "returned":
        stage.fact("first_start", _options(stage.run.calls))


def _listener(stage: Stage, port: int) -> Any:
    """What the function returned, and what is wrong with it; None if no client can be served."""
    found = returned.result(stage)
    if not found and trying.failed_binds(stage.run.calls):
        stage.fact("first_try", _options(stage.run.calls, trying.failed_binds(stage.run.calls)[0]))
    if stage.facts.get(returned.SHAPE) != _WANTED:
        return None
    sock = found[0]
    stage.fact("returned_socket", returned.look(stage, sock))
    address = returned.address(sock)
    if address is not None:
        stage.fact("bound_to", returned.host_of(address))
        stage.fact("port", "asked_for" if address[1] == port else "elsewhere")
    is_right = stage.facts["returned_socket"] == _KIND
    return sock if is_right and address == ("127.0.0.1", port) else None


def _options(calls: Sequence[Event], failed: Event | None = None) -> str:
    """Which option a socket had when it was bound, and whether one came too late.

    That of a bind() that failed; without it, that of the first bind().
    """
    bind = failed or next((each for each in calls if each.call == "bind"), None)
    if bind is None:
        return "nothing_is_known"
    given = [
        (each.number < bind.number, {str(name) for name in each.arguments})
        for each in calls
        if each.call == "setsockopt"
        and each.socket == bind.socket
        and each.arguments[-1] not in (0, False)
    ]
    for option, words in _OPTIONS.items():
        for before, names in given:
            if option in names:
                return words if before else "too_late"
    return "without"


def _somebody_listens(stage: Stage) -> None:
    """Another server has the port. It would share it with whoever sets the same options."""
    listener = stage.listen()
    port = int(listener.getsockname()[1])
    if _SHARES is not None:
        with suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, _SHARES, 1)
    if not trying.begins(stage, port):
        return
    found = returned.result(stage)
    if isinstance(stage.run.error, OSError) and type(stage.run.error) is OSError:
        stage.facts.clear()
        stage.fact("ended", "raised OSError")  # its number differs between systems
    if found and stage.facts.get(returned.SHAPE) == _WANTED:
        address = returned.address(found[0])
        is_same = address is not None and address[1] == port
        stage.fact("port", "shared" if is_same else "elsewhere")
    stage.fact("listener", socket_state(listener, listening=True))


SCENARIOS = (
    Scenario(
        "just ended",
        _has_just_ended,
        {
            "ended": "returned",
            returned.SHAPE: _WANTED,
            "returned_socket": _KIND,
            "bound_to": Quoted("127.0.0.1"),
            "port": "asked_for",
            "client.received": b"bye",
            "client.saw": "end",
        },
    ),
    Scenario(
        "started again",
        _is_started_again,
        {
            "ended": "returned",
            returned.SHAPE: _WANTED,
            "returned_socket": _KIND,
            "bound_to": Quoted("127.0.0.1"),
            "port": "asked_for",
        },
    ),
    Scenario(
        "somebody listens", _somebody_listens, {"ended": "raised OSError", "listener": "open"}
    ),
)
