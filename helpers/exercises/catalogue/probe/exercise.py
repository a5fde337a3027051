"""probe: who listens, who refuses, and who does not answer."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Sequence
from typing import Any

from helpers.exercises import fair_time
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import HERE, Stage
from helpers.exercises.traffic import readable
from helpers.exercises.values import Key
from helpers.record.events import Event

AMPLE = 5.0
"""Seconds that the function may take for an address that answers: it needs none of them."""

SHORT = 0.1
"""Seconds for an address that does not answer: these are really waited, once for each."""

SPARE = 0.4
"""Seconds more than that until a function that goes on waiting has another limit. Only one that
sets no timeout on its sockets is looked at by the clock: any other says what it waits for."""

MOMENT = 0.3
"""Seconds for what needs none of them, and waits for nobody but the system. Chosen: a function that
waits for a peer has the check wait so long, too."""

_MULTICAST = ("224.0.0.1", 9)
"""TCP cannot connect to a group of computers: the system refuses, and sends nothing. (Linux:
tcp_v4_connect() in net/ipv4/tcp_ipv4.c.)"""

_CONNECTS = ("connect", "connect_ex")


def _refusing(stage: Stage) -> Any:
    """The address of a socket that does not listen: the port is taken, so nobody else does."""
    sock = socket.socket()
    sock.bind(HERE)
    return stage.adopt(sock).getsockname()


def _silent(stage: Stage) -> Any:
    """The address of a listener whose queue is full: Linux then drops the SYN (man 2 listen)."""
    listener = stage.listen(backlog=0)
    stage.connect(stage.address, "a client that waits")
    fair_time.watch(readable(listener), AMPLE)
    return listener.getsockname()


def _some_listen(stage: Stage) -> None:
    """Two of four addresses have a listener, and one of these two is asked for twice."""
    first, second = stage.listen(), stage.listen()
    here, there = first.getsockname(), second.getsockname()
    addresses = [_refusing(stage), here, there, _refusing(stage), here]
    stage.start(list(addresses), AMPLE)
    _let_it_end(stage)
    _tell_sockets(stage, addresses)
    if stage.run.ended == "returned":
        stage.fact("sent", b"".join(_sent(stage, each) for each in (first, second)))


def _let_it_end(stage: Stage) -> None:
    """Every connect() here is answered by the system, in a moment that the account cannot know."""
    fair_time.watch(lambda: stage.run.is_over, MOMENT)
    stage.finish()


def _sent(stage: Stage, listener: socket.socket) -> bytes:
    """What has come to a listener, in all."""
    if not readable(listener)():
        return b""
    conn = stage.accept(listener, "server")
    return b"" if conn is None else stage.read(conn)[0]


def _nobody_answers(stage: Stage) -> None:
    """Two addresses do not answer, and behind each of them is one that does."""
    silent = [_silent(stage), _silent(stage)]
    answers = [stage.listen().getsockname() for _ in silent]
    addresses = [silent[0], answers[0], silent[1], answers[1]]
    began = time.monotonic()
    stage.start(list(addresses), SHORT)
    default: float | None = None  # of new sockets: it may be set for the time of the call only

    def is_known() -> bool:
        nonlocal default
        default = socket.getdefaulttimeout() or default
        return stage.run.is_over or _limit(stage, silent, default) != "as_asked"

    if not fair_time.watch(is_known, len(silent) * SHORT + SPARE):
        stage.fact("limit", "longer")
    took = time.monotonic() - began
    if "limit" not in stage.facts:
        stage.fact("limit", _limit(stage, silent, default))
    for _ in silent:  # whoever waits for longer has seen enough
        if not stage.run.is_over:
            stage.let_time_pass()
    stage.finish()
    if stage.facts["limit"] == "as_asked":  # now all of its calls are in the record
        stage.fact("limit", _limit(stage, silent, default))
    if stage.run.ended == "returned" and stage.facts["limit"] == "as_asked" and took < SHORT:
        stage.fact("limit", "not_waited")
    _tell_sockets(stage, addresses)


def _limit(stage: Stage, silent: Sequence[Any], default: float | None) -> str:
    """The time limit of the sockets that connected to those who do not answer, as far as known."""
    calls, before = stage.run.calls, 0
    for connect in calls:
        if connect.call not in _CONNECTS or not _goes_to(connect, silent):
            continue
        limit = _limit_at(connect, calls, default)
        if limit is None:
            return "no_limit"
        if limit and not SHORT / 2 < limit <= SHORT * 1.001:  # a rest of it may be a little less
            return "used_up" if before and limit < SHORT else "another"
        before += 1
    return "as_asked"


def _limit_at(connect: Event, calls: Sequence[Event], default: float | None) -> float | None:
    """The timeout of a socket when it connected, in seconds; 0 for one that does not wait."""
    limit = default
    for each in calls:
        if each.socket == connect.socket and each.number < connect.number and each.arguments:
            (given, *_) = each.arguments
            if each.call == "settimeout":
                limit = float(given) if isinstance(given, int | float) else None
            elif each.call == "setblocking":
                limit = None if given else 0.0
    return limit


def _goes_to(connect: Event, addresses: Sequence[Any]) -> bool:
    return bool(connect.arguments) and connect.arguments[0] in addresses


def _tell_sockets(stage: Stage, addresses: Sequence[Any]) -> None:
    """Fact: how many sockets each address has had."""
    if stage.run.ended != "returned":
        return
    _hide_ports(stage, addresses)
    connects = [each for each in stage.run.calls if each.call in _CONNECTS]
    tried = {to: {each.socket for each in connects if _goes_to(each, [to])} for to in addresses}
    more = [len(tried[to]) - addresses.count(to) for to in tried]
    if not all(tried.values()):
        stage.fact("sockets", "not_all_tried")
    elif len(set.union(*tried.values())) < sum(map(len, tried.values())):
        stage.fact("sockets", "shared")
    else:
        stage.fact("sockets", "several_tries" if max(more) > 0 else "one_each")


def _hide_ports(stage: Stage, addresses: Sequence[Any]) -> None:
    """An address in the list that it returned has a port that differs from run to run."""
    found = stage.facts["returned"]
    if isinstance(found, list):
        known = [list(each) for each in addresses]
        stage.fact("returned", [Key("an_address") if each in known else each for each in found])


def _another_error(stage: Stage) -> None:
    """An address with which TCP can do nothing: neither refused, nor silent."""
    stage.start([_MULTICAST], AMPLE)
    _let_it_end(stage)
    error = stage.run.error
    named = isinstance(error, ConnectionRefusedError | TimeoutError | BlockingIOError)
    if isinstance(error, OSError) and not named:
        stage.fact("ended", "raised OSError")  # its number differs between systems


SCENARIOS = (
    Scenario(
        "some listen",
        _some_listen,
        {
            "ended": "returned",
            "returned": ["refused", "open", "open", "refused", "open"],
            "sockets": "one_each",
            "sent": b"",
        },
    ),
    Scenario(
        "no answer",
        _nobody_answers,
        {
            "ended": "returned",
            "returned": ["silent", "open", "silent", "open"],
            "limit": "as_asked",
            "sockets": "one_each",
        },
        runs_here=sys.platform == "linux",
    ),
    Scenario("another error", _another_error, {"ended": "raised OSError"}),
)
