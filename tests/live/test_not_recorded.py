"""A server whose socket is not recorded: the message names the cause and the cure."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers import HERE, PLAIN

from helpers import LiveServer, timeline
from helpers.record.record import record

pytestmark = pytest.mark.usefixtures("recorded")


class Derived(PLAIN):
    """Made before the recorder."""


def by_a_class() -> Derived:
    return Derived()


def by_a_default(make: Any = PLAIN) -> Any:
    return make()


class Keeper:
    """Holds its socket in an attribute."""

    def __init__(self) -> None:
        self.listener = by_a_default()

    def serve(self) -> None:
        serve(self.listener)


def serve(s: Any) -> None:
    s.bind(HERE)
    s.listen()
    with s, s.accept()[0]:
        pass


def of_its_own(make: Callable[[], Any]) -> Callable[[], None]:
    def serving() -> None:
        serve(make())

    return serving


@pytest.fixture
def quick() -> Iterator[None]:
    record.waiting.patience = 0.3
    return


CASES: list[tuple[Callable[[], tuple[Any, ...]], str]] = [
    (lambda: (of_its_own(by_a_class),), "s is not recorded: its class Derived was made before"),
    (lambda: (of_its_own(by_a_default),), "s is not recorded: it is older than the recorder"),
    (lambda: (serve, by_a_default()), "s is not recorded: it is older than the recorder"),
    (lambda: (Keeper().serve,), "s is not recorded: it is older than the recorder"),
]


@pytest.mark.parametrize(("target", "says"), CASES)
def test_address_stop_where_and_timeline_name_the_cause(
    target: Callable[[], tuple[Any, ...]], says: str, quick: None
) -> None:
    server = LiveServer(*target()).start()
    with pytest.raises(TimeoutError, match="does not listen") as told:
        _ = server.address
    assert f"\n{says}" in str(told.value)
    assert "%load_ext helpers" in str(told.value)
    assert f"running. {says}" in server.where.reason
    drawn = timeline()
    assert drawn.events == ()
    assert says in " ".join(drawn.text().split())
    assert says in drawn.summary
    with pytest.raises(TimeoutError, match="still running") as told:
        server.stop(0.1)
    assert says in str(told.value)
    assert "this one makes none" not in str(told.value)
    end(server)


def end(server: LiveServer) -> None:
    """Connect to it, so that it ends: its frame tells the address."""
    from helpers.record.frames import frame_of

    frame = frame_of(server.actor.ident)
    while frame is not None and frame.f_code is not serve.__code__:
        frame = frame.f_back
    assert frame is not None
    with PLAIN() as client:
        client.connect(frame.f_locals["s"].getsockname())
        server.result(5)


def test_a_timeline_of_sockets_that_are_recorded_says_no_more() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert timeline().events
        assert timeline().text() == "No socket calls since the last timeline."
