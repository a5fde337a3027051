"""A cell that runs again shows what it showed the first time: nothing of the run before."""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from helpers import notebook
from helpers.ladder.timeline import Timeline

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of the run before

ECHO = """\
def echo():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        while True:
            conn, _ = listener.accept()
            with conn:
                while data := conn.recv(1024):
                    conn.sendall(data)
"""
THREADED = """\
import threading
def serve(conn):
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)

def echo():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        while True:
            conn, _ = listener.accept()
            threading.Thread(target=serve, args=(conn,), name="of a client").start()
"""
ASKED = 'client.sendall(b"hello")\nprint(client.recv(1024))\n'
START = "server = LiveServer(echo).start()\n"
CONNECT = "client = socket.create_connection(server.address); server.settle()\n"
SHOW = "timeline()"

CELLS = {
    "all in one": [START + CONNECT + ASKED + SHOW],
    "the client apart": [START, CONNECT + ASKED + SHOW],
    "each step apart": [START, CONNECT, ASKED, SHOW],
    "shown twice": [START + SHOW, CONNECT + ASKED + SHOW],
    "two servers": [START + START.replace("server", "other"), CONNECT + ASKED + SHOW],
    "closed behind": [START, CONNECT + ASKED + SHOW, "client.close()\nserver.stop()"],
    "a with block": [f"with LiveServer(echo) as server:\n    {CONNECT}    ladder = {SHOW}\nladder"],
    "sockets alone": ["here, there = socket.socketpair()\nhere.send(b'x')", SHOW],
    "collected on purpose": [
        "here, there = socket.socketpair()",
        "here = None\nimport gc\ngc.collect()\n" + SHOW,
    ],
}


@pytest.fixture(params=[ECHO, THREADED], ids=["alone", "with threads"])
def shell(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    made = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    made.run_line_magic("load_ext", "helpers")
    monkeypatch.setattr(notebook, "_number_of", {})  # which cells have run outlasts a shell
    monkeypatch.setattr(notebook, "_last_number", 0)
    run(
        made,
        "import socket\nfrom helpers import LiveServer, timeline\n"
        + request.param
        + "\ntimeline()",
        "load",
    )
    try:
        yield made
    finally:
        run(made, "server = client = other = here = there = None", "end")
        made.run_line_magic("unload_ext", "helpers")
        made.atexit_operations()
        atexit.unregister(made.atexit_operations)
        made.restore_sys_module_state()


def run(shell: InteractiveShell, cell: str, cell_id: str) -> Any:
    result = shell.run_cell(cell, cell_id=cell_id)
    result.raise_error()
    return result.result


def pictures(shell: InteractiveShell, cells: list[str], first: int = 0) -> list[str]:
    """The ladders that these cells show."""
    shown = [run(shell, cell, f"cell-{n}") for n, cell in enumerate(cells[first:], first)]
    return [
        re.sub(r"\b\d{4,5}\b", "PORT", each.text()) for each in shown if isinstance(each, Timeline)
    ]


@pytest.mark.parametrize("cells", CELLS.values(), ids=CELLS)
def test_cells_that_run_again_show_the_same_ladders(
    shell: InteractiveShell, cells: list[str]
) -> None:
    before = pictures(shell, cells)
    assert before
    assert pictures(shell, cells) == before
    assert pictures(shell, cells) == before


@pytest.mark.parametrize("name", ["the client apart", "each step apart", "shown twice"])
def test_a_cell_that_runs_twice_in_a_row_shows_its_last_run(
    shell: InteractiveShell, name: str
) -> None:
    before = pictures(shell, CELLS[name])
    run(shell, CELLS[name][0], "cell-0")
    assert pictures(shell, CELLS[name]) == before


def test_what_a_later_cell_collects_for_the_first_time_is_shown(shell: InteractiveShell) -> None:
    """It is no part of a rerun, though the learner went back before."""
    run(shell, "here, there = socket.socketpair()", "pair")
    run(shell, "pass", "other")
    run(shell, "1 + 1", "load-more")
    run(shell, "pass", "other")  # back to an earlier cell
    run(shell, "import gc\nhere = None\ngc.collect()", "new")
    assert "collected" in run(shell, SHOW, "show").text()


def test_what_the_learner_sends_twice_by_hand_is_all_shown(shell: InteractiveShell) -> None:
    run(shell, "here, there = socket.socketpair()", "pair")
    for _ in range(3):
        run(shell, "here.send(b'x')", "send")
    assert run(shell, SHOW, "show").text().count("here.send(b'x')") == 3


def test_how_a_replaced_server_ends_is_still_in_the_record_of_causes(
    shell: InteractiveShell,
) -> None:
    """Left out of pictures only: a peer of the old server that waits is woken by its end."""
    run(shell, START, "start")
    run(shell, CONNECT + "waiting = LiveServer(client.recv, 10).start().settle()", "peer")
    run(shell, START, "start")
    assert run(shell, "waiting.result()", "peer-result") == b""
    run(shell, "client.close()", "close")
