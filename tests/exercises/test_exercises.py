"""The exercises tell right programs from wrong ones, and say which mistake it is.

The programs that are judged here are those of the catalogues (`helpers/exercises/texts`), and
the other right ways of the package `ways`.
"""

from __future__ import annotations

import _thread
import functools
import itertools
import os
import queue
import socket
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from load import busy_cores
from ways import WAYS

from helpers import LiveServer, exercises, recording, timeline
from helpers.exercises import lesson_05
from helpers.exercises.catalogue import Catalogue, catalogue, load
from helpers.exercises.engine import LIMIT, Exercise, Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.standing import WAITING, Standing, _in_frame, standing
from helpers.exercises.values import plain
from helpers.record.actors import is_broken
from helpers.record.model import info_of
from tools.notebooks import NOTEBOOKS

NAMES = list(exercises.LESSONS)


def get(name: str) -> Exercise:
    found: Exercise = getattr(exercises, name)
    return found


def mistakes() -> list[tuple[str, str, str, str]]:
    """Exercise, mistake, the scenario in which it shows, and a program with it."""
    return [
        (name, mistake.name, mistake.scenario, code)
        for name in NAMES
        for mistake in catalogue(name).mistakes
        for code in (mistake.code, *mistake.also)
    ]


def ids(rows: list[tuple[str, ...]]) -> list[str]:
    return [f"{row[0]}: {row[1]}" for row in rows]


def right() -> list[tuple[str, str, Callable[..., Any]]]:
    rows = []
    for name in NAMES:
        found = catalogue(name)
        rows.append((name, "solution", load(found.solution.code, name, "solution")))
        rows.append((name, "other way", load(found.other_way.code, name, "other way")))
        rows += [(name, title, way) for title, way in WAYS[name].items()]
    return [row for row in rows if sys.platform != "win32" or not uses_asyncio(row[2])]


def uses_asyncio(function: Callable[..., Any]) -> bool:
    """On Windows asyncio makes its calls past Python's sockets: they are not recorded."""
    return "asyncio" in function.__code__.co_names


# --- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_starter_is_not_attempted(name: str) -> None:
    report = get(name).check(load(catalogue(name).starter, name, "starter"))
    assert report.outcome == "not attempted"


@pytest.mark.parametrize(("name", "title", "function"), right(), ids=ids(right()))
def test_a_right_program_is_correct(name: str, title: str, function: Callable[..., Any]) -> None:
    report = get(name).check(function)
    assert report.outcome == "correct", str(report)


@pytest.mark.parametrize(("name", "mistake", "scenario", "code"), mistakes(), ids=ids(mistakes()))
def test_a_wrong_program_gets_the_name_of_its_mistake(
    name: str, mistake: str, scenario: str, code: str
) -> None:
    started = time.monotonic()
    with recording():  # as in a notebook, where a cell is run when sockets are recorded
        report = get(name).check(load(code, name, "wrong"))
    assert (report.outcome, report.mistake, report.scenario) == ("incorrect", mistake, scenario), (
        str(report)
    )
    assert time.monotonic() - started < LIMIT


def test_there_are_more_than_seventy_wrong_programs() -> None:
    assert len(mistakes()) > 70
    for name in NAMES:
        assert len(catalogue(name).mistakes) >= 6, name


@functools.cache
def kills(name: str) -> dict[str, set[str]]:
    """For each scenario, the mistakes that it alone would find."""
    exercise = get(name)
    found: dict[str, set[str]] = {scenario.name: set() for scenario in exercise.scenarios}
    with recording():
        for (_, mistake, _, code), scenario in itertools.product(
            [row for row in mistakes() if row[0] == name], exercise.scenarios
        ):
            program = load(code, name, "wrong")
            facts = exercise.play(scenario, program, time.monotonic() + LIMIT).facts
            if facts != scenario.expected:
                found[scenario.name].add(mistake)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_finds_a_mistake_that_no_other_finds(name: str) -> None:
    found = kills(name)
    for scenario, mistakes_found in found.items():
        others = set().union(*(each for other, each in found.items() if other != scenario))
        assert mistakes_found - others, f"{scenario} finds only what others find: drop it"


# --- the catalogues -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_catalogue_has_all_its_words(name: str) -> None:
    found: Catalogue = catalogue(name)
    assert found.signature.startswith(f"{name}(")
    assert len(found.hints) >= 3
    assert set(found.scenarios) == {scenario.name for scenario in get(name).scenarios}
    texts = [found.task, *found.hints, found.solution.why, found.other_way.why]
    for scenario in found.scenarios.values():
        texts += [scenario.peer, scenario.next]
    for mistake in found.mistakes:
        assert mistake.scenario in found.scenarios
        texts += [mistake.says, mistake.next]
    for text in texts:
        assert len(text.split()) >= 3, text
        assert text.rstrip().endswith((".", "?", ")", "`")), text
    names = [mistake.name for mistake in found.mistakes]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_has_the_starter_and_the_check(name: str) -> None:
    path = next(NOTEBOOKS.glob(f"{exercises.LESSONS[name]}_*.ipynb"))
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    sources = [cell.source for cell in cells]
    assert catalogue(name).starter in sources
    check = f"exercises.{name}.check({name})"
    [place] = [place for place, source in enumerate(sources) if check in source]
    shown = cells[place].outputs[-1]["data"]["text/plain"]
    assert shown.startswith(f"○ {name}: not attempted yet")


# --- every way to split a stream ----------------------------------------------------------------

STREAMS = {
    "read_exactly": b"12345678",
    "read_lines": "하나\n\n b\rc \nx".encode(),
    "read_text": "a안b😀".encode(),
}
"""What the peer sends: each has all that its mistakes stumble over."""


def in_pieces(name: str, stream: bytes, cuts: set[int]) -> Scenario:
    """The peer sends the stream in these pieces, and ends."""
    places = [0, *sorted(cuts), len(stream)]
    pieces = [stream[start:stop] for start, stop in itertools.pairwise(places)]
    if name == "read_exactly":
        expected = {"returned": stream[:5], "left in the stream": stream[5:]}
        play = functools.partial(lesson_05.exactly, ends=True)
    elif name == "read_lines":
        expected = {"returned": "its lines", "lines": stream.split(b"\n")}
        play = lesson_05.lines
    else:
        expected = {"returned": stream.decode(), "left in the stream": b""}
        play = lesson_05.text
    facts = {"ended": "returned", **expected, "the socket": "open"}
    return Scenario("in pieces", lambda stage: play(stage, *pieces), facts)


def agrees(name: str, scenario: Scenario, function: Callable[..., Any]) -> bool:
    stage = get(name).play(scenario, function, time.monotonic() + LIMIT)
    return stage.facts == scenario.expected


@pytest.mark.parametrize("name", STREAMS)
@given(data=st.data())
def test_every_split_of_the_stream_gives_the_same_answer(name: str, data: st.DataObject) -> None:
    stream = STREAMS[name]
    cuts = data.draw(st.sets(st.integers(1, len(stream) - 1)))
    found = catalogue(name)
    with recording():
        for way in (found.solution, found.other_way):
            assert agrees(name, in_pieces(name, stream, cuts), load(way.code, name, "right"))


@pytest.mark.parametrize(
    ("name", "mistake", "code"),
    [(row[0], row[1], row[3]) for row in mistakes() if row[0] in STREAMS],
    ids=[f"{row[0]}: {row[1]}" for row in mistakes() if row[0] in STREAMS],
)
def test_a_mistake_fails_on_some_split(name: str, mistake: str, code: str) -> None:
    function = load(code, name, "wrong")
    stream = STREAMS[name]
    places = range(1, len(stream))
    cuts = itertools.chain(
        [set(), set(places)],
        map(set, itertools.combinations(places, 1)),
        map(set, itertools.combinations(places, 2)),
    )
    with recording():
        if any(not agrees(name, in_pieces(name, stream, each), function) for each in cuts):
            return
        failing = [
            scenario.name
            for scenario in get(name).scenarios
            if not agrees(name, scenario, function)
        ]
    assert failing, f"{mistake} fails on no split and in no scenario"


# --- programs that do their worst ---------------------------------------------------------------


def spins(sock: socket.socket, n: int) -> bytes:
    while True:
        pass


def exits(sock: socket.socket, n: int) -> bytes:
    sys.exit("learner's own")


def interrupts(sock: socket.socket, n: int) -> bytes:
    raise KeyboardInterrupt


def waits_for_ever(sock: socket.socket, n: int) -> bytes:
    return sock.recv(n) + socket.create_server(("127.0.0.1", 0)).accept()[0].recv(n)


def recurses(sock: socket.socket, n: int) -> bytes:
    return recurses(sock, n)


class Rude(Exception):
    def __str__(self) -> str:
        raise ValueError("no message for you")


def raises_rudely(sock: socket.socket, n: int) -> bytes:
    raise Rude


class AlwaysEqual:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        raise ValueError("not shown")


def returns_an_object(sock: socket.socket, n: int) -> Any:
    sock.recv(1)
    return AlwaysEqual()


def prints_markup(sock: socket.socket, n: int) -> bytes:
    print("<img src=x onerror=alert(1)>\x1b[31m\u202e")
    return sock.recv(n)


def starts_threads(sock: socket.socket, n: int) -> bytes:
    here, there = socket.socketpair()
    for _ in range(3):
        threading.Thread(target=here.recv, args=(1,)).start()
    del there
    return sock.recv(n)


def spins_in_a_thread(sock: socket.socket, n: int) -> bytes:
    def burn() -> None:
        while True:
            pass

    threading.Thread(target=burn).start()
    return sock.recv(n)


def closes_all(sock: socket.socket, n: int) -> bytes:
    sock.close()
    return b""


WORST = {
    spins: ("cannot check", "it still ran"),
    exits: ("cannot check", "SystemExit: learner's own"),
    interrupts: ("cannot check", "KeyboardInterrupt"),
    waits_for_ever: ("cannot check", "it waits in accept()"),
    recurses: ("cannot check", "RecursionError"),
    raises_rudely: ("cannot check", "Rude: its message cannot be shown"),
    returns_an_object: ("incorrect", "a value of type AlwaysEqual"),
    prints_markup: ("incorrect", "printed"),
    starts_threads: ("incorrect", "left open"),
    spins_in_a_thread: ("incorrect", ""),
    closes_all: ("incorrect", ""),
}


@pytest.mark.parametrize("function", WORST, ids=lambda function: function.__name__)
def test_whatever_a_program_does_it_is_told_plainly(function: Callable[..., Any]) -> None:
    outcome, words = WORST[function]
    exercise = get("read_exactly")
    started = time.monotonic()
    report = exercise.check(function)
    assert time.monotonic() - started < LIMIT + 0.5
    assert (report.outcome, report.still_running) == (outcome, False), str(report)
    assert words in " ".join(str(report).split())
    assert "\x1b" not in str(report)
    assert "<img" not in report._repr_mimebundle_()["text/html"]
    assert threading.active_count() == 1
    right = load(catalogue("read_exactly").solution.code, "read_exactly", "right")
    assert exercise.check(right).outcome == "correct"


SENDS_THE_FILE = """
            def send_file(sock, path):
                count = 0
                with open(path, "rb") as file:
                    while piece := file.read(65536):
                        sock.sendall(piece)
                        count += len(piece)
"""
FOUND = {
    "read_text": {
        "one line": """
            def read_text(sock):
                with sock.makefile("r", encoding="utf-8", newline="") as file:
                    return file.readline()
        """,
        "until a piece ends with a newline": """
            def read_text(sock):
                data = b""
                while not data.endswith(b"\\n"):
                    if not (piece := sock.recv(4096)):
                        break
                    data += piece
                return data.decode("utf-8")
        """,
        "it answers": """
            def read_text(sock):
                data = b""
                while piece := sock.recv(4096):
                    data += piece
                    sock.sendall(b"ok")
                return data.decode("utf-8")
        """,
        "it ends its own side": """
            import socket

            def read_text(sock):
                sock.shutdown(socket.SHUT_WR)
                data = b""
                while piece := sock.recv(4096):
                    data += piece
                return data.decode("utf-8")
        """,
    },
    "read_lines": {
        "one buffer for all lines": """
            def read_lines(sock):
                line = bytearray()
                while byte := sock.recv(1):
                    if byte == b"\\n":
                        yield line
                        line.clear()
                    else:
                        line += byte
                if line:
                    yield line
        """,
        "the socket is non-blocking afterwards": """
            import select

            def read_lines(sock):
                sock.setblocking(False)
                buffer = b""
                while True:
                    select.select([sock], [], [])
                    if not (piece := sock.recv(4096)):
                        break
                    *lines, buffer = (buffer + piece).split(b"\\n")
                    yield from lines
                if buffer:
                    yield buffer
        """,
    },
    "ask": {
        "one line": """
            import socket

            def ask(address, question):
                with socket.create_connection(address) as sock, sock.makefile("rb") as file:
                    sock.sendall(question)
                    sock.shutdown(socket.SHUT_WR)
                    return file.readline()
        """,
        "four pieces": """
            import socket

            def ask(address, question):
                with socket.create_connection(address) as sock:
                    sock.sendall(question)
                    sock.shutdown(socket.SHUT_WR)
                    return b"".join(sock.recv(4096) for _ in range(4))
        """,
    },
    "free_listener": {
        "the one before is closed": """
            import socket

            last = None

            def free_listener():
                global last
                if last:
                    last.close()
                last = socket.socket()
                last.bind(("127.0.0.1", 0))
                return last, last.getsockname()[1]
        """,
    },
    "open_two": {
        "those before are closed": """
            import socket

            last = ()

            def open_two():
                global last
                for each in last:
                    each.close()
                last = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
                return last
        """,
    },
    "send_file": {
        "it sends more": SENDS_THE_FILE
        + """
                sock.sendall(b"END")
                return count
        """,
        "it removes the file": SENDS_THE_FILE
        + """
                import os

                os.remove(path)
                return count
        """,
    },
    "echo_server": {
        "a name is wrong": """
            import threading

            def serve(conn):
                with conn:
                    while data := conn.recv(4096):
                        conn.sendall(dat)

            def echo_server(listener):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],)).start()
        """,
    },
}
"""Wrong programs that a check once called correct, or gave the name of another mistake."""

SAYS = {
    "one buffer for all lines": "lines",
    "the socket is non-blocking afterwards": "open, with another timeout",
    "it answers": "the peer received",
    "it ends its own side": "the peer saw",
    "the one before is closed": "the first one is closed now",
    "those before are closed": "the first ones are closed now",
    "it sends more": "more bytes",
    "it removes the file": "removed",
    "a name is wrong": "NameError: name 'dat' is not defined",
}


@pytest.mark.parametrize(
    ("name", "what"), [(name, what) for name, programs in FOUND.items() for what in programs]
)
def test_a_wrong_program_is_incorrect_and_its_report_says_what_it_did(name: str, what: str) -> None:
    function = load(textwrap.dedent(FOUND[name][what]), name, "wrong")
    with recording():
        report = get(name).check(function)
    assert report.outcome == "incorrect", str(report)
    assert SAYS.get(what, "") in " ".join(str(report).split())
    if what == "a name is wrong":
        assert report.mistake == ""


def test_a_server_whose_loop_looks_whether_it_must_stop_is_correct() -> None:
    code = """
        import socketserver
        import threading

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    while data := self.request.recv(4096):
                        self.request.sendall(data)
                except OSError:
                    pass

        def echo_server(listener):
            server = socketserver.ThreadingTCPServer(
                ("127.0.0.1", 0), Handler, bind_and_activate=False
            )
            server.daemon_threads = True
            server.socket.close()
            server.socket = listener
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            thread.join()
    """
    with recording():
        report = get("echo_server").check(load(textwrap.dedent(code), "echo_server", "right"))
    assert report.outcome == "correct", str(report)


def test_who_is_slow_is_not_called_wrong() -> None:
    """What the peers could not do in time says nothing of the function."""

    def read_exactly(sock: socket.socket, n: int) -> bytes:
        data = b""
        while len(data) < n:
            time.sleep(0.7)
            data += sock.recv(n - len(data))
        return data

    report = get("read_exactly").check(read_exactly)
    assert report.outcome == "cannot check", str(report)
    assert report.out_of_time
    assert "The time of the check was over" in str(report)


def test_ctrl_c_ends_a_check_and_the_next_one_works() -> None:
    def interrupts_the_kernel(sock: socket.socket, n: int) -> bytes:
        _thread.interrupt_main()
        return sock.recv(n) + sock.recv(n) + sock.recv(n) + sock.recv(100)

    exercise = get("read_exactly")
    with pytest.raises(KeyboardInterrupt):
        exercise.check(interrupts_the_kernel)
    assert threading.active_count() == 1
    right = load(catalogue("read_exactly").solution.code, "read_exactly", "right")
    assert exercise.check(right).outcome == "correct"


def reads_on(sock: socket.socket) -> None:
    while True:
        sock.recv(1)


def writes_on(sock: socket.socket) -> None:
    while True:
        with suppress(OSError):
            sock.send(b"x")


def computes(sock: socket.socket) -> None:
    while True:
        pass


@pytest.mark.parametrize(
    ("function", "ended"),
    [
        (reads_on, "reads the end for ever"),
        (writes_on, "goes on after an error"),
        (computes, "still running"),
    ],
)
def test_a_loop_that_never_ends_is_told_apart(
    function: Callable[[socket.socket], None], ended: str
) -> None:
    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        stage.close(peer)
        stage.finish()

    with recording():
        stage = Exercise.play(Scenario("a loop", play, {}), function, time.monotonic() + 1)
    assert stage.facts["ended"] == ended
    assert not stage.still_running


def test_a_stage_on_which_nothing_was_started_has_seen_nothing() -> None:
    with recording():
        stage = Exercise.play(Scenario("", lambda stage: None, {}), print, time.monotonic() + 1)
    assert (stage.facts, stage.value, stage.peak) == ({}, None, 0)
    assert (stage.untouched, stage.rested, stage.still_running) == (False, False, False)


@pytest.mark.parametrize(("seconds", "facts"), [(0.9, {"time": "left"}), (0.0, {})])
def test_a_stage_ends_when_the_time_is_used_up(seconds: float, facts: dict[str, str]) -> None:
    def play(stage: Stage) -> None:
        stage.check_time()
        stage.note("time", "left")

    with recording():
        stage = Exercise.play(Scenario("", play, {}), print, time.monotonic() + seconds)
    assert {name: stage.facts[name] for name in stage.facts if name == "time"} == facts


def test_a_stage_has_room_for_two_listeners() -> None:
    def play(stage: Stage) -> None:
        for place in (1, 2):
            stage.note(f"listener {place}", stage.listen().getsockname()[0])

    with recording():
        stage = Exercise.play(Scenario("", play, {}), print, time.monotonic() + 1)
    assert stage.facts == {"listener 1": "127.0.0.1", "listener 2": "127.0.0.1"}


def in_a_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the machine has much to do, a thread begins in this time."""
    monkeypatch.setattr("helpers.exercises.stage.SETTLE_TIME", 3.0)
    monkeypatch.setattr("helpers.exercises.threads.DOUBT_TIME", 2.0)


@pytest.mark.usefixtures("_patient")
def test_a_peer_waits_for_a_thread_that_takes_a_moment_to_begin() -> None:
    def hands_on(sock: socket.socket) -> None:
        def work() -> None:
            threading.Event().wait(0.02)
            sock.recv(10)

        in_a_thread(work)

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        peer.sendall(b"x")
        stage.settle()
        info = info_of(sock)
        assert info is not None
        assert info.endpoint is not None
        stage.note("in flight", info.endpoint.incoming.in_flight)

    with recording():
        stage = Exercise.play(Scenario("", play, {}), hands_on, time.monotonic() + 5)
    assert stage.facts == {"in flight": 0}


@pytest.mark.usefixtures("_patient")
def test_a_thread_that_sends_after_a_moment_is_heard() -> None:
    def talks(sock: socket.socket) -> None:
        def work() -> None:
            threading.Event().wait(0.02)
            sock.sendall(b"x")

        in_a_thread(work)

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        stage.hear(peer, "the peer")
        stage.finish()

    with recording():
        stage = Exercise.play(Scenario("", play, {}), talks, time.monotonic() + 5)
    assert stage.facts == {"the peer received": b"x", "ended": "returned", "returned": None}


@pytest.mark.linux_only
def test_a_reset_that_is_a_moment_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []

    def is_told_late(fd: int) -> bool:
        looks.append(is_broken(fd))
        return looks.count(True) > 3

    monkeypatch.setattr("helpers.exercises.traffic.is_broken", is_told_late)

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        stage.settle()
        stage.note("looks before", len(looks))
        stage.note("broken before", is_broken(peer.fileno()))
        peer.sendall(b"x")
        stage.settle()
        stage.note("broken", is_broken(peer.fileno()))

    with recording():
        stage = Exercise.play(Scenario("", play, {}), socket.socket.close, time.monotonic() + 5)
    assert stage.facts == {"looks before": 0, "broken before": False, "broken": True}
    assert looks.count(True) == 4


def test_a_client_that_does_not_come_is_not_waited_for_long() -> None:
    enough = threading.Event()

    def play(stage: Stage) -> None:
        listener = stage.listen()
        stage.start()
        stage.note("accepted", stage.accept(listener, "conn"))
        enough.set()

    with recording():
        stage = Exercise.play(
            Scenario("", play, {}), lambda: in_a_thread(enough.wait), time.monotonic() + 3
        )
    enough.set()
    assert stage.facts == {"accepted": None}


def test_a_thread_that_takes_nothing_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("helpers.exercises.stage.SETTLE_TIME", 3.0)
    enough = threading.Event()

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        peer.sendall(b"x")
        stage.note("rested", stage.settle().rested)
        enough.set()
        stage.finish()

    with recording():
        stage = Exercise.play(
            Scenario("", play, {}), lambda sock: enough.wait(), time.monotonic() + 3
        )
    assert stage.facts == {"rested": True, "ended": "returned", "returned": True}


def test_a_server_that_the_learner_has_left_running_disturbs_no_check() -> None:
    enough = threading.Event()

    def works() -> None:
        while not enough.is_set():
            time.sleep(0.001)

    found = catalogue("read_exactly")
    right = load(found.solution.code, "read_exactly", "right")
    with recording(), LiveServer(works):
        assert get("read_exactly").check(right).outcome == "correct"
        enough.set()


def test_a_mistake_that_nobody_knows_is_incorrect_all_the_same() -> None:
    def answers_the_end(sock: socket.socket, n: int) -> bytes:
        data = b""
        while len(data) < n:
            part = sock.recv(n - len(data))
            if not part:
                return b"?"
            data += part
        return data

    report = get("read_exactly").check(answers_the_end)
    assert (report.outcome, report.mistake) == ("incorrect", "")


@pytest.mark.posix_only  # on Windows os.write() takes no socket
def test_who_sends_without_a_recorded_call_has_tried() -> None:
    def writes(sock: socket.socket, n: int) -> None:
        os.write(sock.fileno(), b"x")

    assert get("read_exactly").check(writes).outcome == "incorrect"


class Number(int):
    pass


RELEASED = memoryview(b"x")
RELEASED.release()


@pytest.mark.parametrize(
    ("value", "fact"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (b"x", b"x"),
        (bytearray(b"x"), b"x"),
        (memoryview(b"x"), b"x"),
        (RELEASED, "a value of type memoryview"),
        (Number(1), "a value of type Number"),
        ({}, "a value of type dict"),
        ((1, [2, (3, [4, [5]])]), [1, [2, [3, [4, "a value of type list"]]]]),
    ],
)
def test_a_value_as_a_fact(value: Any, fact: Any) -> None:
    found = plain(value)
    assert found == fact
    assert type(found) is type(fact)


def test_the_learners_timeline_does_not_show_a_check() -> None:
    right = load(catalogue("read_exactly").solution.code, "read_exactly", "right")
    with recording():
        here, there = socket.socketpair()
        with here, there:
            here.sendall(b"mine")
            assert get("read_exactly").check(right).outcome == "correct"
            assert there.recv(4) == b"mine"
        shown = str(timeline())
    assert "mine" in shown
    assert "10000" not in shown


def test_a_failed_check_has_its_timeline() -> None:
    exercise = get("read_exactly")
    wrong = load(catalogue("read_exactly").mistakes[0].code, "read_exactly", "wrong")
    report = exercise.check(wrong)
    assert "sock.recv(5) → b'1'" in str(exercise.timeline())
    assert exercise.timeline() is report.timeline
    assert {event.name for event in report.events} == {"peer", "sock"}


@pytest.mark.parametrize("given", [None, b"10000", 5])
def test_check_needs_the_function_itself(given: Any) -> None:
    with pytest.raises(TypeError, match=r"without calling it: exercises\.read_exactly\.check"):
        get("read_exactly").check(given)


def test_check_refuses_an_async_function() -> None:
    async def read_exactly(sock: socket.socket, n: int) -> bytes:
        return b""

    with pytest.raises(TypeError, match="this one is async"):
        get("read_exactly").check(read_exactly)


def test_a_function_with_other_parameters_is_told_so() -> None:
    def read_exactly(sock: socket.socket) -> bytes:
        return b""

    report = get("read_exactly").check(read_exactly)
    assert report.outcome == "cannot check"
    assert "takes 1 positional argument but 2 were given" in " ".join(str(report).split())


# --- hints and solutions ------------------------------------------------------------------------


def test_hints_come_one_after_another_and_the_last_one_stays() -> None:
    exercise = Exercise("read_exactly", get("read_exactly").scenarios)
    hints = catalogue("read_exactly").hints
    for number, hint in enumerate([*hints, hints[-1]]):
        shown = exercise.hint()
        assert shown.text == hint
        assert f"hint {min(number + 1, len(hints))} of {len(hints)}" in str(shown)


def test_the_solution_opens_after_an_attempt() -> None:
    found = catalogue("read_exactly")
    exercise = Exercise("read_exactly", get("read_exactly").scenarios)
    assert found.solution.code.strip() not in str(exercise.solution())
    exercise.check(load(found.starter, "read_exactly", "starter"))
    assert "Try it first" in str(exercise.solution())
    assert "recv_into" in str(exercise.solution(show=True))
    exercise.check(load(found.mistakes[0].code, "read_exactly", "wrong"))
    html = exercise.solution()._repr_mimebundle_()["text/html"]
    assert "EOFError" in html


def test_a_name_that_is_no_exercise_says_which_there_are() -> None:
    with pytest.raises(AttributeError, match=r"no exercise 'read'.*read_exactly"):
        _ = exercises.read
    assert dir(exercises) == sorted(exercises.LESSONS)


# --- speed --------------------------------------------------------------------------------------


def test_a_right_program_is_checked_in_a_second_of_the_processor() -> None:
    """So also on busy cores: a check that waits for the clock would show in the limit."""
    with busy_cores(), recording():
        for name, title, function in right():
            started, used = time.monotonic(), time.process_time()
            assert get(name).check(function).outcome == "correct"
            assert time.process_time() - used < 1, f"{name}, {title}"
            assert time.monotonic() - started < LIMIT, f"{name}, {title}"


def seconds_of_a_wrong_program() -> float:
    """Of the processor, until a mistake that leaks a socket has its name. The least of three."""
    exercise, mistake = get("greet"), catalogue("greet").mistakes[0]
    found = []
    for _ in range(3):
        exercise._known.clear()
        used = time.process_time()
        report = exercise.check(load(mistake.code, "greet", "wrong"))
        found.append(time.process_time() - used)
        assert report.mistake == mistake.name
    return min(found)


def test_a_check_takes_no_longer_where_much_is_in_memory() -> None:
    with recording():
        little = seconds_of_a_wrong_program()
        held = [[each] for each in range(1_000_000)]
        assert seconds_of_a_wrong_program() < 3 * little
        assert len(held) == 1_000_000


# --- who is idle --------------------------------------------------------------------------------


class BeginsLate(threading.Thread):
    """A thread that the system lets run only when it is told so."""

    def __init__(self) -> None:
        super().__init__(target=int)
        self.is_made = threading.Event()
        self.may_begin = threading.Event()

    def _bootstrap(self) -> None:
        self.is_made.set()
        self.may_begin.wait()
        super()._bootstrap()  # type: ignore[misc]


def test_who_starts_a_thread_is_not_idle_however_long_that_takes() -> None:
    late = BeginsLate()
    starter = threading.Thread(target=late.start)
    starter.start()
    late.is_made.wait()
    assert standing(starter.ident) is Standing.RUNS
    late.may_begin.set()
    starter.join()
    late.join()


def test_who_has_been_woken_runs_however_late_the_system_lets_it_go_on() -> None:
    turn = threading.Condition()

    def wait() -> None:
        with turn:
            turn.wait()

    waiter = threading.Thread(target=wait)
    waiter.start()
    while standing(waiter.ident) is not Standing.WAITS:
        pass
    with turn:
        turn.notify()
        assert standing(waiter.ident) is Standing.RUNS  # it cannot go on: the lock is taken
    waiter.join()


def test_who_waits_with_a_limit_goes_on_by_himself() -> None:
    enough = threading.Event()
    waiter = threading.Thread(target=enough.wait, args=(60,))
    waiter.start()
    while standing(waiter.ident) is not Standing.WAITS_A_WHILE:
        pass
    enough.set()
    waiter.join()
    assert standing(waiter.ident) is Standing.WAITS_A_WHILE  # it is over
    assert standing(None) is Standing.RUNS  # it has not begun


def test_a_worker_of_a_pool_waits_for_work() -> None:
    with ThreadPoolExecutor(1) as pool:
        ident = pool.submit(threading.get_ident).result()
        while standing(ident) not in WAITING:
            pass
        enough = threading.Event()
        done = pool.submit(enough.wait)
        while standing(ident) is not Standing.WAITS or not done.running():
            pass
        enough.set()


def test_who_waits_for_futures_or_for_a_queue_can_be_looked_at_in_any_line() -> None:
    """Their own functions are called `wait` and `join` as well."""
    seen: set[Standing] = set()

    def look(frame: Any, event: str, argument: Any) -> Any:
        seen.add(_in_frame(frame))
        return look

    items: queue.Queue[int] = queue.Queue()
    with ThreadPoolExecutor(1) as pool:
        done = [pool.submit(int)]
        before = sys.gettrace()
        sys.settrace(look)
        try:
            wait(done)
            items.join()
        finally:
            sys.settrace(before)
    assert Standing.RUNS in seen


STALL = 0.4
"""Seconds for which the system does not let a thread go on: more than any doubt lasts."""


@pytest.mark.parametrize("name", NAMES)
def test_a_function_whose_thread_begins_late_is_judged_as_any_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, late = LiveServer._run, []

    def run_late(server: LiveServer) -> None:
        if not late:
            late.append(threading.Event().wait(STALL))
        run(server)

    monkeypatch.setattr(LiveServer, "_run", run_late)
    solution = load(catalogue(name).solution.code, name, "solution")
    with recording():
        report = get(name).check(solution)
    assert report.outcome == "correct", str(report)


def test_a_disk_that_takes_a_moment_now_and_then_makes_no_function_wrong() -> None:
    """The thread that reads is inside a C function meanwhile, so nobody knows what it does."""
    reads = itertools.count(1)

    def sent_by_two(sock: socket.socket, path: Path) -> int:
        total = 0
        with open(path, "rb") as file, ThreadPoolExecutor(1) as pool:

            def read() -> bytes:
                if next(reads) % 10 == 0:
                    time.sleep(0.1)
                return file.read(65536)

            piece = read()
            while piece:
                following = pool.submit(read)
                sock.sendall(piece)
                total += len(piece)
                piece = following.result()
        return total

    with recording():
        report = get("send_file").check(sent_by_two)
    assert report.outcome == "correct", str(report)


def test_who_waits_for_another_thread_is_idle() -> None:
    enough = threading.Event()
    waiter = threading.Thread(target=enough.wait)
    joiner = threading.Thread(target=waiter.join)
    for thread in (waiter, joiner):
        thread.start()
    while standing(joiner.ident) is not Standing.WAITS or standing(waiter.ident) is Standing.RUNS:
        pass
    assert standing(waiter.ident) is Standing.WAITS
    enough.set()
    joiner.join()
