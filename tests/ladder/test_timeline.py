"""The ladder diagram keeps its promises: in text, in SVG, with hostile data, at any size."""

from __future__ import annotations

import random
import re
import time
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.ladder import svg
from helpers.ladder.build import CROSS, ladder
from helpers.ladder.timeline import Timeline
from helpers.record.events import Actor, Cause, CauseKind, Event

CELL = Actor(0, "cell", "cell")
SERVER = Actor(1, "echo_server", "server")
ADDRESS = ("127.0.0.1", 40213)
LISTENER, CLIENT, CONN = 1, 2, 3

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {
    "svg", "title", "desc", "style", "defs", "marker", "pattern",
    "rect", "path", "circle", "text", "tspan",
}  # fmt: skip

Causes = tuple[tuple[int, CauseKind, int], ...]


class Scene:
    """Makes events with true Lamport clocks."""

    def __init__(self) -> None:
        self.made: dict[int, Event] = {}
        self.clocks: dict[Actor, int] = {}

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(self.made.values())

    def call(
        self,
        actor: Actor,
        socket: int,
        name: str,
        call: str,
        *arguments: Any,
        causes: Causes = (),
        **more: Any,
    ) -> int:
        """One more call. Returns its number."""
        began = self.clocks.get(actor, 0) + 1
        clock = max([began, *(self.made[cause].clock + 1 for cause, _, _ in causes)])
        number = 1000 + len(self.made)
        self.made[number] = Event(
            number, clock, began, actor, socket, name, call, arguments,
            causes=tuple(Cause(*cause) for cause in causes), **more,
        )  # fmt: skip
        self.clocks[actor] = clock
        return number

    def send(self, actor: Actor, socket: int, name: str, data: bytes) -> int:
        return self.call(actor, socket, name, "sendall", data=data[:64], size=len(data))

    def recv(
        self, actor: Actor, socket: int, name: str, data: bytes, *sends: tuple[int, int]
    ) -> int:
        causes: Causes = tuple((number, "data", size) for number, size in sends)
        return self.call(
            actor, socket, name, "recv", 1024, data=data[:64], size=len(data), causes=causes
        )

    def end(self, actor: Actor, socket: int, name: str, close: int) -> int:
        return self.call(actor, socket, name, "recv", 1024, causes=((close, "end", 0),))

    def connection(self, client: str = "client", client_socket: int = CLIENT) -> Scene:
        """A listener of the server, a client of the cell, and what accept() returned."""
        self.call(SERVER, LISTENER, "", "socket")
        self.call(SERVER, LISTENER, "listener", "bind", ("127.0.0.1", 0))
        listen = self.call(SERVER, LISTENER, "listener", "listen")
        self.join(client, client_socket, CONN, listen)
        return self

    def join(self, client: str, client_socket: int, conn: int, listen: int) -> None:
        connect = self.call(
            CELL, client_socket, client, "connect", ADDRESS, causes=((listen, "listen", 0),)
        )
        self.call(
            SERVER, LISTENER, "listener", "accept", made=conn, causes=((connect, "connect", 0),)
        )


def echo() -> Scene:
    scene = Scene().connection()
    sent = scene.send(CELL, CLIENT, "client", b"hello")
    scene.recv(SERVER, CONN, "conn", b"hello", (sent, 5))
    back = scene.send(SERVER, CONN, "conn", b"hello")
    scene.recv(CELL, CLIENT, "client", b"hello", (back, 5))
    close = scene.call(CELL, CLIENT, "client", "close")
    scene.end(SERVER, CONN, "conn", close)
    scene.call(SERVER, CONN, "conn", "close")
    scene.call(SERVER, LISTENER, "listener", "accept", outcome="waiting")
    return scene


def crowd(names: list[str]) -> Scene:
    scene = Scene()
    listen = scene.call(SERVER, LISTENER, "listener", "listen")
    for place, name in enumerate(names):
        scene.join(name, 10 + place, 50 + place, listen)
    for place, name in enumerate(names):
        sent = scene.send(CELL, 10 + place, name, b"hi")
        scene.recv(SERVER, 50 + place, "conn", b"hi", (sent, 2))
    return scene


def long_talk(calls: int) -> Scene:
    scene = Scene().connection()
    while len(scene.made) < calls:
        sent = scene.send(CELL, CLIENT, "client", b"hello")
        scene.recv(SERVER, CONN, "conn", b"hello", (sent, 5))
        back = scene.send(SERVER, CONN, "conn", b"hello")
        scene.recv(CELL, CLIENT, "client", b"hello", (back, 5))
    return scene


def text(scene: Scene) -> str:
    return Timeline(scene.events).text()


def line_with(needle: str, shown: str) -> str:
    (line,) = [line for line in shown.splitlines() if needle in line]
    return line


def width(line: str) -> int:
    return sum(
        0 if unicodedata.category(each) in ("Mn", "Me")
        else 2 if unicodedata.east_asian_width(each) in "WF"
        else 1
        for each in line
    )  # fmt: skip


def svg_words(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return "\n".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))


# What is read


def test_an_echo_is_two_lanes_with_a_send_and_its_receive_on_one_row() -> None:
    assert text(echo()) == (
        """\
client                                           echo_server
────────────────────────────────┐              ┌────────────────────────────────
                                │              │ socket.socket() → listener
                                │              │ listener.bind(('127.0.0.1', 0))
                                │              │ listener.listen()
client.connect(                 │── connect ──►░ listener.accept() → conn
  ('127.0.0.1', 40213))         │              │   (waited)
client.sendall(b'hello')        │── 5 bytes ──►│ conn.recv(1024) → b'hello'
client.recv(1024) → b'hello'    ░◄── 5 bytes ──│ conn.sendall(b'hello')
  (waited)                      │              │
client.close()                  │──── end ────►░ conn.recv(1024) → b'' (waited)
                                │              │ conn.close()
                                │              ░ listener.accept()
                                │              ░   (waits for a client)"""
    )


def test_two_sends_and_one_receive_are_not_one_row() -> None:
    scene = Scene().connection()
    first = scene.send(CELL, CLIENT, "client", b"one")
    second = scene.send(CELL, CLIENT, "client", b"two")
    scene.recv(SERVER, CONN, "conn", b"onetwo", (first, 3), (second, 3))
    shown = text(scene)
    for send in ("sendall(b'one')", "sendall(b'two')"):
        assert re.search(r"│─+ 3 bytes ─+► +[│░]$", line_with(send, shown))
    assert re.search(r"│ +─ 6 bytes, 2 sends ─►░ conn\.recv", line_with("2 sends", shown))


def test_one_send_and_many_receives_are_not_one_row() -> None:
    scene = Scene().connection()
    sent = scene.send(CELL, CLIENT, "client", b"hello")
    scene.recv(SERVER, CONN, "conn", b"hel", (sent, 3))
    scene.recv(SERVER, CONN, "conn", b"lo", (sent, 2))
    shown = text(scene)
    assert "5 bytes" in line_with("client.sendall", shown)
    assert "3 of 5 bytes" in line_with("b'hel'", shown)
    assert "2 of 5 bytes" in line_with("b'lo'", shown)


def test_bytes_that_nobody_has_read_leave_and_do_not_arrive() -> None:
    scene = Scene().connection()
    scene.send(CELL, CLIENT, "client", b"hello")
    assert re.search(r"│─+ 5 bytes ─+► +│", line_with("client.sendall", text(scene)))


def test_a_connect_that_nobody_has_accepted_leaves_and_does_not_arrive() -> None:
    scene = Scene()
    listen = scene.call(SERVER, LISTENER, "listener", "listen")
    scene.call(CELL, CLIENT, "client", "connect", ADDRESS, causes=((listen, "listen", 0),))
    assert re.search(r"│─+ connect ─+► +│", text(scene))
    assert "(waited)" not in text(scene)


def test_a_receive_does_not_move_over_a_call_of_its_own_lane() -> None:
    scene = Scene().connection()
    sent = scene.send(CELL, CLIENT, "client", b"hello")
    for _ in range(4):
        scene.call(SERVER, CONN, "conn", "getpeername", result=ADDRESS)
    scene.recv(SERVER, CONN, "conn", b"hello", (sent, 5))
    shown = text(scene)
    assert "recv" not in line_with("sendall", shown)
    assert shown.index("getpeername") < shown.index("conn.recv")


def test_a_connect_ex_that_returned_an_error_has_no_arrow() -> None:
    scene = Scene()
    listen = scene.call(SERVER, LISTENER, "listener", "listen")
    scene.call(
        CELL, CLIENT, "client", "connect_ex", ADDRESS, result=111, causes=((listen, "listen", 0),)
    )
    assert "→ 111" in text(scene)
    assert "►" not in text(scene)


def test_data_that_was_not_recorded_is_not_shown_as_empty() -> None:
    scene = Scene().connection()
    scene.call(CELL, CLIENT, "client", "sendall", outcome="failed", error="TimeoutError: timed out")
    scene.call(CELL, CLIENT, "client", "sendall")
    assert "client.sendall(...)" in text(scene)
    assert "client.sendall(b'')" in text(scene)


def test_a_send_that_still_waits_may_have_been_read_in_part() -> None:
    scene = Scene().connection()
    sent = scene.call(CELL, CLIENT, "client", "sendall", outcome="waiting", data=b"a" * 64)
    scene.recv(SERVER, CONN, "conn", b"a" * 64, (sent, 64))
    shown = text(scene)
    assert "64 bytes" in line_with("conn.recv", shown)
    assert "(waits for room to send)" in shown
    assert shown.index("conn.recv") < shown.index("client.sendall")


def test_an_end_is_drawn_once_however_often_it_is_read() -> None:
    scene = Scene().connection()
    close = scene.call(CELL, CLIENT, "client", "close")
    scene.end(SERVER, CONN, "conn", close)
    scene.end(SERVER, CONN, "conn", close)
    assert text(scene).count(" end ") == 1
    assert text(scene).count("recv(1024) → b''") == 2


def test_a_call_that_waited_is_hatched_from_its_beginning_and_says_so() -> None:
    scene = Scene().connection()
    for _ in range(3):
        scene.call(CELL, CLIENT, "client", "getsockname", result=("127.0.0.1", 50000))
    sent = scene.send(CELL, CLIENT, "client", b"hello")
    scene.recv(SERVER, CONN, "conn", b"hello", (sent, 5))
    shown = text(scene)
    lines = [line for line in shown.splitlines() if "getsockname" in line]
    assert [line.rstrip()[-1] for line in lines] == ["│", "░", "░"]
    assert "░ conn.recv(1024) → b'hello'" in line_with("conn.recv", shown)
    assert shown.count("(waited)") == 2  # accept, too
    bars = re.findall(r'<rect class="wait"', Timeline(scene.events).svg())
    assert len(bars) == 2


def test_a_call_that_still_waits_is_hatched_to_the_end_and_says_for_what() -> None:
    scene = Scene().connection()
    scene.call(SERVER, CONN, "conn", "recv", 1024, outcome="waiting")
    for _ in range(4):
        scene.call(CELL, CLIENT, "client", "getsockname")
    shown = text(scene)
    assert shown.splitlines()[-1].endswith("░   (waits for data)")
    assert "░" in shown.splitlines()[-3]


def test_a_failed_call_shows_the_error_with_a_cross_and_a_word() -> None:
    scene = Scene()
    scene.call(
        CELL, CLIENT, "client", "connect", ADDRESS, outcome="failed",
        error="ConnectionRefusedError: [Errno 111] Connection refused",
    )  # fmt: skip
    assert line_with("connect", text(scene)).startswith(CROSS)
    assert f"{CROSS} failed: ConnectionRefusedError:" in text(scene)
    assert "Errno" not in text(scene), "the number differs from system to system"
    svg = Timeline(scene.events).svg()
    assert 'class="cross"' in svg
    assert f"{CROSS} failed: ConnectionRefusedError:" in svg_words(svg)


def test_long_data_is_shortened_and_its_length_is_given() -> None:
    scene = Scene().connection()
    scene.send(CELL, CLIENT, "client", b"a" * 5_000_000)
    assert "b'aaaaaaaaaaaaaaaa'..." in text(scene)
    assert "(5,000,000 bytes)" in text(scene)


def test_an_address_stays_in_one_line() -> None:
    scene = Scene().connection("a_client_with_a_long_name")
    assert "('127.0.0.1', 40213)" in text(scene)


def test_datagrams_and_resets_are_called_by_their_names() -> None:
    scene = Scene()
    scene.call(SERVER, LISTENER, "server", "bind", ADDRESS)
    sent = scene.call(CELL, CLIENT, "sender", "sendto", ADDRESS, data=b"hi", size=2, result=2)
    scene.call(
        SERVER, LISTENER, "server", "recvfrom", 1024, data=b"hi", size=2,
        result=("127.0.0.1", 50000), causes=((sent, "datagram", 2),),
    )  # fmt: skip
    assert "datagram 2 bytes" in text(scene)
    scene = Scene().connection()
    close = scene.call(SERVER, CONN, "conn", "close")
    scene.call(
        CELL, CLIENT, "client", "recv", 1024, outcome="failed",
        error="ConnectionResetError: [Errno 104] Connection reset by peer",
        causes=((close, "reset", 0),),
    )  # fmt: skip
    assert "── reset ──" in text(scene)


# Lanes


def test_a_socket_has_the_name_that_a_later_call_knows() -> None:
    scene = Scene()
    scene.call(CELL, CLIENT, "", "socket")
    scene.call(CELL, CLIENT, "anna", "connect", ADDRESS)
    assert text(scene).startswith("anna\n")
    assert "socket.socket() → anna" in text(scene)


def test_several_clients_have_a_lane_each_with_a_letter() -> None:
    shown = text(crowd(["anna", "ben"]))
    assert shown.splitlines()[:2] == ["A anna   B ben   C echo_server", "A  B  C"]
    assert "│  ●─►│  B ben.connect(('127.0.0.1', 40213))  ── connect ──► C" in shown
    assert "●──┼─►░  A anna.connect(('127.0.0.1', 40213))  ── connect ──► C" in shown


@pytest.mark.parametrize(
    ("names", "titles"),
    [
        (["anna", "anna"], "A anna 1   B anna 2   C echo_server"),
        (["", ""], "A client 1   B client 2   C echo_server"),
        (["", "client"], "A client 1   B client 2   C echo_server"),
    ],
)
def test_clients_without_a_name_of_their_own_are_numbered(names: list[str], titles: str) -> None:
    assert text(crowd(names)).splitlines()[0] == titles


def test_two_servers_of_one_name_are_numbered() -> None:
    scene = Scene()
    for order in (2, 1):
        scene.call(Actor(order, "serve", "server"), order, "listener", "listen")
    assert [lane.title for lane in ladder(scene.events).lanes] == ["serve 1", "serve 2"]


def test_more_than_six_clients_are_folded_into_one_lane_that_says_how_many() -> None:
    scene = crowd(list("abcdefghi"))
    shown = text(scene)
    assert "G 3 more clients (6 calls folded)\nH echo_server\n" in shown
    assert "g.connect" not in shown
    assert "◄── connect ── G" in shown
    assert "3 more clients (6 calls folded)" in svg_words(Timeline(scene.events).svg())


def test_the_parts_that_a_cell_plays_in_one_thread_are_lanes() -> None:
    scene = Scene()
    scene.call(CELL, LISTENER, "", "socket")
    listen = scene.call(CELL, LISTENER, "listener", "listen")
    connect = scene.call(
        CELL, CLIENT, "client", "connect", ADDRESS, causes=((listen, "listen", 0),)
    )
    scene.call(CELL, LISTENER, "listener", "accept", made=CONN, causes=((connect, "connect", 0),))
    sent = scene.send(CELL, CONN, "conn", b"hello")
    scene.recv(CELL, CLIENT, "client", b"hello", (sent, 5))
    shown = text(scene)
    assert shown.splitlines()[0].split() == ["client", "server"]
    assert re.search(r"client\.recv\(1024\) → b'hello' +│◄── 5 bytes ──│ conn\.sendall", shown)


def test_both_ends_of_a_socketpair_are_lanes() -> None:
    scene = Scene()
    scene.call(CELL, 1, "left", "socketpair", made=2)
    sent = scene.send(CELL, 1, "left", b"hello")
    scene.recv(CELL, 2, "right", b"hello", (sent, 5))
    shown = text(scene)
    assert shown.splitlines()[0].split() == ["left", "right"]
    assert "socket.socketpair() → left, right" in re.sub(r"[│\s]+", " ", shown)
    assert "5 bytes" in line_with("right.recv", shown)


def test_a_socket_without_a_part_goes_to_the_only_client() -> None:
    scene = Scene().connection()
    scene.call(CELL, 9, "extra", "bind", ADDRESS)
    assert [lane.title for lane in ladder(scene.events).lanes] == ["client", "echo_server"]
    alone = Scene()
    alone.call(CELL, 9, "extra", "bind", ADDRESS)
    assert [lane.title for lane in ladder(alone.events).lanes] == ["cell"]


def test_a_listener_that_a_cell_sets_up_belongs_to_the_thread_that_serves_it() -> None:
    scene = Scene()
    worker = Actor(1, "accept", "server")
    scene.call(CELL, LISTENER, "listener", "bind", ADDRESS)
    listen = scene.call(CELL, LISTENER, "listener", "listen")
    scene.clocks[worker] = scene.clocks[CELL]
    connect = scene.call(
        CELL, CLIENT, "client", "connect", ADDRESS, causes=((listen, "listen", 0),)
    )
    scene.call(worker, LISTENER, "listener", "accept", made=CONN, causes=((connect, "connect", 0),))
    scene.call(CELL, CONN, "conn", "close")
    assert [lane.title for lane in ladder(scene.events).lanes] == ["client", "accept"]
    scene.call(worker, LISTENER, "listener", "accept", outcome="waiting")
    scene.call(CELL, LISTENER, "listener", "close")
    lanes = [lane.title for lane in ladder(scene.events).lanes]
    assert lanes == ["client", "server", "accept"], "closed under the waiting thread by the cell"


# Size


def test_nothing_is_one_plain_sentence() -> None:
    sentence = "No socket calls since the last timeline."
    assert str(Timeline(())) == repr(Timeline(())) == sentence
    assert svg_words(Timeline(()).svg()) == sentence


def test_forgotten_events_are_mentioned() -> None:
    shown = Timeline(echo().events, dropped=1200)
    assert shown.text().startswith("... 1,200 earlier calls not shown")
    assert "1,200 earlier calls not shown" in svg_words(shown.svg())


def test_more_than_200_calls_are_folded_in_the_middle() -> None:
    events = long_talk(5001).events
    shown = Timeline(events)
    visible = shown.text().count("client.") + shown.text().count("conn.")
    visible += shown.text().count("listener.") + shown.text().count("socket.socket")
    assert 190 <= visible <= 200
    assert f"... {len(events) - visible:,} calls folded ..." in shown.text()
    assert f"... {len(events) - visible:,} calls folded ..." in svg_words(shown.svg())


def test_200_calls_are_not_folded() -> None:
    events = long_talk(200).events[:200]
    assert "folded" not in Timeline(events).text()


def test_time_grows_in_proportion_to_the_events() -> None:
    def best(events: tuple[Event, ...]) -> float:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            shown = Timeline(events)
            shown.text()
            shown.svg()
            times.append(time.perf_counter() - start)
        return min(times)

    few, many = long_talk(2_500).events, long_talk(10_000).events
    assert best(many) < 10 * best(few)


def test_a_narrow_or_wide_text_keeps_to_its_width() -> None:
    for asked in (48, 60, 80, 120):
        for scene in (echo(), crowd(["anna", "ben", "cleo"])):
            lines = Timeline(scene.events).text(asked).splitlines()
            assert max(map(width, lines)) <= asked


# Hostile data

HOSTILE = [
    "<script>alert(1)</script>",
    "</svg>",
    "\x1b[31m",
    "\u202e",
    "\0",
    "\r\n",
    "&amp;",
    "'\"",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_data_are_inert(hostile: str) -> None:
    scene = Scene().connection(hostile)
    scene.send(CELL, CLIENT, hostile, hostile.encode())
    scene.call(CELL, CLIENT, hostile, "recv", hostile, outcome="failed", error=f"Error: {hostile}")
    scene.call(Actor(2, hostile, "thread"), 77, hostile, "close", note=hostile)
    check_inert(Timeline(scene.events))


def check_inert(shown: Timeline) -> None:
    for line in shown.text().splitlines():
        assert width(line) <= 80, line
        assert line.isprintable(), ascii(line)
    svg = shown.svg()
    root = ElementTree.fromstring(svg)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= ALLOWED
    for each in root.iter():
        assert not any("href" in name or name.startswith("on") for name in each.attrib)
    assert all(each.isprintable() or each == "\n" for each in svg)
    assert "http" not in re.sub(r' xmlns="[^"]*"', "", shown.svg().split("<title")[0])
    check_places(root)


def check_places(root: ElementTree.Element) -> None:
    """No text leaves the card, and no text stands on another one."""
    taken: dict[float, list[tuple[float, float]]] = {}
    card_width, card_height = float(root.attrib["width"]), float(root.attrib["height"])
    for each in root.iter(f"{SVG}text"):
        label = "label" in each.attrib["class"]
        column = svg.LABEL_COLUMN if label else svg.COLUMN
        length = width("".join(each.itertext())) * column
        anchor = each.attrib.get("text-anchor", "start")
        start = float(each.attrib["x"]) - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * length
        height = float(each.attrib["y"])
        assert start >= 10
        assert start + length <= card_width - 10
        assert 10 < height < card_height - 5
        for other_height, spans in taken.items():
            if abs(other_height - height) < 10:
                assert all(start + length <= left or right <= start for left, right in spans)
        taken.setdefault(height, []).append((start, start + length))


CALLS = ["socket", "bind", "listen", "accept", "connect", "send", "sendall", "recv", "sendto"]
CALLS += ["recvfrom", "recv_into", "shutdown", "close", "socketpair", "getsockname", "\x1b[2J"]
KINDS: list[CauseKind] = ["data", "end", "reset", "connect", "listen", "datagram"]
ACTORS = [CELL, SERVER, Actor(2, "echo_server", "server"), Actor(3, "worker\n", "thread")]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Event, ...]:
    """Any events with true clocks: the calls make no sense, the text is anything."""
    scene = Scene()
    words = st.text(max_size=40)
    for _ in range(draw(st.integers(0, 25))):
        causes: Causes = ()
        if scene.made:
            cause = st.tuples(
                st.sampled_from(sorted(scene.made)), st.sampled_from(KINDS), st.integers(0, 9)
            )
            causes = tuple(draw(st.lists(cause, max_size=2)))
        data = draw(st.binary(max_size=64))
        arguments = draw(
            st.lists(words | st.integers() | st.tuples(words, st.integers()), max_size=3)
        )
        scene.call(
            draw(st.sampled_from(ACTORS)),
            draw(st.integers(1, 9)),
            draw(words),
            draw(st.sampled_from(CALLS)),
            *arguments,
            causes=causes,
            outcome=draw(st.sampled_from(["done", "done", "failed", "waiting"])),
            result=draw(st.none() | words | st.integers()),
            made=draw(st.none() | st.integers(1, 9)),
            error=draw(words),
            data=data,
            size=len(data) + draw(st.sampled_from([0, 0, 10**9])),
            note=draw(words),
        )
    return scene.events


@settings(max_examples=100, deadline=None)
@given(scenes(), st.integers(0, 2000))
def test_any_text_and_bytes_are_inert_and_in_their_place(
    events: tuple[Event, ...], dropped: int
) -> None:
    check_inert(Timeline(events, dropped))


@settings(max_examples=100, deadline=None)
@given(scenes())
def test_a_lane_read_downwards_is_the_order_of_its_calls(events: tuple[Event, ...]) -> None:
    check_order(events)


def test_a_receive_stays_below_each_of_its_causes() -> None:
    scene = Scene()
    first = scene.call(CELL, 1, "client", "send")
    second = scene.call(CELL, 2, "other", "listen")
    causes = ((first, "data", 0), (second, "listen", 0))
    scene.call(SERVER, 3, "conn", "recv", causes=causes)
    check_order(scene.events)


def check_order(events: tuple[Event, ...]) -> None:
    shown = ladder(events)
    rows = [call for row in shown.rows for call in row.calls]
    assert len({call.event.number for call in rows}) == len(rows)
    assert len(rows) + sum(lane.folded for lane in shown.lanes) == len(events)
    for lane in range(len(shown.lanes)):
        keys = [call.event.sort_key for call in rows if call.lane == lane]
        assert keys == sorted(keys)
    place = {call.event.number: n for n, row in enumerate(shown.rows) for call in row.calls}
    for call in rows:
        for cause in call.event.causes:
            caused = call.event.outcome != "waiting" and cause.event in place
            made = next(each for each in events if each.number == cause.event)
            if caused and made.outcome != "waiting":
                assert place[cause.event] <= place[call.event.number]


@pytest.mark.parametrize("scene", [echo(), crowd(list("abcdefgh")), long_talk(500)])
def test_order_of_input_and_numbers_of_events_and_sockets_change_nothing(scene: Scene) -> None:
    expected = Timeline(scene.events)
    for seed in range(5):
        chance = random.Random(seed)
        numbers = list(range(5000, 5000 + 10 * len(scene.made)))
        chance.shuffle(numbers)
        new = {number: numbers.pop() for number in scene.made}
        used = {event.socket for event in scene.events} | {event.made for event in scene.events}
        sockets = {number: numbers.pop() for number in used if number is not None}
        events = [
            replace(
                event,
                number=new[event.number],
                socket=sockets[event.socket],
                made=None if event.made is None else sockets[event.made],
                causes=tuple(replace(each, event=new[each.event]) for each in event.causes),
            )
            for event in scene.events
        ]
        chance.shuffle(events)
        shown = Timeline(tuple(events))
        assert shown.text() == expected.text()
        assert shown.svg() == expected.svg()


# The picture


@pytest.mark.parametrize("scene", [echo(), crowd(["anna", "ben"]), crowd(list("abcdefgh"))])
def test_the_picture_says_the_same_words_as_the_text(scene: Scene) -> None:
    shown = Timeline(scene.events)
    spoken = Counter(re.findall(r"\w\w+", shown.text()))
    assert spoken == Counter(re.findall(r"\w\w+", svg_words(shown.svg())))


def test_the_picture_has_a_title_and_one_sentence_for_those_who_hear_it() -> None:
    root = ElementTree.fromstring(Timeline(echo().events).svg())
    title, desc = root[0], root[1]
    assert root.attrib["role"] == "img"
    assert title.text == "Timeline of socket calls"
    assert desc.text == root.attrib["aria-label"] == "Two lanes, client and echo_server, 13 calls."


def test_a_port_changes_nothing_in_the_picture_but_its_own_digits() -> None:
    svg = Timeline(echo().events).svg()
    assert "40213" in svg
    moved = [
        replace(event, arguments=(("127.0.0.1", 51515),)) if event.call == "connect" else event
        for event in echo().events
    ]
    assert Timeline(tuple(moved)).svg() == svg.replace("40213", "51515")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [svg.LIGHT, svg.DARK])
def test_every_text_has_enough_contrast(colours: dict[str, str]) -> None:
    for text_colour in ("text", "remark", "crossed", "bad"):
        for ground in ("card", "head"):
            assert contrast(colours[text_colour], colours[ground]) >= 4.5, (text_colour, ground)
    for stroke in ("line", "wait"):
        assert contrast(colours[stroke], colours["card"]) >= 3, stroke
    for colour in colours.values():
        assert colour in Timeline(echo().events).svg()


def test_the_bundle_has_text_and_picture() -> None:
    shown = Timeline(echo().events)
    assert shown._repr_mimebundle_() == {
        "text/plain": shown.text(),
        "image/svg+xml": shown.svg(),
    }
    assert list(shown._repr_mimebundle_(include=["text/plain"])) == ["text/plain"]
    assert list(shown._repr_mimebundle_(exclude=["image/svg+xml"])) == ["text/plain"]
