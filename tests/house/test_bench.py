"""The bench runs: each quick figure at a tiny size. What it says about speed counts for nothing."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import (
    chats,
    crowd,
    drawing,
    echoes,
    figures,
    harness,
    idle,
    imports,
    looks,
    memory,
    servers,
    starts,
    table,
)
from helpers import recording

GOAL = figures.Goal("this", "that", "at most 1.5 times")


@pytest.mark.parametrize(
    "background",
    [servers.hand_written_thread, servers.asyncio_in_a_thread, servers.socketserver_in_a_thread],
)
def test_each_server_in_the_background_echoes_and_ends(background: starts.Background) -> None:
    starts.start_and_stop(background, starts.first_echo, 2)


def test_the_http_server_answers_and_ends() -> None:
    starts.start_and_stop(servers.http_server, starts.first_answer, 1)


def test_the_live_server_is_measured_with_sockets_recorded() -> None:
    starts.recorded(2)


@pytest.mark.parametrize("view", looks.VIEWS)
@pytest.mark.parametrize("kind", looks.WORK)
def test_a_look_at_threads_that_make_no_call_is_timed(view: str, kind: str) -> None:
    assert looks.look(1, view, kind) > 0


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("what", [echoes.one_byte, echoes.pieces])
def test_an_exchange_is_timed(what: echoes.Exchange, seen: bool) -> None:
    assert echoes.exchange(1, what, 2, seen) > 0


@pytest.mark.parametrize("seen", [False, True])
def test_select_is_timed_beside_idle_sockets(seen: bool) -> None:
    assert idle.selecting(1, 3, 2, seen) > 0


def test_the_memory_is_measured_with_so_many_recorded_calls() -> None:
    with recording() as log:
        memory.talk(2000)
        talk = [event for event in log.events if event.call in ("sendall", "recv")]
    assert len(talk) == 2000
    assert memory.resident() > 1


@pytest.mark.parametrize("kind", drawing.KINDS)
def test_so_many_events_are_drawn(kind: str) -> None:
    assert len(drawing.conversation(43)) == 43
    assert drawing.draw(1, kind, 43) > 0


def test_the_helpers_import_nothing_heavy() -> None:
    assert imports.imported() == []


@pytest.mark.posix_only
@pytest.mark.parametrize("kind", ["solution", "asyncio"])
def test_a_crowd_is_served(kind: str) -> None:
    assert crowd.crowd(1, kind, 10) > 0


@pytest.mark.posix_only
def test_the_chats_are_compared_with_all_clients_served() -> None:
    rows = chats.rows(count=5, speakers=2, rounds=1)
    assert [row.split(" | ")[0].strip("| `") for row in rows[2:]] == [
        "chat_threads.py",
        "chat_selectors.py",
        "chat_asyncio.py",
        chats.MEASURE,
    ]
    assert [row.split(" | ")[-1] for row in rows[2:]] == ["11 |", "1 |", "1 |", "1 |"]
    assert chats.BEGIN in chats.PAGE.read_text(encoding="utf-8")


def test_a_lost_client_is_told() -> None:
    with servers.hand_written_thread() as address:
        served, cut_off = crowd.Client(address, 1), crowd.Client(address, 2)
        with served.sock, cut_off.sock:
            cut_off.sock.shutdown(socket.SHUT_RDWR)
            with pytest.raises(crowd.LostClientsError, match="1 of 2 clients lost"):
                crowd.talk([served, cut_off])
    with serving(b"something else") as address:
        client = crowd.Client(address, 1)
        with client.sock, pytest.raises(crowd.LostClientsError, match="1 of 1 clients lost"):
            crowd.talk([client])


@contextmanager
def serving(answer: bytes) -> Iterator[servers.Address]:
    """A server that meets one client and gives it this answer."""

    def serve() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.recv(crowd.PIECE)
            conn.sendall(answer)

    with socket.create_server(servers.HERE) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()
        thread.join()


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    row = figures.at_most(GOAL, [0.002, 0.003, 0.009], [0.001, 0.002, 0.003], 1.5)
    assert (row.ours, row.theirs, row.ratio) == ("3 ms", "2 ms", "2.00 (1.50 to 3.00)")
    assert row.reached is False
    assert figures.at_most(GOAL, [1.5], [1.0], 1.5).reached is True
    assert figures.at_least(GOAL, [2.0], [1.0], 0.7).reached is False
    assert figures.at_least(GOAL, [1.0], [0.7], 0.7).reached is True


def test_what_was_not_measured_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(plan: harness.Plan) -> list[figures.Row]:
        raise harness.NotMeasuredError("no such thing")

    monkeypatch.setattr(
        bench, "PARTS", {"one": bench.Part((GOAL,), fails), "two": bench.Part((GOAL,), fails)}
    )
    rows, complete = bench.measured(["one"], harness.Plan())
    assert not complete
    assert [row.ours for row in rows] == ["not measured: no such thing", "not measured"]
    assert [row.reached for row in rows] == [None, None]


def test_the_whole_way_from_pyperf_to_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", encoding="utf-8")
    options = ["--only", "echoes", "--rounds", "1", "--scale", "0.001", "--readme", str(readme)]
    assert bench.main(options) == 0
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ
    written = readme.read_text(encoding="utf-8")
    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "old" not in written
    assert "A rehearsal" in written
    goals = [goal for part in bench.PARTS.values() for goal in part.goals]
    lines = [line for line in written.splitlines() if line.startswith("| ")]
    assert len(lines) == 2 + len(goals)
    assert sum("not measured" in line for line in lines) == len(goals) - len(echoes.GOALS)
    assert written.strip().splitlines()[2] in capsys.readouterr().out


def test_the_file_of_the_bench_has_a_place_for_the_table(tmp_path: Path) -> None:
    text = bench.README.read_text(encoding="utf-8")
    assert text.index(table.BEGIN) < text.index(table.END)
    (tmp_path / "README.md").write_text("none", encoding="utf-8")
    with pytest.raises(ValueError, match="no place for the table"):
        table.put(tmp_path / "README.md", "text")
