"""helpers/README.md: what it names is there, and a byte string goes the way that it tells."""

from __future__ import annotations

import importlib
import re
import socket
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import helpers
from helpers import LiveServer, recording, timeline

HOME = Path(helpers.__file__).parent
PAGE = (HOME / "README.md").read_text(encoding="utf-8")
WAYS = [
    re.findall(r"^\d+\. `([\w.]+)`", part, re.MULTILINE)
    for part in re.findall(r"(?:^\d+\. .*\n)+", PAGE, re.MULTILINE)
]


def test_each_file_that_the_page_names_is_there() -> None:
    named = re.findall(r"`([\w/]+(?:/|\.py))`", PAGE)
    assert len(named) > 30
    assert [name for name in named if not (HOME / name).exists() | (name == "tests/")] == []


def test_each_function_that_the_page_names_is_there() -> None:
    for name in {name for way in WAYS for name in way}:
        module, attributes = name, []
        while not (HOME / (module.replace(".", "/") + ".py")).exists():
            module, _, attribute = module.rpartition(".")
            assert module, f"no module for {name}"
            attributes.insert(0, attribute)
        found: Any = importlib.import_module(f"helpers.{module}")
        for attribute in attributes:
            found = getattr(found, attribute)
        assert callable(found), name


def test_each_package_and_each_file_beside_them_is_on_the_page() -> None:
    here = {f"{path.name}/" for path in HOME.iterdir() if (path / "__init__.py").exists()}
    here |= {path.name for path in HOME.glob("*.py")}
    assert [name for name in sorted(here) if f"`{name}`" not in PAGE] == []


def is_on(way: list[str], calls: Iterable[str]) -> bool:
    """Whether these functions were called in this order, with others between them."""
    left = iter(calls)
    return all(step in left for step in way)


@pytest.mark.linux_only
def test_a_byte_string_goes_the_way_that_the_page_tells() -> None:
    calls: dict[int, list[str]] = {}

    def note(frame: FrameType, event: str, argument: object) -> None:
        code, module = frame.f_code, str(frame.f_globals.get("__name__"))
        if event in ("call", "return") and module.startswith("helpers."):
            name = f"{module.removeprefix('helpers.')}.{code.co_qualname}"
            calls.setdefault(threading.get_ident(), []).append(name)

    def server(listener: socket.socket) -> bytes:
        with listener.accept()[0] as conn:
            return conn.recv(1024)

    with recording():
        listener = socket.create_server(("127.0.0.1", 0))
        threading.setprofile(note)
        sys.setprofile(note)
        try:
            with listener, LiveServer(server, listener) as live:
                with socket.create_connection(listener.getsockname()) as client:
                    live.settle()
                    client.sendall(b"hello")
                    assert live.result() == b"hello"
                assert "hello" in timeline().svg()
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
    assert len(WAYS) == 4
    for way in WAYS:
        assert any(is_on(way, of_thread) for of_thread in calls.values()), way
