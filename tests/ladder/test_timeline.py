"""The ladder diagram as text: rows, lanes and size."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from scenes import (
    ADDRESS,
    CELL,
    CLIENT,
    CONN,
    LISTENER,
    SERVER,
    Scene,
    crowd,
    echo,
    line_with,
    long_talk,
    svg_words,
    text,
    width,
)

from helpers.ladder.build import ladder
from helpers.ladder.timeline import Timeline
from helpers.ladder.wording import CROSS
from helpers.record.events import Actor, Cause, Event


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


def test_a_wait_with_a_limit_says_it() -> None:
    scene = Scene().connection()
    late = {"outcome": "failed", "error": "TimeoutError: timed out"}
    scene.call(CELL, CLIENT, "client", "recv", 5, **late, limit=0.49987)
    scene.call(SERVER, CONN, "conn", "recv", 5, outcome="waiting", limit=30.5)
    shown = " ".join(re.findall(r"[^\s│░─]+", text(scene)))
    assert f"client.recv(5) {CROSS} failed: TimeoutError: timed out after 0.5 s" in shown
    assert "at most 30.5 s)" in shown


def test_a_limit_is_said_only_where_it_was_the_reason() -> None:
    scene = Scene().connection()
    scene.call(
        CELL, CLIENT, "client", "recv", 5, outcome="failed", error="ConnectionResetError", limit=5.0
    )
    assert "5 s" not in text(scene)


def test_a_send_that_still_waits_may_have_been_read_in_part() -> None:
    scene = Scene().connection()
    sent = scene.call(CELL, CLIENT, "client", "sendall", outcome="waiting", data=b"a" * 64)
    scene.recv(SERVER, CONN, "conn", b"a" * 64, (sent, 64))
    shown = text(scene)
    assert "64 bytes" in line_with("conn.recv", shown)
    ends, waits = "(its end stands below)", "(waits for room to send)"
    began, *_, here = (shown.index(each) for each in ("client.sendall", ends, "conn.recv", waits))
    assert began < shown.index(ends) < shown.index("conn.recv") < here


def test_a_send_that_is_reset_after_a_part_stands_above_what_received_the_part() -> None:
    scene = Scene().connection()
    sent = scene.call(CELL, CLIENT, "client", "sendall", outcome="waiting", data=b"a" * 64)
    scene.recv(SERVER, CONN, "conn", b"a" * 10, (sent, 10))
    close = scene.call(SERVER, CONN, "conn", "close")
    scene.made[sent] = replace(
        scene.made[sent],
        outcome="failed",
        error="ConnectionResetError",
        clock=scene.made[close].clock + 1,
        causes=(Cause(close, "reset"),),
    )
    lines = text(scene).splitlines()

    def places(words: str) -> list[int]:
        return [place for place, line in enumerate(lines) if words in line]

    began, ended = places("client.sendall(")
    assert began < places("conn.recv(")[0] < places("conn.close(")[0] <= ended


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
