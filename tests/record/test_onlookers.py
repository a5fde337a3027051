"""Who looks on is told of calls, waits and ends."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from servers import echo_server

from helpers import LiveServer
from helpers.record.actors import Deadlock
from helpers.record.record import record

pytestmark = pytest.mark.usefixtures("recorded")


def test_an_onlooker_is_told_of_calls_waits_and_ends_until_it_goes() -> None:
    told: list[int] = []

    def tell() -> None:
        told.append(len(told))

    record.subscribe(tell)
    live = LiveServer(echo_server).start().settle()
    assert told  # its calls, and its wait
    before = len(told)
    live.stop()
    assert len(told) > before
    record.unsubscribe(tell)
    record.unsubscribe(tell)
    before = len(told)
    socket.socket().close()
    assert len(told) == before


def test_since_gives_each_call_once_also_when_some_were_forgotten() -> None:
    before, mark = record.news(0)
    with socket.socket():
        pass
    new, mark = record.news(mark)
    assert [event.call for event in new] == ["socket", "close"]
    assert record.news(mark) == ((), mark)
    assert len(record.news(0)[0]) == len(before) + 2
    record.clear()
    with socket.socket():
        pass
    assert [event.call for event in record.news(mark)[0]] == ["socket", "close"]


def test_a_thread_that_jupyter_starts_later_does_not_hold_up_a_deadlock() -> None:
    """JupyterLab starts one for a page's widgets. It makes no call that could help."""
    done = threading.Event()
    kind = type("SubshellThread", (threading.Thread,), {"__module__": "ipykernel.subshell"})
    thread = kind(target=done.wait, args=(20,))
    thread.start()
    started = time.monotonic()
    with (
        LiveServer(echo_server) as live,
        socket.create_connection(live.address) as client,
        pytest.raises(Deadlock),
    ):
        client.recv(1)
    assert time.monotonic() - started < 5
    done.set()
    thread.join()
