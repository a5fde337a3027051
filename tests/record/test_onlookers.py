"""Who looks on is told of calls, waits and ends."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from servers import echo_server

from helpers import LiveServer
from helpers.record.model import Deadlock
from helpers.record.record import record

pytestmark = pytest.mark.usefixtures("recorded")


def test_an_onlooker_is_told_of_calls_waits_and_ends_until_it_goes() -> None:
    told: list[int] = []

    def tell() -> None:
        told.append(len(told))

    record.watchers.subscribe(tell)
    live = LiveServer(echo_server).start().settle()
    assert told  # its calls, and its wait
    before = len(told)
    live.stop()
    assert len(told) > before
    record.watchers.unsubscribe(tell)
    record.watchers.unsubscribe(tell)
    before = len(told)
    socket.socket().close()
    assert len(told) == before


def test_a_cursor_gives_each_call_once_also_when_some_were_forgotten() -> None:
    before, cursor, _ = record.main_log.read()
    with socket.socket():
        pass
    new, cursor, _ = record.main_log.read(cursor)
    assert [call.name for call in new] == ["socket", "close"]
    assert record.main_log.read(cursor) == ((), cursor, 0)
    assert len(record.main_log.read().calls) == len(before) + 2
    record.log.clear()
    with socket.socket():
        pass
    assert [call.name for call in record.main_log.read(cursor).calls] == ["socket", "close"]


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
