"""A server of an earlier run that may hold an address is told of, wherever it stands."""

from __future__ import annotations

import linecache
import socket
import threading

import pytest

from helpers import LiveServer

HERE = ("127.0.0.1", 0)
NAME = "<a cell>"


@pytest.mark.usefixtures("recorded")
def test_a_server_whose_source_was_replaced_does_not_hide_the_error() -> None:
    code = "def old(begun, enough):\n    begun.set()\n    enough.wait()\n"
    namespace: dict[str, object] = {}
    exec(compile(code, NAME, "exec"), namespace)
    begun, enough = threading.Event(), threading.Event()
    server = LiveServer(namespace["old"], begun, enough).start()
    try:
        begun.wait()
        linecache.cache[NAME] = (1, None, ["def old(): ...\n"], NAME)
        server.discard(0)
        with socket.create_server(HERE) as listener:
            other = LiveServer(socket.create_server, listener.getsockname()).start()
            with pytest.raises(OSError, match="in use"):
                other.result()
    finally:
        enough.set()
        server.result(5)
        linecache.cache.pop(NAME)
