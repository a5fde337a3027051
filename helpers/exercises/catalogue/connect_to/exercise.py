"""connect_to: a name with several addresses, of which some cannot be reached."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

from helpers.addresses import address_key
from helpers.exercises import both_families, fair_time, returned
from helpers.exercises.scenario import Facts, Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import Quoted, is_socket, waits_as
from helpers.names import made_up_names
from helpers.record.events import Event

NAME = "shop.example"
"""A domain that belongs to nobody (RFC 6761, 6.5)."""

UNREACHABLE = "224.0.0.1"
"""TCP cannot connect to a group of computers: the system refuses, and sends nothing. (Linux:
tcp_v4_connect() in net/ipv4/tcp_ipv4.c.)"""

_NO_FAMILY = 99
"""A family that no system has: socket() fails."""

MOMENT = 0.3
"""Seconds for what waits for nobody but the system. Chosen, as in probe."""

_WANTED = Quoted("socket")
_CONNECTS = ("connect", "connect_ex")
_PLACES = ("first", "second", "third")


def _call(stage: Stage, port: int, addresses: Sequence[Any] | None) -> None:
    """The function is given a name with these addresses; None: nobody has this name.

    Facts: how it ended, which sockets it connected to which address, how often it asked.
    """
    names = {} if addresses is None else {NAME: addresses}
    questions = stage.during(made_up_names(names))
    stage.start(NAME, port)
    # The system answers each connect(), in a moment that the account cannot know.
    fair_time.watch(lambda: stage.run.is_over, MOMENT)
    found = returned.result(stage)
    if found:
        _tell_socket(stage, found[0])
    elif isinstance(stage.run.error, OSError):
        stage.facts.clear()
        stage.fact("ended", _named(stage.run.error))
    asked = [each for each in questions if each[0] == NAME and each[1] == port]
    stage.fact("asked", "once" if len(asked) == len(questions) == 1 else "in_another_way")
    if addresses:
        stage.fact("tried", tuple(_tried(stage, port, addresses)))


def _named(error: OSError) -> str:
    """An error whose number differs between systems has no number here."""
    kind = type(error).__name__
    return "raised OSError" if type(error) is OSError else f"raised {kind}"


def _tell_socket(stage: Stage, sock: Any) -> None:
    if not is_socket(sock):
        return
    stage.fact("returned_socket", returned.look(stage, sock))
    if returned.is_open(sock):
        stage.fact("its_calls", _waits(sock))


def _waits(sock: socket.socket) -> str:
    limit = socket.socket.gettimeout(sock)
    if limit:
        return "wait_with_a_limit"
    return "wait" if limit is None and waits_as(sock, None) else "do_not_wait"


def _tried(stage: Stage, port: int, addresses: Sequence[Any]) -> list[str]:
    """Each socket that connected, by the place of its address in the list."""
    keys = [_key_of(each, port) for each in addresses]
    seen: list[tuple[int, str]] = []
    for call in stage.run.calls:
        if call.call in _CONNECTS and (call.socket, _place(call, keys)) not in seen:
            seen.append((call.socket, _place(call, keys)))
    return [place for _, place in seen] or ["no_address"]


def _key_of(address: Any, port: int) -> Any:
    return address_key(address[4] if isinstance(address, tuple) else (address, port))


def _place(call: Event, keys: Sequence[Any]) -> str:
    given = call.arguments[0] if call.arguments else None
    if isinstance(given, tuple) and given[:1] == (NAME,):
        return "the_name"
    key = address_key(given)
    return _PLACES[keys.index(key)] if key in keys else "another_address"


def _both_answer(stage: Stage) -> None:
    """A server listens at both addresses. Only the first one is to be connected to."""
    port = both_families.held_port(stage)
    six, four = stage.listen(host="::1", port=port), stage.listen(port=port)
    _call(stage, port, ["::1", "127.0.0.1"])
    if stage.run.ended == "returned":
        came = [conn for conn in (stage.accept(six, "conn"), stage.accept(four, "conn")) if conn]
        stage.fact("sent", b"".join(stage.read(conn)[0] for conn in came))


def _the_first_is_dead(stage: Stage) -> None:
    """Nobody listens at the first one, and the second one cannot be reached."""
    port = both_families.held_port(stage)
    stage.listen(port=port)
    _call(stage, port, ["::1", UNREACHABLE, "127.0.0.1"])


def _a_family_is_missing(stage: Stage) -> None:
    """For the first address no socket can be made: as where a system has no IPv6."""
    port = int(stage.listen().getsockname()[1])
    _call(stage, port, [_without_family(port), "127.0.0.1"])


def _without_family(port: int) -> tuple[Any, ...]:
    return (_NO_FAMILY, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("::1", port, 0, 0))


def _all_are_dead(stage: Stage) -> None:
    """The last one refuses, and the one before it fails in another way."""
    _call(stage, both_families.held_port(stage), [UNREACHABLE, "::1"])
    _tell_whose(stage, "of_the_first")


def _one_address(stage: Stage) -> None:
    """For the only address no socket can be made: the error is that of socket()."""
    _call(stage, both_families.held_port(stage), [_without_family(0)])
    _tell_whose(stage, "of_socket")


def _tell_whose(stage: Stage, of_the_system: str) -> None:
    """Fact: whether a plain OSError has come from the system, or is one of the function's own."""
    error = stage.run.error
    if type(error) is OSError:
        stage.fact("error", of_the_system if error.errno is not None else "of_its_own")


def _no_such_name(stage: Stage) -> None:
    _call(stage, both_families.held_port(stage), None)


def _no_address(stage: Stage) -> None:
    """A list that is empty: the system does not give one, and other programs' getaddrinfo may."""
    _call(stage, both_families.held_port(stage), [])


def _connected(family: str, *tried: str) -> Facts:
    return {
        "ended": "returned",
        returned.SHAPE: _WANTED,
        "returned_socket": ("tcp", family, "open"),
        "its_calls": "wait",
        "asked": "once",
        "tried": tried,
    }


SCENARIOS = tuple(
    Scenario(name, play, expected, runs_here=both_families.are_here())
    for name, play, expected in (
        ("both answer", _both_answer, {**_connected("ipv6", "first"), "sent": b""}),
        (
            "the first is dead",
            _the_first_is_dead,
            _connected("ipv4", "first", "second", "third"),
        ),
        ("a family is missing", _a_family_is_missing, _connected("ipv4", "second")),
        (
            "all are dead",
            _all_are_dead,
            {
                "ended": "raised ConnectionRefusedError",
                "asked": "once",
                "tried": ("first", "second"),
            },
        ),
        (
            "one address",
            _one_address,
            {
                "ended": "raised OSError",
                "asked": "once",
                "tried": ("no_address",),
                "error": "of_socket",
            },
        ),
        ("no such name", _no_such_name, {"ended": "raised gaierror", "asked": "once"}),
        ("no address", _no_address, {"ended": "raised OSError", "asked": "once"}),
    )
)
