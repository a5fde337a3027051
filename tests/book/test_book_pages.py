"""A notebook as a page of the book, and the folder of all pages."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from helpers.course import question_view as view
from helpers.course import questions
from helpers.course.lessons import LESSONS
from helpers.language import speaking
from helpers.view import picture_html
from tools.book import redirects
from tools.book.gather import ROOT, Book, files, gather, slug, switch, ways_in
from tools.book.korean import Korean
from tools.book.lessons import asked_html, page_of
from tools.book.links import in_markdown
from tools.book.settings import Repository, repository

GITHUB = Repository("https://github.com/somebody/course")
FIRST = questions.of_lesson("01").predictions[0]
SVG = '<svg class="socket-ladder" aria-label="A &amp; B"><style>.x{fill:#fff}</style><g/></svg>'


def code(source: str, name: str, *outputs: dict[str, str]) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id=name)
    cell.outputs = [nbformat.v4.new_output("display_data", data) for data in outputs]
    return cell


def page(*cells: NotebookNode) -> NotebookNode:
    return page_of(
        nbformat.v4.new_notebook(cells=list(cells)), "notebooks/a.ipynb", {}, GITHUB, "R"
    )


def test_each_cell_has_a_place_behind_its_heading() -> None:
    made = page(
        nbformat.v4.new_markdown_cell("# Title\n\nwords", id="title"),
        nbformat.v4.new_markdown_cell("only words", id="words"),
        code("1", "one"),
    )
    title, words, place, one = made.cells
    assert re.fullmatch(r'# Title\n\n<a .*id="cell-title".*</a>\n\nR\n\n\nwords', title.source)
    assert re.fullmatch(r'<a .*id="cell-words".*</a>\n\nonly words', words.source)
    assert 'id="cell-one"' in place.source
    assert one.source == "1"


def test_the_cell_that_gives_an_answer_is_marked_and_no_other() -> None:
    asked = code(f'predict("{FIRST.name}")', f"ask-{FIRST.cell}", {"text/html": "old"})
    made = page(asked, code("1", FIRST.cell), code("2", "other"))
    tags = {cell.id: cell.metadata.get("tags", []) for cell in made.cells}
    assert tags[FIRST.cell] == ["covered"]
    assert tags["other"] == []
    assert tags[asked.id] == ["remove-input"]
    assert made.cells[1].outputs[0].data["text/html"] == view.as_html(FIRST, view.WORDS["predict"])


def test_a_ladder_stands_in_the_page_without_its_own_colours() -> None:
    (_, cell) = page(code("timeline()", "t", {"image/svg+xml": SVG})).cells
    assert cell.outputs[0].data["text/html"] == (
        '<div class="socket-wide" tabindex="0" role="region" aria-label="A &amp; B">'
        '<svg class="socket-ladder" aria-label="A &amp; B"><g/></svg></div>'
    )
    assert "image/svg+xml" not in cell.outputs[0].data


def test_so_does_a_ladder_that_is_an_image_in_html() -> None:
    image = picture_html(SVG, "A & B", "words")
    (_, cell) = page(code("server.timeline()", "t", {"text/html": image})).cells
    shown = cell.outputs[0].data["text/html"]
    assert '<svg class="socket-ladder" aria-label="A &amp; B"><g/></svg></div>' in shown
    assert "<img" not in shown
    assert shown.endswith("<details><summary>As text</summary>words</details>")


@pytest.mark.parametrize("source", ["predict(name)", 'print(predict("x"))', "1", ""])
def test_other_cells_ask_nothing(source: str) -> None:
    assert asked_html(source) == ""


def test_behind_each_choice_stands_what_the_card_would_say() -> None:
    html = view.as_html(FIRST, view.WORDS["predict"])
    folded = re.findall(r"<details><summary>If you choose (.)</summary>(.*?)</details>", html)
    assert folded == [
        ("abcdefgh"[number], view.verdict_html(FIRST, number))
        for number in range(len(FIRST.choices))
    ]


def test_a_question_of_the_recall_does_not_give_the_right_answer_away() -> None:
    question = questions.recall("02")[0]
    html = view.as_html(question, "1", again=True)
    answers = re.findall(r"<details>.*?</details>", html)
    right = [question.right.answer == choice.answer for choice in question.choices]
    assert ["Right." in each for each in answers] == right
    assert "data-cell" not in html


# --- all pages ----------------------------------------------------------------------------------


@pytest.fixture
def book() -> Book:
    return Book(ROOT, LESSONS, GITHUB)


def test_every_prediction_of_a_lesson_covers_a_cell_of_its_page(book: Book) -> None:
    for lesson, (_, text) in zip(LESSONS, files(book), strict=False):
        cells = nbformat.reads(text, as_version=4).cells
        covered = [cell.id for cell in cells if "covered" in cell.metadata.get("tags", [])]
        asked = questions.of_lesson(lesson.number).predictions if lesson.predictions else ()
        assert sorted(covered) == sorted(question.cell for question in asked)


def test_no_picture_of_a_lesson_has_colours_of_its_own(book: Book) -> None:
    notebooks = [text for name, text in files(book) if name.endswith(".ipynb")]
    assert sum(text.count('class=\\"socket-ladder\\"') for text in notebooks) > len(LESSONS)
    assert [text for text in notebooks if "data:image" in text or "<style" in text] == []


def test_a_file_is_written_only_if_its_text_is_new(book: Book, tmp_path: Path) -> None:
    few = Book(ROOT, LESSONS[:1], GITHUB)
    names = gather(few, tmp_path)
    (tmp_path / "gone.md").write_text("of an earlier book")
    (tmp_path / names[0]).write_text("changed")
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in names}
    gather(few, tmp_path)
    after = {name: (tmp_path / name).stat().st_mtime_ns for name in names}
    assert [name for name in names if before[name] != after[name]] == names[:1]
    assert not (tmp_path / "gone.md").exists()


def test_a_lesson_can_be_run_with_and_without_a_repository() -> None:
    with_one = ways_in("notebooks/06_recv.ipynb", GITHUB)
    assert with_one.count("<a href=") == 4
    assert "urlpath=lab%2Ftree%2Fmy_lessons%2F06_recv.ipynb" in with_one
    assert "git clone https://github.com/somebody/course\ncd course && make lab" in with_one
    without = ways_in("notebooks/06_recv.ipynb", Repository())
    assert "https://" not in without
    assert "<pre>make lab</pre>" in without


def test_the_repository_is_one_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCKET_COURSE_REPOSITORY", "https://github.com/a/b-c.d")
    monkeypatch.setenv("SOCKET_COURSE_REF", "v2")
    assert repository() == Repository("https://github.com/a/b-c.d", "v2")
    monkeypatch.setenv("SOCKET_COURSE_REPOSITORY", "https://example.org/a/b")
    with pytest.raises(ValueError, match="not the address of a repository"):
        repository()


@pytest.mark.parametrize(
    ("heading", "place"), [("echo_server.py", "echo_serverpy"), ("Run it", "run-it")]
)
def test_a_heading_has_the_place_that_github_gives_it(heading: str, place: str) -> None:
    assert slug(heading) == place


def test_an_old_name_leads_to_the_new_page_and_hides_none(tmp_path: Path) -> None:
    moved = {"old": "new", "kept": "new", "lost": "nowhere"}
    assert redirects.write(tmp_path, {"new", "kept"}, moved) == ["old"]
    assert 'location.replace("new.html" + location.hash)' in (tmp_path / "old.html").read_text()
    assert [page.name for page in tmp_path.iterdir()] == ["old.html"]


# --- another language ---------------------------------------------------------------------------


@pytest.fixture
def korean(book: Book) -> Book:
    return book.languages["ko"]


def test_the_book_in_another_language_has_its_lessons_and_its_pages(korean: Book) -> None:
    with speaking("ko"):
        pages = dict(files(korean))
    assert len(korean.lessons) > 12
    assert {each.file for each in korean.lessons} <= set(pages)
    assert {"index.md", "programs.md", "the-example.md"} <= set(pages)
    assert "teaching.md" not in pages
    assert "## 단원" in pages["index.md"]
    assert "05 accept(): 클라이언트 맞이하기</a>" in pages["index.md"]


def test_a_link_to_what_a_book_does_not_have_leads_to_another_one(book: Book, korean: Book) -> None:
    def linked(target: str, file: str, which: Book) -> str:
        return in_markdown(f"[x]({target})", file, which.pages, Repository())

    lesson = "notebooks_ko/05_accept.ipynb"
    assert linked("06_recv.ipynb", lesson, korean) == "[x](06_recv.ipynb)"
    assert linked("../notebooks/16_udp.ipynb", lesson, korean) == '<a href="../16_udp.html">x</a>'
    assert linked("install.md#x", "docs/a.ko.md", korean) == '<a href="../install.html#x">x</a>'
    assert linked("the-example.ko.md", "docs/a.md", book) == '<a href="ko/the-example.html">x</a>'
    assert linked("the-example.md", "docs/a.ko.md", korean) == '<a href="../the-example.html">x</a>'


def test_a_page_leads_to_itself_in_each_language(book: Book, korean: Book) -> None:
    english, other = switch(book)
    assert (english["code"], english["way"], other["code"], other["way"]) == ("en", "", "ko", "ko/")
    assert [each["way"] for each in switch(korean)] == ["../", ""]
    assert other["name"] == "한국어"
    assert "05_accept" in str(other["pages"])
    assert "teaching" not in str(other["pages"])


def test_a_lesson_in_another_language_is_run_in_it() -> None:
    said = ways_in("notebooks_ko/06_recv.ipynb", GITHUB, "ko")
    assert "urlpath=lab%2Ftree%2Fmy_lessons_ko%2F06_recv.ipynb" in said
    assert "make lab COURSE=ko</pre>" in said
    assert f"{GITHUB.source('notebooks_ko/06_recv.ipynb')}" in said


@pytest.mark.parametrize(
    "text", ["소켓을", "소켓", "소켓입니다.", "소켓에서는", "이 소켓들을", "TCP소켓", "소켓이란?"]
)
def test_a_korean_word_is_found_whatever_stands_at_its_end(text: str) -> None:
    assert "소켓" in Korean({}).split(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("끝을", {"끝", "끝을"}),
        ("recv()는 b''을", {"recv", "는", "b", "을"}),
        ("TCP는 SO_REUSEADDR", {"TCP", "는", "SO_REUSEADDR"}),
        ("은는", {"은", "은는"}),
    ],
)
def test_what_is_put_into_the_index(text: str, found: set[str]) -> None:
    assert set(Korean({}).split(text)) == found
