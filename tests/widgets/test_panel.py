"""What a learner does with the panel, and when it looks."""

from __future__ import annotations

import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from panels import Shown
from servers import HERE, echo_server

from helpers import LiveServer, panel, timeline
from helpers.record.model import Deadlock
from helpers.record.record import record
from helpers.widgets.panel import page
from helpers.widgets.panel.panel import PAUSE
from helpers.widgets.panel.remote import CLIENTS, PIECES_SHOWN, READY
from helpers.widgets.panel.story import CALLS_SHOWN, Story
from helpers.widgets.panel.words import WORDS

pytestmark = pytest.mark.usefixtures("recorded", "stopped_behind")


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
    ladder = shown.ladder()
    assert "client 1.connect(" in ladder
    assert "client 1 " in ladder.splitlines()[0]
    shown.until(lambda: "ESTABLISHED" in shown.kernel())
    assert "<td>client 1</td>" in shown.kernel()
    assert "<td>listener</td>" in shown.kernel()


def test_one_byte_at_a_time_is_one_call_and_one_receive_for_each() -> None:
    shown = Shown()
    shown.connect()
    shown.send("abc", bytewise=True)
    shown.until(lambda: "3 bytes sent in 3 calls" in shown.text())
    received = [event.data for event in record.events() if event.call == "recv" and event.data]
    assert received.count(b"a") == received.count(b"b") == received.count(b"c") == 2
    assert "b'a' new\nb'b' new\nb'c' new" in shown.text()


def test_the_presses_of_one_hand_stand_in_the_order_in_which_they_were_made() -> None:
    """Of clients that have nothing to do with each other: the first one has done most by then."""
    shown = Shown()
    presses = []
    shown.connect(1)
    for _ in range(3):
        shown.send("x", 1)
        presses.append("client 1")
    for number in (3, 2):
        shown.connect(number)
        shown.send("y", number)
        presses.append(f"client {number}")
    shown.send("z", 1)
    presses.append("client 1")
    sends = [each.actor.name for each in record.events() if each.call == "send"]
    assert [each for each in sends if each.startswith("client")] == presses


def test_the_controls_that_make_no_sense_are_off_and_say_why() -> None:
    shown = Shown()
    on = shown.on
    assert on() == {"connect"}
    assert "are off until the client is connected" in shown.text()
    shown.connect()
    shown.until(lambda: on() == {"send", "half-close", "close", "reset"})
    assert "Connect is off: the client is connected." in shown.text()
    shown.press("half-close")
    shown.until(lambda: on() == {"close", "reset"})
    assert "Connect, Send and Half-close are off: it is connected, and has sent" in shown.text()
    shown.until(lambda: "the server has sent its end" in shown.text())
    shown.press("close")
    shown.until(lambda: on() == {"connect"})
    assert "closed by you" in shown.text()
    shown.live.stop()
    shown.until(lambda: on() == set())
    assert "All controls are off: the server has ended." in shown.text()
    assert "The server has ended" in shown.card.over


def test_a_press_that_comes_too_late_does_nothing() -> None:
    """A page may still send the press of a button that is about to be switched off."""
    shown = Shown()
    shown.send("too early")
    for button in ("half-close", "close", "reset"):
        shown.press(button)
    shown.connect()
    shown.press("connect")
    assert [event.call for event in record.events()].count("connect") == 1
    shown.live.stop()
    assert shown.ended()
    shown.press("connect")
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
    shown.press("reset")
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
    assert "close" in shown.on()


def loud_server(sock: socket.socket) -> None:
    while True:
        data, client_address = sock.recvfrom(65535)
        sock.sendto(data.upper(), client_address)


def test_the_clients_of_a_udp_server_send_datagrams_also_empty_ones() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        shown = Shown(loud_server, sock)
        shown.connect()
        assert shown.on() == {"send", "close"}
        assert "kernel_view(sock)" in shown.kernel()
        assert "a datagram has no end" in shown.text()
        for number, text in enumerate(("hi", "", "ab"), 1):
            shown.send(text, bytewise=True)
            got = ["b'H'", "b'I'", "b''", "b'A'", "b'B'"][: 2 * number - (number > 1)]
            shown.until(lambda got=got: re.findall(r"b'[^']*'", shown.text()) == got)  # type: ignore[misc]
        assert "the end:" not in shown.text()
        shown.press("close")
        shown.until(lambda: "closed by you" in shown.text())
        shown.live.stop()


def test_three_clients_side_by_side() -> None:
    shown = Shown()
    assert shown.card.shown == 1
    for _ in range(CLIENTS):
        shown.press("another")
    shown.until(lambda: shown.card.shown == CLIENTS)
    assert not shown.card.more
    for number in (1, 2, 3):
        shown.connect(number)
    shown.send("third in the queue", 3)
    shown.until(lambda: "18 bytes sent" in shown.text(3))
    assert "0 bytes" in shown.text(3)  # the server still talks with the first one
    shown.press("close", 1)
    shown.press("close", 2)
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
    shown.press("connect")
    assert time.monotonic() - started < 2
    said = shown.panel._remote.clients[0].said
    if sys.platform == "linux":  # it drops the knock
        assert "connect() failed: TimeoutError" in said
    free.set()
    for other in others:
        other.close()
    shown.live.result(5)
    assert shown.ended()


def texts_in(value: object) -> Iterator[str]:
    """Each text in a state of the page, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


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
    for text in texts_in(shown.card.get_state(["over", "clients", "views"])):
        text = re.sub(r'<img style="max-width:none" alt="[^"<>]*" src="[^"<>]*">', "", text)
        assert not re.search(r"<(img|script)|\u202e|\x1b|\x00", text)
        assert text.count("</svg>") == 0
    assert "<script>" not in shown.panel.html()


# --- what is new, what is cut, what is counted --------------------------------------------------


def test_characters_stand_below_their_bytes_also_where_one_is_cut() -> None:
    def server() -> None:
        with socket.create_server(HERE) as listener:
            conn, _ = listener.accept()
            with conn:
                data = conn.recv(6)
                conn.sendall(data[:4])
                conn.recv(1)
                conn.sendall(data[4:])
                conn.recv(1)

    shown = Shown(server)
    shown.connect()
    shown.send("안녕")
    shown.until(lambda: "as characters (UTF-8): 안½" in shown.text())
    shown.send("x")
    shown.until(lambda: "as characters (UTF-8): 안 | ½녕" in shown.text())
    assert "½: the first part of this character came in an earlier recv()." in shown.text()


def test_what_was_ready_is_sent_and_all_bytes_are_counted() -> None:
    shown = Shown()
    shown.connect()
    sent = 0
    for word, data in READY.items():
        shown.send(word, by="ready")
        sent += len(data)
        shown.until(lambda: f"one line for each recv(): {sent:,} byte" in shown.text())  # noqa: B023
        assert f"sent in all: {sent:,} bytes" in shown.text()
    for _ in range(PIECES_SHOWN):
        shown.send("hi", by="ready")
        sent += 2
        shown.until(lambda: f"one line for each recv(): {sent:,} byte" in shown.text())  # noqa: B023
    assert re.search(r"\.\.\. \d+ earlier lines not shown \.\.\.", shown.text())
    shown.send("100,000 bytes", by="ready")
    shown.until(lambda: "cut here" in shown.text())
    assert re.search(r"\.\.\. \([\d,]+ bytes, cut here\)", shown.text())


def test_much_is_not_sent_one_byte_at_a_time() -> None:
    shown = Shown()
    shown.connect()
    shown.send("100,000 bytes", by="ready", bytewise=True)
    shown.until(lambda: "nothing was sent: 100,000 bytes one by one" in shown.text())
    assert "sent in all: 0 bytes" in shown.text()


def test_what_came_after_the_last_press_is_marked() -> None:
    shown = Shown()
    shown.connect()
    shown.send("one")
    shown.until(lambda: "b'one' new" in shown.text())
    shown.send("two")
    shown.until(lambda: "b'two' new" in shown.text())
    assert "b'one' new" not in shown.text()
    above, below = re.split("─+ new ─+", shown.ladder())
    assert "b'one'" in above
    assert "b'one'" not in below
    assert "conn.sendall(b'two')" in below
    assert ">new</text>" in shown.picture()


def test_a_new_ladder_begins_with_what_happens_next() -> None:
    shown = Shown()
    shown.connect()
    shown.send("one")
    shown.until(lambda: "b'one'" in shown.picture())
    shown.press("anew")
    shown.until(lambda: "b'one'" not in shown.picture())
    shown.send("two")
    shown.until(lambda: "b'two'" in shown.picture())
    assert "not shown" not in shown.timeline().text()
    assert "b'one'" in timeline().text()  # nothing was taken from the record


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
    timeline = shown.timeline()
    assert len(timeline.events) <= CALLS_SHOWN + 1
    assert "earlier calls not shown" in timeline.text()


def test_it_follows_what_the_cells_do() -> None:
    shown = Shown()
    with socket.create_connection(shown.live.address) as client:
        client.sendall(b"from a cell")
        assert client.recv(100) == b"from a cell"
        shown.until(lambda: "from a cell" in shown.picture())
        assert "client.sendall(" in shown.timeline().text()


def test_another_servers_calls_are_not_shown() -> None:
    shown = Shown()
    with LiveServer(echo_server) as other, socket.create_connection(other.address) as client:
        client.sendall(b"elsewhere")
        client.recv(100)
        assert "elsewhere" not in shown.timeline().text()


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
    assert not record.actors.active - {record.actors.cell, shown.live.actor}


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


def test_a_client_acts_for_itself_also_in_a_thread_of_jupyter() -> None:
    """The kernel may handle the press of a button in a thread that is not to be recorded."""
    live = LiveServer(echo_server).start()
    shown = panel(live)
    remote = shown._remote
    address = live.address
    thread = threading.Thread(target=lambda: remote.connect(remote.clients[0], address))
    record.actors.ignore(thread)
    thread.start()
    thread.join()
    connect = next(event for event in record.events() if event.call == "connect")
    assert (connect.actor.name, connect.name) == ("client 1", "client 1")
    shown.close()
    live.stop()


def test_no_words_are_left_that_a_panel_does_not_say() -> None:
    folder = Path(page.__file__).parent
    code = "".join(each.read_text(encoding="utf-8") for each in sorted(folder.glob("*.[pj]*")))
    for whole in WORDS.all():
        part, _, key = whole.partition(".")
        said = rf"[\"'`.]{re.escape(key)}[\"'\]).,;: ]"
        title = key.endswith(" title") and re.search(rf"[\"]{re.escape(key[:-6])}[\"]", code)
        assert title or re.search(said, code), (part, key)
