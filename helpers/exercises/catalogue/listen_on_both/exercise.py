"""listen_on_both: one listener for clients of IPv4 and of IPv6.

Such a listener is bound at every interface. While a check runs, it hears this machine alone, where
the system can do that (`Record.loopback_device`).
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from helpers.exercises import both_families, returned, trying
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import Quoted, socket_state
from helpers.record.record import record

_WANTED = Quoted("socket")
_KIND = ("tcp", "ipv6", "open", "listening")
_SHARES = getattr(socket, "SO_REUSEPORT", None)
_CLIENTS = {"ipv4_client": "127.0.0.1", "ipv6_client": "::1"}


def _lets_it_listen() -> None:
    """This exercise is the one in which a listener at every interface is right."""
    record.loopback_only, record.loopback_device = False, True


def _two_calls(stage: Stage) -> None:
    _lets_it_listen()
    returned.two_calls(stage, _TWO_CALLS, 0)


def _clients(stage: Stage) -> None:
    """The caller names a port. A client of each family connects to it.

    New sockets of IPv6 begin with IPV6_V6ONLY, as on Windows: who relies on a default relies on
    one system. (RFC 3493, 5.3, has it off.)
    """
    _lets_it_listen()
    record.ipv6_only = True
    port = both_families.free_port()
    stage.start(port)
    found = returned.result(stage)
    if stage.facts.get(returned.SHAPE) != _WANTED:
        return
    address = returned.address(found[0])
    is_same = address is not None and address[1] == port
    stage.fact("port", "asked_for" if is_same else "elsewhere")
    if is_same and returned.listens(found[0]):
        listener = stage.adopt(found[0])
        for client, host in _CLIENTS.items():
            stage.fact(client, _connects(stage, listener, client, (host, port)))


def _connects(stage: Stage, listener: socket.socket, name: str, address: Any) -> str:
    """Whether a client comes to this very listener."""
    with suppress(OSError):
        stage.connect(address, name)
        if stage.accept(listener, "conn") is not None:
            return "connected"
    return "cannot_connect"


def _a_port_is_taken(stage: Stage) -> None:
    """Another program listens there, in IPv4. It would share the port with who wants to."""
    _lets_it_listen()
    listener = stage.listen()
    if _SHARES is not None:
        with suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, _SHARES, 1)
    if not trying.begins(stage, int(listener.getsockname()[1])):
        return
    found = returned.result(stage)
    if isinstance(stage.run.error, OSError):
        stage.facts.clear()
        stage.fact("ended", "raised OSError")  # its number differs between systems
    elif found and stage.facts.get(returned.SHAPE) == _WANTED:
        address = returned.address(found[0])
        is_same = address is not None and address[1] == listener.getsockname()[1]
        stage.fact("port", "shared" if is_same else "elsewhere")
    stage.fact("listener", socket_state(listener, listening=True))


_TWO_CALLS = {
    "ended": "returned",
    returned.SHAPE: _WANTED,
    "returned_socket": _KIND,
    "bound_to": "every_interface",
    "second_call": returned.ANOTHER,
}
SCENARIOS = tuple(
    Scenario(name, play, expected, runs_here=both_families.are_here())
    for name, play, expected in (
        ("two calls", _two_calls, _TWO_CALLS),
        (
            "both families",
            _clients,
            {
                "ended": "returned",
                returned.SHAPE: _WANTED,
                "port": "asked_for",
                **dict.fromkeys(_CLIENTS, "connected"),
            },
        ),
        ("a port is taken", _a_port_is_taken, {"ended": "raised OSError", "listener": "open"}),
    )
)
