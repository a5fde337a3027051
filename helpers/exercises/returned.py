"""What a function has returned, as facts: sockets do not compare, so keys are compared.

Rules of this file:

- No value is trusted. It may be None, a lone socket, a wrong tuple, or something that only
  looks like a socket: it gets a key, and never an exception.
- No port and no number of a descriptor is in a fact: they differ from run to run.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from helpers.addresses import address_key, is_at_any, is_on_loopback
from helpers.exercises.scenario import Facts
from helpers.exercises.stage import Stage
from helpers.exercises.values import Quoted, is_socket, items_of
from helpers.record.events import Constant, Event
from helpers.record.record import record
from helpers.record.socket_info import info_of

SHAPE = "shape"
NOWHERE = "no_address"
ANOTHER = "another_port"
MADE_BEFORE = "made_before"

_FAMILIES = {"AF_INET": "ipv4", "AF_INET6": "ipv6", "AF_UNIX": "unix"}
_TYPES = {"SOCK_STREAM": "stream", "SOCK_DGRAM": "datagram", "SOCK_RAW": "raw"}
_OF_THE_INTERNET = {"stream": "tcp", "datagram": "udp"}
_STEPS = ("socket", "bind", "listen", "accept", "connect", "send", "sendall", "recv")
_ITEMS_SHOWN = 4
_TEXT_SHOWN = 100


def result(stage: Stage) -> list[Any]:
    """What the function returned, as a list: of one value, or of the items of a tuple.

    Facts: how the function ended, and the shape of what it returned. If it failed, the facts are
    how and where, and nothing else.
    """
    stage.finish()
    if "returned" not in stage.facts:
        ended = stage.facts["ended"]
        stage.facts.clear()
        stage.fact("ended", ended)
        tell_failure(stage)
        return []
    del stage.facts["returned"]
    stage.fact(SHAPE, Quoted(shape(stage.run.value)))
    kind = type(stage.run.value)
    return items_of(stage.run.value) if issubclass(kind, tuple | list) else [stage.run.value]


def two_calls(stage: Stage, expected: Facts, *args: Any) -> None:
    """The caller looks at the socket that it has got, keeps it open, and calls again.

    The first port that the function chooses itself is taken: so it is no matter of luck whether
    another program has it. Looks no further than the facts are as `expected`.
    """
    record.refused_binds = 1
    stage.start(*args)
    found = result(stage)
    if stage.facts.get("failed_call") == "bind_fixed_port":
        _tell_next_choice(stage, *args)
    if found and is_socket(found[0]):
        stage.fact("returned_socket", look(stage, found[0]))
        if is_open(found[0]) and stage.run.has_made(found[0]):
            stage.fact("bound_to", host_of(address(found[0])))
    if stage.facts.items() <= expected.items() and stage.run.start_again(*args):
        second = result(stage)
        if stage.facts.get(SHAPE) == expected[SHAPE]:
            stage.fact("second_call", another(found[0], second[0]))


def _tell_next_choice(stage: Stage, *args: Any) -> None:
    """Which port it wants when it is called once more."""
    record.refused_binds = 1
    if stage.run.start_again(*args, after=stage.run.ended):
        stage.run.conclude()
        tried = [call.arguments for call in stage.run.calls if call.call == "bind"]
        ports = [given[0][1] for given in tried if given and isinstance(given[0], tuple)]
        wants = [port for port in ports if port]  # it may have asked the system for one before
        stage.fact("next_choice", "the_same" if len({*wants}) == 1 else "another_one")


def shape(value: Any) -> str:
    """`(socket, int)`, `None`, `dict` ... A list says the same as a tuple."""
    if value is None:
        return "None"
    if is_socket(value):
        return "socket"
    if not issubclass(type(value), tuple | list):
        return type(value).__name__
    names = ["None" if item is None else _name_of(item) for item in items_of(value)]
    if len(names) > _ITEMS_SHOWN:
        names[_ITEMS_SHOWN:] = ["..."]
    return f"({', '.join(names)})"


def _name_of(item: Any) -> str:
    if issubclass(type(item), type):
        return "class"
    return "socket" if is_socket(item) else type(item).__name__


def look(stage: Stage, sock: socket.socket) -> tuple[str, ...]:
    """What a socket is, and its state: `("tcp", "ipv4", "open", "listening", "with_a_limit")`."""
    if not stage.run.has_made(sock):
        return (MADE_BEFORE,)
    family, kind = _family_and_type(sock)
    if family in ("ipv4", "ipv6"):
        kind = _OF_THE_INTERNET.get(kind, kind)
    state = "open" if is_open(sock) else "closed"
    if not listens(sock):
        return (kind, family, state)
    # One that asyncio made does not wait: only a number of seconds is somebody's own choice.
    limit = ("with_a_limit",) if _limit(sock) else ()
    return (kind, family, state, "listening", *limit)


def _family_and_type(sock: socket.socket) -> tuple[str, str]:
    family, kind = socket.socket.family.fget(sock), socket.socket.type.fget(sock)  # type: ignore[attr-defined]
    named = (getattr(family, "name", str(family)), getattr(kind, "name", str(kind)))
    return _FAMILIES.get(named[0], named[0]), _TYPES.get(named[1], named[1])


def is_open(sock: socket.socket) -> bool:
    """Whether it has a descriptor."""
    return socket.socket.fileno(sock) >= 0


def _limit(sock: socket.socket) -> float:
    """The seconds that its calls wait at most; 0.0 where it has no such limit."""
    return socket.socket.gettimeout(sock) or 0.0


def listens(sock: socket.socket) -> bool:
    """Whether clients can connect to it."""
    info = info_of(sock)
    if info is not None and info.listener is not None:
        return True
    with suppress(OSError, AttributeError):
        return bool(socket.socket.getsockopt(sock, socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    return False


def address(sock: socket.socket) -> Any:
    """Its own address; None for a closed socket."""
    with suppress(OSError):
        return socket.socket.getsockname(sock)
    return None


def host_of(found: Any) -> str:
    """An address, without its port."""
    if not isinstance(found, tuple) or len(found) < 2:
        return NOWHERE
    host, port = found[:2]
    if port == 0:
        return NOWHERE
    if host == "" or is_at_any(address_key(found)):
        return "every_interface"
    if isinstance(host, str) and is_on_loopback(found):
        return Quoted(host)
    return "reachable"


def another(first: socket.socket, second: socket.socket) -> str:
    """What the second call gave, when the caller still has the socket of the first."""
    if second is first:
        return "same_socket"
    if not is_open(first):
        return "first_closed"
    one, other = address(first), address(second)
    if other is None or other[1] == 0:
        return "without_port"
    if one is not None and other is not None and one[1] == other[1] != 0:
        return "same_port"
    return ANOTHER


def room(stage: Stage, sock: socket.socket) -> int | str:
    """How many waiting clients the last listen() asked room for.

    Looked up in the record of calls by the address: so it is found for a copy of the socket too.
    """
    own = address(sock)
    if info_of(sock) is None:
        return "not_recorded"
    calls = [
        each
        for each in stage.run.calls
        if each.call == "listen" and each.outcome == "done" and each.local == own
    ]
    if not calls:
        return "not_called"
    given = calls[-1].arguments
    return given[0] if given and isinstance(given[0], int) else "no_number"


def tell_broken(stage: Stage) -> None:
    """A broken connection has other names on other systems, and for the second call."""
    if isinstance(stage.run.error, ConnectionError):
        stage.fact("ended", "raised ConnectionError")


def tell_failure(stage: Stage) -> None:
    """At which call a function that raised has failed, without what differs between runs."""
    if stage.run.error is None:
        return
    kind = type(stage.run.error).__name__
    steps = [each for each in stage.run.calls if each.call in _STEPS]
    failed = [
        each for each in steps if each.outcome == "failed" and each.error.partition(":")[0] == kind
    ]
    if failed:
        stage.fact("failed_call", _call(failed[-1]))
    elif steps:
        stage.fact("last_call", f"call {steps[-1].call}")
        if kind == "TypeError":  # Python refused a call, so there is no record of it
            text = str(stage.run.error).partition("\n")[0][:_TEXT_SHOWN]
            stage.fact("error_says", Quoted(text))


def _call(event: Event) -> str:
    """A call that failed, with what matters of its arguments."""
    if event.call == "bind" and event.arguments:
        given = event.arguments[0]
        if isinstance(given, tuple) and len(given) == 2:
            return _bind_to_port(given[1])
        return f"bind_to {_kind_of_argument(given)}"
    if event.call == "listen":
        found = host_of(event.local)
        return "listen_unbound" if found == NOWHERE else f"listen_at {found}"
    return f"call {event.call}"


def _bind_to_port(given: Any) -> str:
    if isinstance(given, int) and given == 0:
        return "bind_port_0"
    if isinstance(given, int):
        return "bind_fixed_port"
    return f"bind_port_as {_kind_of_argument(given)}"


def _kind_of_argument(given: Any) -> str:
    if isinstance(given, Constant):
        return str(given).strip("<>")
    return "text" if isinstance(given, str) else type(given).__name__
