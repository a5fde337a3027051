"""How a check looks at sockets is no part of the ladder that it shows."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from servers import Connection, calls

from helpers import exercises
from helpers.record.record import record

CATALOGUE = Path(exercises.__file__).parent / "catalogue"


@pytest.mark.parametrize(
    "mistake",
    [
        "ask/a_broken_connection_is_taken_for_a_reply",
        "greet/a_number_is_added_to_text",
        "read_exactly/a_pause_is_taken_for_the_end",
        "read_text/a_character_is_taken_to_come_in_two_pieces",
        "open_listener/a_thread_accepts_the_clients",
        "send_all/a_blocking_socket_is_trusted_to_take_all",
    ],
)
def test_a_ladder_shows_what_crossed_and_not_how_the_check_looked(
    mistake: str, recorded: None
) -> None:
    name, wrong = mistake.split("/")
    program = runpy.run_path(str(CATALOGUE / name / "mistakes" / f"{wrong}.py"))
    exercise = getattr(exercises, name)
    exercise.check(program[name])
    shown = exercise.timeline().events
    checks = [each for each in shown if each.actor.kind == "cell"]
    assert checks
    assert not [each for each in checks if "BlockingIOError" in each.error]
    assert not [each for each in checks if each.call == "settimeout" and each.arguments == (0,)]
    if name.startswith("read_"):  # what the function left is told in words
        assert not [each for each in checks if each.arguments[:1] == (65536,) and each.size]


def test_what_a_check_receives_counts(connection: Connection) -> None:
    client, conn = connection
    with client, conn:
        with record.probing():
            conn.setblocking(False)
            with pytest.raises(BlockingIOError):
                conn.recv(9)
            client.sendall(b"abc")
            assert conn.recv(1) == b"a"
        with record.probing(everything=True):
            assert conn.recv(1) == b"b"
        assert conn.recv(9) == b"c"
    (sent,) = calls("sendall")
    told = [each for each in record.events() if each.call in ("setblocking", "recv")]
    assert [(each.call, each.data) for each in told] == [("recv", b"a"), ("recv", b"c")]
    assert [each.causes[0].event for each in told] == 2 * [sent.number]
