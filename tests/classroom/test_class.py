"""A class of sixty, each in a kernel of its own, and a board that is killed in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from boards import RunningBoard

from helpers.classroom.board.store import Store
from helpers.course.questions import lessons, of_lesson

QUESTION = of_lesson(lessons()[0]).predictions[0].name

LEARNERS = 60

LEARNER = """
import sys
from helpers import classroom, exercises
from helpers.classroom import membership, sender
from helpers.course import activity
sender.LONGEST_PAUSE = 1.0
address, code, name, question = sys.argv[1:]
classroom.join(address, code=code, name=name)
print("joined", flush=True)
sys.stdin.readline()
activity.tell(activity.Vote(question, 0))
activity.tell(activity.Vote(question, int(name) % 2))
exercises.read_exactly.check(lambda sock, n: sock.recv(n))
assert membership._member.sender.is_done(120)
"""


@pytest.mark.weekly
def test_sixty_kernels_vote_and_are_checked_and_nothing_is_lost_or_counted_twice(
    tmp_path: Path,
) -> None:
    board = RunningBoard(tmp_path / "board")
    with_key = Store(tmp_path / "board" / "board.sqlite")
    with_key.open_round(QUESTION)
    learners = [
        subprocess.Popen(
            [sys.executable, "-c", LEARNER, board.address, board.code, str(number), QUESTION],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "SOCKET_COURSE_DATA": str(tmp_path / str(number))},
            text=True,
        )
        for number in range(LEARNERS)
    ]
    try:
        for each in learners:
            assert each.stdout is not None
            assert "joined\n" in iter(each.stdout.readline, "")
        for number, each in enumerate(learners):
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
            if number == LEARNERS // 2:
                board.kill()
        board.start()
        assert [each.wait() for each in learners] == [0] * LEARNERS
    finally:
        for each in learners:
            each.kill()
            each.communicate()
        board.kill()
    now = with_key.rounds_now()[-1].number
    assert with_key.votes(now) == {0: LEARNERS // 2, 1: LEARNERS // 2}
    assert with_key.mistakes() == [
        ("read_exactly", "one recv() is taken for all n bytes", LEARNERS)
    ]
    assert len(with_key.learners()) == LEARNERS
    with_key.close()
