"""The card of a report: it says what the report says, and its buttons have what helps next."""

from __future__ import annotations

import html
import inspect
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from helpers import notebook, view
from helpers.course import progress_store
from helpers.course.lessons import LESSONS
from helpers.exercises import discovery
from helpers.exercises.engine import Exercise, exercise_in
from helpers.exercises.report import PEER_SIGNS, Report
from helpers.widgets import check_card, showing
from helpers.widgets.check_card import CheckCard, card_words, message_card, report_card

pytestmark = pytest.mark.usefixtures("recorded")


@pytest.fixture
def exercise(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exercise]:
    """read_exactly, of which nobody has tried anything, and a learner who has done nothing."""
    monkeypatch.setenv(progress_store.FOLDER_VARIABLE, str(tmp_path))
    return exercise_in(discovery.folders()["read_exactly"])


def one_recv(sock: socket.socket, count: int) -> bytes:
    """The mistake that most learners make first."""
    return sock.recv(count)


def without_end(sock: socket.socket, count: int) -> bytes:
    """Gets further, and misses the end."""
    data = b""
    while len(data) < count:
        data += sock.recv(count - len(data))
    return data


def right(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError("the peer has ended too early")
        data += piece
    return data


def not_yet(sock: socket.socket, count: int) -> bytes: ...


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def signs(report: Report) -> str:
    return "".join(PEER_SIGNS[state] for _, state in report.peers)


def test_each_attempt_visibly_gets_further(exercise: Exercise) -> None:
    rows = [signs(exercise.check(each)) for each in (not_yet, one_recv, without_end, right)]
    assert rows == ["······", "✗·····", rows[2], "✓✓✓✓✓✓"]
    assert re.fullmatch(r"✓+✗·*", rows[2])
    report = exercise.check(one_recv)
    assert "✗ · · · · · (0 of 6 peers got what they need)" in report.text()
    assert "✗ · · · · · (0 of 6 peers got what they need)" in plain(report.html())


def test_the_card_of_a_failure_says_what_the_report_says_and_has_what_helps(
    exercise: Exercise,
) -> None:
    report = exercise.check(one_recv)
    card = report_card(report)
    assert card.outcome == "incorrect"
    assert plain(card.head) == "✗ read_exactly: incorrect"
    assert [sign for sign, _, _ in card.peers] == list("✗·····")
    assert card.peers[0][1] == "did not get what it needs"
    said = f"{plain(card.head)} {report.row} {plain(card.body)} For a hint:"
    assert plain(report.html()).startswith(said)  # what is left names the calls for what follows
    assert len(card.hints) == len(exercise.folder.words.hints) == 4
    assert 'alt="Ladder. ' in card.calls
    assert plain(card.solution).startswith(" ".join(exercise.folder.words.solution.why.split()))
    assert '<span class="k">while</span>' in card.solution


def test_hints_are_counted_together_with_those_of_hint(exercise: Exercise) -> None:
    exercise.hint()
    card = report_card(exercise.check(one_recv))
    assert card.given == 1
    card.given = 3
    assert "hint 4 of 4" in exercise.hint().text()


def test_who_has_passed_sees_all_peers_how_far_the_course_is_and_what_is_next(
    exercise: Exercise,
) -> None:
    report = exercise.check(right)
    card = report_card(report)
    assert [sign for sign, _, _ in card.peers] == list("✓✓✓✓✓✓")
    assert (card.hints, card.calls) == ([], "")
    assert plain(card.solution).startswith(" ".join(exercise.folder.words.solution.why.split()))
    count = len(discovery.folders())
    assert f"1 of {count} exercises of the course passed." in plain(card.body)
    after = LESSONS[[each.number for each in LESSONS].index(report.words.lesson) + 1]
    assert f'<a href="{after.file}">{after.number} {html.escape(after.title)}</a>' in card.body


def test_another_exercise_of_the_lesson_comes_first(exercise: Exercise) -> None:
    both = next(
        each for each in map(discovery.of_lesson, (x.number for x in LESSONS)) if len(each) > 1
    )
    first = exercise_in(discovery.folders()[both[0]])
    report = Report(first.name, first.folder.words, "correct", help=first)
    progress_store.exercise_passed(both[0])
    assert f"the exercise {both[1]} , further down" in plain(report_card(report).body)
    progress_store.exercise_passed(both[1])
    assert "further down" not in plain(report_card(report).body)


def test_an_exercise_of_another_course_is_not_counted_and_leads_nowhere(exercise: Exercise) -> None:
    words = replace(exercise.folder.words, lesson="77")
    body = plain(report_card(Report("their_own", words, "correct")).body)
    assert "of the course" not in body
    assert "Next:" not in body


def test_not_attempted_has_hints_and_no_row(exercise: Exercise) -> None:
    card = report_card(exercise.check(not_yet))
    assert card.peers == []
    assert card.solution == card.calls == ""
    assert len(card.hints) == 4


def test_the_solution_of_a_call_has_colours_too(exercise: Exercise) -> None:
    card = message_card(exercise.solution(show=True))
    assert '<span class="k">while</span>' in card.body
    assert card.hints == card.peers == []


@pytest.mark.parametrize("text", ["<script>1</script>", "</pre><img src=x onerror=1>", "\x1b[31m"])
def test_what_a_function_says_stays_text(exercise: Exercise, text: str) -> None:
    def hostile(sock: socket.socket, count: int) -> bytes:
        raise ValueError(text)

    hostile.__name__ = text
    card = report_card(exercise.check(hostile))
    for value in (card.head, card.body, card.calls, card.solution, *card.hints):
        assert "<script>" not in value
        assert "<img src=x" not in value
        assert "\x1b" not in value


def test_only_a_live_page_gets_a_card(exercise: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    report = exercise.check(not_yet)
    assert set(report._repr_mimebundle_()) == {view.TEXT, view.HTML}
    monkeypatch.setattr(view, "in_live_page", notebook._card_of)
    assert set(report._repr_mimebundle_()) == {view.TEXT, view.HTML}  # a terminal
    monkeypatch.setattr(check_card, "is_notebook", lambda: True)
    assert showing.WIDGET_VIEW in report._repr_mimebundle_()
    assert showing.WIDGET_VIEW in exercise.hint()._repr_mimebundle_()


def test_no_words_are_left_that_the_card_does_not_say() -> None:
    code = inspect.getsource(check_card) + str(CheckCard._esm)
    for key in card_words():
        begins = key.partition("peer ")[1] or key
        assert re.search(rf"[\"'.]{re.escape(begins)}", code), key
