"""A wait for several sockets does what a plain one does, however many there are."""

from __future__ import annotations

import gc
import os
import select
import selectors
import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from helpers import LiveServer
from helpers.sockets import watched
from helpers.sockets.watched import Tally, tally_of

pytestmark = pytest.mark.usefixtures("recorded")


@pytest.fixture
def idle() -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(20)]
        for pair in pairs:
            for each in pair:
                stack.enter_context(each)
        yield [here for here, _ in pairs]


def test_a_wait_looks_at_none_of_the_sockets_that_it_is_for(
    idle: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it costs the same, however many are registered."""
    looked: list[object] = []
    plain = watched.info_of

    def info_of(sock: Any) -> Any:
        looked.append(sock)
        return plain(sock)

    here, there = socket.socketpair()
    with here, there, selectors.DefaultSelector() as selector:
        for each in idle:
            selector.register(each, selectors.EVENT_READ)
        selector.select(0.001)
        tally_of(selector)
        monkeypatch.setattr(watched, "info_of", info_of)
        selector.register(here, selectors.EVENT_READ)
        timer = threading.Timer(0.1, there.sendall, [b"x"])
        timer.start()
        for _ in range(3):
            assert [key.fileobj for key, _ in selector.select()] == [here]
        timer.join()
    assert looked == [here]


def test_a_tally_follows_each_change(idle: list[socket.socket]) -> None:
    reader, writer = os.pipe()
    with (
        selectors.DefaultSelector() as selector,
        open(reader, "rb", buffering=0) as pipe,
        open(writer, "wb", buffering=0),
    ):
        tally = tally_of(selector)
        assert not tally.all_recorded
        selector.register(idle[0], selectors.EVENT_READ)
        assert tally.all_recorded
        selector.register(pipe, selectors.EVENT_READ)
        assert not tally.all_recorded
        selector.modify(idle[0], selectors.EVENT_WRITE)
        assert not tally.all_recorded
        selector.unregister(pipe)
        assert tally.all_recorded
        assert list(tally) == [idle[0]]
        with pytest.raises(KeyError):
            selector.register(idle[0], selectors.EVENT_READ)
        assert list(tally) == [idle[0]]


@pytest.mark.posix_only
def test_no_poll_object_is_kept_by_what_it_counts() -> None:
    gc.disable()
    try:
        made = select.poll()
        made.poll(0)
        kept = weakref.ref(made)
        del made
        assert kept() is None
    finally:
        gc.enable()


def test_where_tells_for_how_many_sockets_it_waits(idle: list[socket.socket]) -> None:
    def server() -> None:
        with selectors.DefaultSelector() as selector:
            for each in idle:
                selector.register(each, selectors.EVENT_READ)
            selector.select()

    with LiveServer(server) as live:
        live.settle()
        assert "until one of its 20 sockets is ready" in str(live.where)


def test_select_with_a_list_that_shrinks_meanwhile() -> None:
    a, b = socket.socketpair()
    several: list[Any] = []

    class Shrinks:
        def fileno(self) -> int:
            del several[-1]
            return a.fileno()

    with a, b:
        several[:] = [Shrinks()] * 10
        assert select.select([], several, []) == ([], several[:5], [])


@pytest.mark.posix_only
def test_poll_objects_are_made_by_the_function() -> None:
    kind: Any = type(select.poll())
    with pytest.raises(TypeError, match=r"cannot create 'select.poll' instances"):
        kind()


@pytest.mark.parametrize("wrong", [5, None, [object()], ["x"]])
def test_what_select_refuses_is_refused_in_its_words(wrong: Any) -> None:
    def told() -> str:
        with pytest.raises((TypeError, ValueError)) as refused:
            select.select(wrong, [], [])
        return f"{refused.type} {refused.value}"

    recorded = told()
    plain = select.select.__wrapped__  # type: ignore[attr-defined]
    with pytest.raises((TypeError, ValueError)) as refused:
        plain(wrong, [], [])
    assert recorded == f"{refused.type} {refused.value}"


def test_a_tally_counts_what_is_registered_twice_once() -> None:
    tally = Tally(lambda: [], lambda: 1)
    tally.registered(3, None)
    tally.registered(3, None)
    tally.unregistered(3)
    assert tally.all_recorded
