"""In another language nothing is left in English: each view is shown in one that marks its words.

In this language every text of the catalogues stands in ⟦ ⟧. What stands outside is code, a name, or
a text that somebody has forgotten in the program.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import toy
from servers import HERE

from helpers import (
    Deadlock,
    LiveServer,
    classroom,
    exercises,
    kernel_view,
    language,
    panel,
    patience,
    peers,
    predict,
    progress,
    progress_bar,
    recall,
    timeline,
)
from helpers.classroom.board import state
from helpers.classroom.board.saying import PAGES, page
from helpers.course import ending, progress_store, question_view, questions
from helpers.course.lessons import LESSONS
from helpers.course.progress_store import Learned
from helpers.desk.copies import Desk, DeskError
from helpers.view import View
from helpers.widgets import check_card

CODE = """
echo_server listener conn client address create_server socket accept recv sendall received while
with True def inner_error data serve_nobody shout sock count bytes bytearray repr self close
connect settimeout bind listen read_exactly send getsockname join start stop panel LiveServer
exercises hint check solution timeline return print not int len server result settle predict None
lambda str in as create_connection HERE AF_INET SOCK_STREAM setsockopt SOL_SOCKET
SO_REUSEADDR SHUT_WR shutdown Stopped context raise IPPROTO_TCP xxxxxxxxxxxxxxxx xxxx won
"""
"""What stands in the programs below, and in the calls that the views show."""

TERMS = "TCP|UDP|Unix|LISTEN|ESTABLISHED|CLOSE_WAIT|FIN_WAIT2?|TIME_WAIT|CLOSE|[A-Z]\\w*Error|b|x"


@pytest.fixture(autouse=True)
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: None) -> Iterator[None]:
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    monkeypatch.setattr(language, "_wanted", toy.CODE)
    monkeypatch.setenv(progress_store.FOLDER_VARIABLE, str(tmp_path / "learner"))
    toy.write_into(tmp_path)
    language.language.cache_clear()
    yield
    language.language.cache_clear()


def echo_server() -> None:
    with socket.create_server(HERE) as listener:
        while True:
            conn, _ = listener.accept()
            with conn:
                while received := conn.recv(1024):
                    print("x")
                    conn.sendall(received)


class _Said(HTMLParser):
    """What a page says: its texts, and those of attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        self.said += [str(value) for name, value in attrs if name in ("aria-label", "alt", "title")]

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.said.append(data)


def of_page(page: str) -> str:
    parser = _Said()
    parser.feed(page)
    return "\n".join(parser.said)


def left_over(text: str) -> list[str]:
    """The English words that stand outside of ⟦ ⟧."""
    before = ""
    while before != text:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
    text = text.replace("⟦", " ").replace("⟧", " ")  # of a text that was cut
    known = set(CODE.split())
    return [
        word
        for word in re.findall(r"[A-Za-z]{2,}\w*", text)
        if word not in known and not re.fullmatch(TERMS, word)
    ]


def shown(view: View) -> str:
    """All that a view says, in each of its forms."""
    return "\n".join([view.text(), of_page(view.html()), of_page(view.svg()), view.summary])


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(Exception) as told:  # noqa: PT011
        call()
    return str(told.value)


def test_where_a_server_stands() -> None:
    def inner_error() -> None:
        with socket.create_server(HERE) as listener, listener.accept()[0]:
            raise ValueError("x")

    live = LiveServer(echo_server)
    assert not left_over(shown(live.where))
    with live:
        assert not left_over(shown(live.where))
        with socket.create_connection(live.address) as client:
            client.sendall(b"x")
            client.recv(1)
            assert not left_over(shown(live.where))
            assert not left_over(repr(live))
    assert not left_over(shown(live.where))
    failing = LiveServer(inner_error).start()
    with socket.create_connection(failing.address):
        error_of(failing.result)
    assert not left_over(shown(failing.where))


def test_what_a_server_refuses() -> None:
    with LiveServer(echo_server) as live:
        for call in (
            lambda: LiveServer(3),  # type: ignore[arg-type]
            lambda: live.start(),
            lambda: live.stop("x"),  # type: ignore[arg-type]
            lambda: live.result(0.01),
            lambda: LiveServer(echo_server).settle(),
        ):
            assert not left_over(error_of(call))


def test_a_deadlock_and_a_wait_that_was_too_long() -> None:
    with LiveServer(echo_server) as live, socket.create_connection(live.address) as client:
        with pytest.raises(Deadlock) as told:
            client.recv(1024)
        assert not left_over(str(told.value).replace("Deadlock", ""))


def test_a_ladder() -> None:
    assert not left_over(shown(timeline()))
    with LiveServer(echo_server) as live, socket.create_connection(live.address) as client:
        client.sendall(b"x" * 100)
        client.recv(4)
        client.recv(200)
        with socket.create_server(HERE) as listener, pytest.raises(OSError):  # noqa: PT011
            listener.bind(live.address)
        client.shutdown(socket.SHUT_WR)
        two = timeline()
    said = shown(two) + shown(timeline())
    assert "⟦100 bytes⟧" in said
    assert not left_over(said.replace("Invalid argument", ""))


def test_the_table_of_the_kernel() -> None:
    with LiveServer(echo_server) as live, socket.create_connection(live.address) as client:
        live.settle()
        view = kernel_view(client, live.address)
        assert not left_over(shown(view))
    client.close()
    assert not left_over(shown(kernel_view(client)))
    assert not left_over(shown(kernel_view(("127.0.0.1", 1))))
    for call in (lambda: kernel_view(), lambda: kernel_view(3), lambda: kernel_view(("x", 1))):
        assert not left_over(error_of(call))


def test_a_report_its_card_a_hint_and_a_solution() -> None:
    def read_exactly(sock: socket.socket, count: int) -> bytes:
        return sock.recv(count)

    exercise = exercises.read_exactly
    report = exercise.check(read_exactly)
    assert report.outcome == "incorrect"
    program = exercise.folder.program("solution") + exercise.folder.program("other_way")
    known = set(re.findall(r"\w+", program))
    for view in (report, exercise.hint(), exercise.solution(show=True)):
        assert not [word for word in left_over(shown(view)) if word not in known]
    card = check_card.report_card(report)
    said = of_page(" ".join([card.head, card.body, *card.words.values()]))
    assert not [word for word in left_over(said) if word not in known]
    assert not left_over(error_of(lambda: exercises.no_such))
    assert not left_over(error_of(lambda: exercise.check(3)))


def test_a_question_and_its_answers() -> None:
    asked = questions.of_lesson("03").predictions[0]
    said = [
        question_view.as_text(asked, question_view.WORDS["predict"]),
        question_view.answer_text(asked),
        of_page(question_view.as_html(asked, question_view.WORDS["predict"])),
        of_page(question_view.chosen_html(asked, 0)),
        of_page(question_view.too_late_html()),
    ]
    assert not left_over(" ".join(said))
    card = predict(asked.name).widget()
    said = [card.question, card.button, card.late, card.gone, card.of_another_day, *card.choices]
    assert not left_over(of_page(" ".join(said)))
    assert not left_over(shown(recall("03")))
    assert not left_over(error_of(lambda: predict("x")))
    assert not left_over(error_of(lambda: recall("x")))


def test_what_was_chosen_in_one_language_is_known_in_another() -> None:
    asked = predict(questions.of_lesson("03").predictions[0].name)
    asked.widget().chosen = 1
    asked.show_answer()
    with language.speaking("en"):
        in_english = predict(asked.question.name)
        assert in_english.widget().chosen == 1
        kept = progress_store.load().answers[asked.question.name]
        assert kept.last == in_english.question.choices[1].text
    assert asked.question.choices[1].text == toy.marked(kept.last)


def test_the_map_and_the_end_of_a_lesson(tmp_path: Path) -> None:
    folder = str(tmp_path / "learner")
    said = shown(progress()) + of_page(progress().page()).replace(folder, "")
    titles = " ".join(f"{each.title} {each.file}" for each in LESSONS)
    known = {*re.findall(r"\w+", titles), "progress", "forget"}
    assert not [word for word in left_over(said) if word not in known]
    done = ending.as_page(LESSONS[0], Learned()) + ending.as_page(LESSONS[-1], Learned())
    assert not [word for word in left_over(of_page(done)) if word not in known]
    assert not left_over(shown(progress_bar(3, "⟦x⟧")))


def test_a_panel() -> None:
    live = LiveServer(echo_server).start().settle()
    with pytest.raises(TypeError) as told:
        panel(3)  # type: ignore[arg-type]
    assert not left_over(str(told.value))
    seen = panel(live)
    try:
        seen._repr_mimebundle_()
        card = seen._card
        said = [*card.words.values(), card.over]
        said += [each["name"] + each["status"] + each["received"] for each in card.clients]
        said += [each["name"] + each["html"] + each["text"] for each in card.views]
        assert not left_over(of_page(" ".join(said)))
        assert not left_over(shown(seen))
    finally:
        seen.close()
        live.stop()


def test_other_errors_of_the_helpers() -> None:
    for call in (
        lambda: timeline(all=3),  # type: ignore[arg-type]
        lambda: patience("x"),  # type: ignore[arg-type]
        lambda: classroom.join(3),  # type: ignore[arg-type]
        lambda: peers.cut_in_half(None, "x", None),  # type: ignore[arg-type]
    ):
        assert not left_over(error_of(call).replace("all=", "").replace("patience()", ""))


def test_the_pages_of_the_class_board() -> None:
    for name in ("wall", "teacher"):
        made = page(name)
        assert f'<html lang="{toy.CODE}">' in made
        assert "{{" not in made
        script, _, rest = made.partition('id="words">')[2].partition("</script>")
        assert not left_over(of_page(rest))
        words = json.loads(script)
        assert words["votes"] == [toy.marked("{count} vote"), toy.marked("{count} votes")]
    code = "".join(each.read_text(encoding="utf-8") for each in PAGES.glob("*.js"))
    code = re.sub(r"//[^\n]*", "", code)
    for key in words:
        assert f'"{key}"' in code, key
    assert not re.search(r"[\"`][A-Z][a-z]+ [a-z]", code)


def test_the_board_says_the_mistakes_of_learners_in_its_own_language() -> None:
    known = state.known_mistakes()
    assert all(said == toy.marked(english) for (_, english), said in known.items())


def test_the_desk(tmp_path: Path) -> None:
    (tmp_path / "course" / "notebooks").mkdir(parents=True)
    with pytest.raises(DeskError) as told:
        Desk(tmp_path / "course").find("x")
    assert not left_over(str(told.value))
