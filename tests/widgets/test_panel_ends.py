"""How a panel ends, and what it is without a page."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import ipywidgets
import nbformat
import pytest
from nbclient import NotebookClient
from panels import Shown, plain, press
from servers import HERE, echo_server

from helpers import LiveServer, panel
from helpers.live.registry import cell_begins, stop_all
from helpers.record.record import record
from helpers.sockets.install import uninstall
from helpers.widgets.panel import picture
from helpers.widgets.panel.panel import _panel_of
from helpers.widgets.panel.remote import CLIENTS
from tools.committed_form import flaws, tidy

pytestmark = pytest.mark.usefixtures("recorded", "stopped_behind")


ROOT = Path(__file__).resolve().parents[2]


# --- its end ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["stop", "stop_all", "cell runs again", "replaced", "fails"])
def test_it_ends_with_its_server_and_leaves_nothing(how: str) -> None:
    def one_client() -> None:
        with socket.create_server(HERE) as listener, listener.accept()[0] as conn:
            raise ValueError(conn.recv(10).decode())

    cell_begins("cell")
    shown = Shown(one_client if how == "fails" else echo_server)
    shown.connect()
    shown.send("<b>")
    if how == "stop":
        shown.live.stop()
    elif how == "stop_all":
        stop_all()
    elif how == "cell runs again":
        cell_begins("cell")
    elif how == "replaced":
        panel(shown.live)
    assert shown.ended()
    assert all(client.sock is None for client in shown.panel._remote.clients)
    assert plain(shown.card.over) != ""
    assert not record.watchers.subscribers
    if how == "fails":
        assert "failed: ValueError: <b>" in shown.where()
        with pytest.raises(ValueError, match="<b>"):
            shown.live.stop()


def test_a_panel_of_a_server_that_is_over_shows_how_it_ended() -> None:
    live = LiveServer(int).start()
    live.result(5)
    shown = panel(live)
    assert "int: finished" in repr(shown)
    shown._repr_mimebundle_()
    assert shown._thread is None
    assert [each["on"] for each in shown._card.clients] == [[]] * CLIENTS


def test_a_panel_that_was_replaced_before_it_was_shown_needs_no_thread() -> None:
    with LiveServer(echo_server) as live:
        first, _ = panel(live), panel(live)
        first._repr_mimebundle_()
        assert first._thread is None
        assert first._card is not None
        assert "Another panel" in first._card.over


def test_a_client_has_nowhere_to_connect_to_once_the_listener_is_gone() -> None:
    shown = Shown()
    shown.panel._remote.connect(shown.panel._remote.clients[0], None)
    assert shown.panel._remote.clients[0].sock is None


def test_a_reset_that_the_system_refuses_is_a_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS refuses the option when both sides have ended."""

    def refuse(*_: Any) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    shown = Shown()
    shown.connect()
    monkeypatch.setattr(socket.socket, "setsockopt", refuse)
    shown.press("reset")
    assert shown.panel._remote.clients[0].sock is None


@pytest.mark.parametrize("fails", [False, True])
def test_the_server_is_started_again_with_a_panel_in_the_same_place(fails: bool) -> None:
    def one_client() -> None:
        with socket.create_server(HERE) as listener, listener.accept()[0] as conn:
            if conn.recv(10) == b"fail":
                raise ValueError("as asked")

    shown = Shown(one_client)
    card = shown.card
    assert not card.can_start_again
    shown.connect()
    shown.send("fail" if fails else "x")
    shown.until(lambda: card.can_start_again)
    assert shown.ended()
    before = card.page
    shown.press("start")
    assert card.page is not before
    before.switch_off("a late word of the one before")
    assert "late word" not in card.over
    shown.panel = _panel_of(shown.live)
    assert shown.card is card
    shown.until(lambda: "waiting in accept()" in shown.where())
    shown.connect()
    shown.send("x")
    shown.until(lambda: "finished" in shown.where())
    assert "as asked" not in shown.timeline().text()


def test_a_server_that_is_gone_is_not_started_again() -> None:
    shown = Shown()
    card = shown.card
    shown.live.stop()
    assert shown.ended()
    del shown.live, shown.panel
    gc.collect()
    press(card, do="start")
    assert "The server is not there any more." in card.over


def test_a_server_that_runs_again_already_gets_its_panel() -> None:
    shown = Shown()
    shown.live.stop()
    assert shown.ended()
    shown.live.start().settle()
    shown.press("start")
    assert _panel_of(shown.live)._card is shown.card
    assert shown.live.settle().where.state == "waiting"


def test_what_the_server_raises_when_it_is_started_again_is_told() -> None:
    shown = Shown()
    shown.live.stop()
    assert shown.ended()
    uninstall({})
    shown.press("start")
    assert "Sockets are not recorded yet" in shown.card.over


def test_a_panel_that_is_never_shown_needs_no_thread() -> None:
    with LiveServer(echo_server) as live:
        assert "Panel: run this cell" in repr(panel(live))
        assert not any(each.name.startswith("panel") for each in threading.enumerate())


def test_a_panel_is_one_model_and_its_layout() -> None:
    """A page that is loaded again asks for each model, and gives up on those that come late."""
    before = set(ipywidgets.widgets.widget._instances)
    shown = Shown()
    made = set(ipywidgets.widgets.widget._instances) - before
    shown.press("another")
    shown.connect(2)
    shown.live.stop()
    assert shown.ended()
    assert set(ipywidgets.widgets.widget._instances) - before == made
    assert made == {shown.card.model_id, shown.card.layout.model_id}


@pytest.mark.parametrize("is_shown", [False, True])
def test_a_panel_does_not_keep_its_server_and_what_that_was_given(is_shown: bool) -> None:
    """Widgets live as long as the page. A listener must not: its port would stay taken."""
    listener = socket.create_server(HERE)
    live = LiveServer(lambda given: given.accept(), listener).start()
    view = panel(live)
    if is_shown:
        view._repr_mimebundle_()
    live.stop()
    if view._thread is not None:
        view._thread.join(2)
    kept = weakref.ref(listener)
    listener.close()
    del listener, live, view
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(echo_server, "needs a LiveServer"), (LiveServer(echo_server), "was not started")],
)
def test_what_is_no_running_server_is_refused(wrong: Any, error: str) -> None:
    with pytest.raises((TypeError, RuntimeError), match=error):
        panel(wrong)


def test_an_error_of_its_own_ends_the_panel_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown()
    shown.connect()

    def broken(*_: Any) -> str:
        raise ValueError("<no> picture")

    monkeypatch.setattr(picture, "received_html", broken)
    shown.send("x")
    assert shown.ended()
    assert "ended with an error. ValueError: &lt;no&gt; picture" in shown.card.over
    assert shown.panel._remote.clients[0].sock is None
    assert shown.live.settle().where.state == "waiting"


@pytest.mark.parametrize(
    "kind",
    [
        *("a single call", "threads", "every interface", "select"),
        pytest.param("IPv6", marks=pytest.mark.ipv6_only),
    ],
)
def test_it_plays_with_every_kind_of_server(kind: str) -> None:
    def answer(conn: socket.socket) -> None:
        with conn:
            conn.sendall(conn.recv(10))

    def in_threads() -> None:
        with socket.create_server(HERE) as listener:
            for _ in range(2):
                threading.Thread(target=answer, args=(listener.accept()[0],)).start()

    def everywhere() -> None:
        with socket.create_server(("", 0)) as listener:
            answer(listener.accept()[0])

    def six() -> None:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
            answer(listener.accept()[0])

    class Echo(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(self.request.recv(10))

    with (
        socket.create_server(HERE) as listener,
        socketserver.TCPServer(HERE, Echo) as server,
    ):
        shown = {
            "a single call": lambda: Shown(listener.accept),
            "threads": lambda: Shown(in_threads),
            "every interface": lambda: Shown(everywhere),
            "select": lambda: Shown(server.serve_forever),
            "IPv6": lambda: Shown(six),
        }[kind]()
        shown.press("connect")
        if kind == "a single call":  # the server's one call was freed by the client
            shown.until(lambda: "finished" in shown.where())
            shown.live.result(5)[0].close()
            return
        shown.until(lambda: "client 1" in shown.kernel())
        shown.send("to all")
        shown.until(lambda: "b'to all'" in shown.text())
        assert "b'to all'" in shown.timeline().text()
        shown.live.stop()
        assert shown.ended()


# --- without a page -----------------------------------------------------------------------------


def test_the_static_form_is_the_same_in_every_run() -> None:
    texts = set()
    pages = set()
    for _ in range(3):
        shown = Shown()
        texts.add(shown.bundle["text/plain"])
        pages.add(re.sub(r"127\.0\.0\.1:\d+", "", shown.bundle["text/html"]))
        shown.live.stop()
        assert shown.ended()
    assert len(texts) == len(pages) == 1
    (text,) = texts
    assert "--->" in text
    assert "listener.accept() (waits for a client)" in text


NOTEBOOK = [
    """\
%load_ext helpers
import socket
from helpers import LiveServer, panel

def echo_server():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        while conn := listener.accept()[0]:
            with conn:
                conn.sendall(conn.recv(1024))
""",
    "server = LiveServer(echo_server).start()",
    "client = socket.create_connection(server.address)\npanel(server)",
    "server.stop()\nclient.close()",
]


@pytest.mark.may_leave_open("the client of the notebook keeps its own loop for the next one")
def test_a_lesson_with_a_panel_has_its_committed_form_and_gives_it_again(tmp_path: Path) -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in NOTEBOOK])
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:  # as zmq wants it
        runner.run(NotebookClient(made, timeout=30, kernel_name="python3").async_execute())
    committed = tidy(made)
    assert list(flaws(committed)) == []
    kinds = set(committed.cells[2].outputs[0].data)
    assert kinds == {"text/plain", "text/html"}
    path = tmp_path / "lesson.ipynb"
    nbformat.write(committed, path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval"]
    command += ["-p", "tools.kernels"]
    command += ["--nbval-current-env", f"--nbval-sanitize-with={ROOT / 'helpers/nbval.sanitize'}"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    result = subprocess.run(
        [*command, "-c", os.devnull, str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
    )
    assert result.returncode == 0, result.stdout
