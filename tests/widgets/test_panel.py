"""The panel without a browser: its buttons are pressed here, its values are read here.

`widget.click()` runs a button's callback as a press in the page does.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import itertools
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from servers import HERE, echo_server

from helpers import LiveServer, panel, recording, timeline
from helpers.live.server import cell_begins, stop_all
from helpers.record.actors import Deadlock
from helpers.record.record import record
from helpers.widgets.panel import picture
from helpers.widgets.panel.panel import PAUSE
from helpers.widgets.panel.remote import CLIENTS
from helpers.widgets.panel.story import CALLS_SHOWN, Story
from tools.notebooks import flaws, tidy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _recorded() -> Iterator[None]:
    with recording():
        yield
        stop_all()


class Shown:
    """A panel on a page that nobody sees."""

    def __init__(self, target: Callable[..., Any] = echo_server, *args: Any) -> None:
        self.live = LiveServer(target, *args).start().settle()
        self.panel = panel(self.live)
        self.bundle = self.panel._repr_mimebundle_()

    @property
    def page(self) -> Any:
        return self.panel._page

    def client(self, number: int = 1) -> Any:
        return self.page._clients[number - 1]

    def text(self, number: int = 1) -> str:
        """All that is shown of a client."""
        box = self.client(number)
        return plain(box._status.value + box._received.value)

    def where(self) -> str:
        return plain(self.page._where.value)

    def picture(self) -> str:
        return bytes(self.page._ladder.value).decode()

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the panel's thread shows it: it is told by the widget that changes."""
        until(condition, self.widgets())

    def widgets(self) -> list[Any]:
        boxes = [[*vars(box).values()] for box in self.page._clients]
        found = [*vars(self.page).values(), *itertools.chain.from_iterable(boxes)]
        found = [each for each in found if hasattr(each, "observe")]
        return [*found, *(each.layout for each in found if hasattr(each, "layout"))]

    def send(self, text: str, number: int = 1, bytewise: bool = False) -> None:
        """What the page says when Send is pressed."""
        pressed = {"method": "custom", "content": {"text": text, "bytewise": bytewise}}
        box = self.client(number).send
        box._handle_msg({"content": {"data": pressed}, "buffers": []})

    def connect(self, number: int = 1) -> None:
        self.client(number).connect.click()
        self.until(lambda: "connected to" in self.text(number))

    def ended(self) -> bool:
        self.panel._thread.join(2)
        return not self.panel._thread.is_alive()


def until(condition: Callable[[], bool], widgets: list[Any]) -> None:
    changed = threading.Event()

    def tell(_: Any) -> None:
        changed.set()

    for widget in widgets:
        widget.observe(tell)
    try:
        limit = time.monotonic() + 5
        while not condition():
            assert changed.wait(max(0.0, limit - time.monotonic())), "it is never shown"
            changed.clear()
    finally:
        for widget in widgets:
            widget.unobserve(tell)


def plain(html: str) -> str:
    """The text that a page would show."""
    import html as escapes

    return escapes.unescape(re.sub(r"<[^>]*>", "", html))


# --- what a learner does ------------------------------------------------------------------------


def test_connect_and_send_show_the_arrow_the_answer_and_the_ladder() -> None:
    shown = Shown()
    assert "waiting in accept() for a client" in shown.where()
    shown.connect()
    shown.until(lambda: "waiting in recv()" in shown.where())
    shown.send("안녕")
    data = repr("안녕".encode())
    shown.until(lambda: data in shown.text())
    assert "6 bytes sent" in shown.text()
    shown.until(lambda: "6 bytes" in shown.picture())
    shown.page._as_text.value = True
    shown.until(lambda: shown.page._ladder_text.layout.display is None)
    ladder = plain(shown.page._ladder_text.value)
    assert "client 1.connect(" in ladder
    assert "client 1 " in ladder.splitlines()[0]
    shown.until(lambda: "ESTABLISHED" in shown.page._kernel.value)
    assert "<td>client 1</td>" in shown.page._kernel.value
    assert "<td>listener</td>" in shown.page._kernel.value


def test_one_byte_at_a_time_is_one_call_and_one_receive_for_each() -> None:
    shown = Shown()
    shown.connect()
    shown.send("abc", bytewise=True)
    shown.until(lambda: "3 bytes sent in 3 calls" in shown.text())
    received = [event.data for event in record.events() if event.call == "recv" and event.data]
    assert received.count(b"a") == received.count(b"b") == received.count(b"c") == 2
    assert "b'a'\nb'b'\nb'c'" in shown.text()


def test_the_controls_that_make_no_sense_are_off_and_say_why() -> None:
    shown = Shown()
    box = shown.client()
    buttons = ("connect", "half_close", "close", "reset")

    def on() -> set[str]:
        pressable = {name for name in buttons if not getattr(box, name).disabled}
        return pressable | ({"send"} if box.send.on else set())

    assert on() == {"connect"}
    assert "are off until the client is connected" in shown.text()
    shown.connect()
    shown.until(lambda: on() == {"send", "half_close", "close", "reset"})
    assert "Connect is off: the client is connected." in shown.text()
    box.half_close.click()
    shown.until(lambda: on() == {"close", "reset"})
    assert "Connect, Send and Half-close are off: it is connected, and has sent" in shown.text()
    shown.until(lambda: "the server has sent its end" in shown.text())
    box.close.click()
    shown.until(lambda: on() == {"connect"})
    assert "closed by you" in shown.text()
    shown.live.stop()
    shown.until(lambda: on() == set())
    assert "All controls are off: the server has ended." in shown.text()
    assert "The server has ended" in shown.page._over.value


def test_a_press_that_comes_too_late_does_nothing() -> None:
    """A page may still send the press of a button that is about to be switched off."""
    shown = Shown()
    box = shown.client()
    shown.send("too early")
    for button in (box.half_close, box.close, box.reset):
        button.click()
    shown.connect()
    box.connect.click()
    assert [event.call for event in record.events()].count("connect") == 1
    shown.live.stop()
    assert shown.ended()
    box.connect.click()
    shown.send("too late")
    assert all(client.sock is None for client in shown.panel._remote.clients)


def test_reset_resets_the_connection() -> None:
    def server() -> None:
        with socket.create_server(HERE) as listener:
            conn, _ = listener.accept()
            with conn:
                conn.recv(10)

    shown = Shown(server)
    shown.connect()
    shown.client().reset.click()
    shown.until(lambda: "failed: ConnectionResetError" in shown.where())
    assert "reset by you" in shown.text()
    with pytest.raises(ConnectionResetError):
        shown.live.stop()
    assert shown.ended()


def test_a_reset_by_the_server_is_told() -> None:
    def server() -> None:
        with socket.create_server(HERE) as listener:
            while True:
                conn, _ = listener.accept()
                with conn:
                    conn.recv(1)  # close() with unread data resets the connection

    shown = Shown(server)
    shown.connect()
    shown.send("two")
    shown.until(lambda: "the server has reset the connection" in shown.text())
    assert "recv() failed: ConnectionResetError" in shown.text()
    assert not shown.client().close.disabled


def test_three_clients_side_by_side() -> None:
    shown = Shown()
    assert [box.box.layout.display for box in shown.page._clients] == [None, "none", "none"]
    shown.page._more.click()
    shown.page._more.click()
    shown.until(lambda: shown.page._more.disabled)
    assert [box.box.layout.display for box in shown.page._clients] == [None] * CLIENTS
    shown.until(lambda: f"{CLIENTS} are the most" in shown.page._more_why.value)
    for number in (1, 2, 3):
        shown.connect(number)
    shown.send("third in the queue", 3)
    shown.until(lambda: "18 bytes sent" in shown.text(3))
    assert "0 bytes" in shown.text(3)  # the server still talks with the first one
    shown.client(1).close.click()
    shown.client(2).close.click()
    shown.until(lambda: "b'third in the queue'" in shown.text(3))


free = threading.Event()
"""Lets a server go on that does not read."""


def test_sending_into_a_full_buffer_does_not_block() -> None:
    def server() -> None:
        with socket.create_server(HERE) as listener, listener.accept()[0]:
            free.wait(10)
            free.clear()

    shown = Shown(server)
    shown.connect()
    client = shown.panel._remote.clients[0]
    assert client.sock is not None
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    started = time.monotonic()
    while "the system took" not in client.said:
        shown.send("x" * 4096)
        assert time.monotonic() - started < 20
    shown.until(lambda: "its buffer is full, as the server does not read" in shown.text())
    free.set()
    shown.live.result(5)
    assert shown.ended()


def test_connecting_to_a_full_queue_ends_soon() -> None:
    def server() -> None:
        with socket.create_server(HERE, backlog=0):
            free.wait(10)
            free.clear()

    shown = Shown.__new__(Shown)
    shown.live = LiveServer(server).start()
    address = shown.live.address
    others = [socket.socket() for _ in range(3)]
    for other in others:
        other.setblocking(False)
        other.connect_ex(address)
    shown.panel = panel(shown.live)
    shown.panel._repr_mimebundle_()
    started = time.monotonic()
    shown.client().connect.click()
    assert time.monotonic() - started < 2
    said = shown.panel._remote.clients[0].said
    if sys.platform == "linux":  # it drops the knock
        assert "connect() failed: TimeoutError" in said
    free.set()
    for other in others:
        other.close()
    shown.live.result(5)
    assert shown.ended()


def test_hostile_text_stays_text() -> None:
    def server() -> None:
        with socket.create_server(HERE) as listener:
            conn, _ = listener.accept()
            with conn:
                while data := conn.recv(1024):
                    print(data.decode("utf-8", "replace"))
                    conn.sendall(data)

    shown = Shown(server)
    shown.connect()
    hostile = "<img src=x onerror=alert(1)></svg><script>1</script>\u202e\ud800\x00\x1b[2J"
    shown.send(hostile)
    shown.until(lambda: "b'<img" in shown.text())
    values = [getattr(each, "value", "") for each in shown.widgets()]
    shown.page._as_text.value = True
    shown.until(lambda: shown.page._ladder_text.layout.display is None)
    values += [getattr(each, "value", "") for each in shown.widgets()]
    for value in (each for each in values if not isinstance(each, bool)):
        text = bytes(value).decode() if isinstance(value, memoryview) else value
        assert not re.search(r"<(img|script)|\u202e|\x1b|\x00", text)
        assert text.count("</svg>") <= 1
    assert "<script>" not in picture.static_html(shown.panel._snapshot())


# --- when it looks ------------------------------------------------------------------------------


def test_it_looks_when_something_happens_and_never_else() -> None:
    shown = Shown()
    assert shown.panel.looks == 0
    shown.connect()
    shown.send("x")
    shown.until(lambda: "1 byte sent" in shown.text())
    threading.Event().wait(2 * PAUSE)  # a look for an answer that came late
    before = shown.panel.looks
    assert before <= 4
    threading.Event().wait(1)  # the second in which nothing may happen
    assert shown.panel.looks == before


def test_a_burst_is_shown_ten_times_a_second_at_most() -> None:
    shown = Shown()
    shown.connect()
    before, started = shown.panel.looks, time.monotonic()
    for _ in range(500):
        shown.send("x")
    shown.until(lambda: "recv(): 500 bytes" in shown.text())
    seconds = time.monotonic() - started
    assert shown.panel.looks - before <= seconds / PAUSE + 2
    snapshot = shown.panel._snapshot()
    assert len(snapshot.timeline.events) <= CALLS_SHOWN + 1
    assert "earlier calls not shown" in snapshot.timeline.text()


def test_it_follows_what_the_cells_do() -> None:
    shown = Shown()
    with socket.create_connection(shown.live.address) as client:
        client.sendall(b"from a cell")
        assert client.recv(100) == b"from a cell"
        shown.until(lambda: "from a cell" in shown.picture())
        assert "client.sendall(" in shown.panel._snapshot().timeline.text()


def test_another_servers_calls_are_not_shown() -> None:
    shown = Shown()
    with LiveServer(echo_server) as other, socket.create_connection(other.address) as client:
        client.sendall(b"elsewhere")
        client.recv(100)
        assert "elsewhere" not in shown.panel._snapshot().timeline.text()


def test_a_panel_does_not_disturb_the_cells() -> None:
    shown = Shown()
    timeline()
    shown.connect()
    shown.send("x")
    shown.until(lambda: "1 byte sent" in shown.text())
    started = time.monotonic()
    text = timeline().text()
    assert time.monotonic() - started < 1  # it waits for no thread of the panel
    assert "client 1.send(b'x') → 1" in text
    with socket.create_connection(shown.live.address) as client, pytest.raises(Deadlock):
        client.recv(1)  # found at once: no patience is spent on the panel's thread
    assert time.monotonic() - started < 3
    assert not record.active - {record.cell, shown.live.actor}


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
    assert plain(shown.page._over.value) != ""
    assert not record._onlookers
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
    assert all(box.connect.disabled for box in shown._page._clients)


def test_a_panel_that_was_replaced_before_it_was_shown_needs_no_thread() -> None:
    with LiveServer(echo_server) as live:
        first, _ = panel(live), panel(live)
        first._repr_mimebundle_()
        assert first._thread is None
        assert first._page is not None
        assert "Another panel" in first._page._over.value


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
    shown.client().reset.click()
    assert shown.panel._remote.clients[0].sock is None


def test_a_panel_that_is_never_shown_needs_no_thread() -> None:
    with LiveServer(echo_server) as live:
        assert "Panel: run this cell" in repr(panel(live))
        assert not any(each.name.startswith("panel") for each in threading.enumerate())


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

    monkeypatch.setattr(picture, "kernel_html", broken)
    shown.send("x")
    assert shown.ended()
    assert "ended with an error. ValueError: &lt;no&gt; picture" in shown.page._over.value
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
        shown.client().connect.click()
        if kind == "a single call":  # the server's one call was freed by the client
            shown.until(lambda: "finished" in shown.where())
            shown.live.result(5)[0].close()
            return
        shown.until(lambda: "client 1" in shown.page._kernel.value)
        shown.send("to all")
        shown.until(lambda: "b'to all'" in shown.text())
        assert "b'to all'" in shown.panel._snapshot().timeline.text()
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
    command += ["--nbval-current-env", f"--nbval-sanitize-with={ROOT / 'tests/nbval.sanitize'}"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    for _ in range(2):
        result = subprocess.run(
            [*command, "-c", os.devnull, str(path)],
            capture_output=True,
            text=True,
            timeout=120,
            env=environment,
        )
        assert result.returncode == 0, result.stdout


# --- the record's side --------------------------------------------------------------------------


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


def test_a_client_acts_for_itself_also_in_a_thread_of_jupyter() -> None:
    """The kernel may handle the press of a button in a thread that is not to be recorded."""
    live = LiveServer(echo_server).start()
    shown = panel(live)
    remote = shown._remote
    address = live.address
    thread = threading.Thread(target=lambda: remote.connect(remote.clients[0], address))
    record.ignored_threads.add(thread)
    thread.start()
    thread.join()
    connect = next(event for event in record.events() if event.call == "connect")
    assert (connect.actor.name, connect.name) == ("client 1", "client 1")
    shown.close()
    live.stop()


def test_a_thread_that_jupyter_starts_later_does_not_hold_up_a_deadlock() -> None:
    """JupyterLab starts one for a page's widgets. It makes no call that could help."""
    done = threading.Event()
    kind = type("SubshellThread", (threading.Thread,), {"__module__": "ipykernel.subshell"})
    thread = kind(target=done.wait, args=(20,))
    thread.start()
    started = time.monotonic()
    live = LiveServer(echo_server).start()
    with socket.create_connection(live.address) as client, pytest.raises(Deadlock):
        client.recv(1)
    assert time.monotonic() - started < 5
    done.set()
    thread.join()


def test_the_story_begins_when_the_server_has_come_to_rest() -> None:
    def slow_to_begin() -> None:
        threading.Event().wait(0.1)
        echo_server()

    with LiveServer(slow_to_begin) as live:
        shown = repr(panel(live))
    assert "listener.accept() (waits for a client)" in shown
    assert "socket.socket(" not in shown


def test_the_story_is_bounded() -> None:
    with LiveServer(echo_server) as live, socket.create_connection(live.address) as client:
        live.settle()
        story = Story([live.actor.actor])
        for _ in range(400):
            client.sendall(b"x")
            client.recv(1)
        live.settle()
        shown = story.timeline(live.address)
        assert len(shown.events) == CALLS_SHOWN + 1
        assert shown.dropped == 4 * 400 - CALLS_SHOWN
