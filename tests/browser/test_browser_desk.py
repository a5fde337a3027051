"""The learner's own lessons in a real JupyterLab: today, after a restart, and on the next day.

The lessons are copies, as `helpers.desk` makes them. Each test begins with new ones.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab import (
    SAVE,
    command,
    failed,
    go_to,
    in_theme,
    open_lesson,
    restart,
    run,
    run_all,
    run_next,
    run_up_to,
    tagged,
    until_open,
    until_restored,
)
from pages import serious, shoot, until

from helpers.course import progress_store
from helpers.desk.copies import Desk

ROOT = Path(__file__).resolve().parents[2]
CARD = ".socket-question"
WAITS, NEXT = "A client has connected and sent nothing.", "Five bytes have come."
NEXT_CELL = "ask-up-to-n"
SOURCES = """() => [...window.jupyterapp.shell.currentWidget.model.cells]
    .map(cell => cell.sharedModel.source)"""
DIRTY = "() => window.jupyterapp.shell.currentWidget.context.model.dirty"
OUTPUTS = """() => [...window.jupyterapp.shell.currentWidget.model.cells]
    .flatMap(cell => cell.outputs?.toJSON() ?? [])"""
COUNTS = """() => [...window.jupyterapp.shell.currentWidget.model.cells]
    .filter(cell => cell.executionCount).length"""
CLOSE_AND_SHUT_DOWN = """async () => {
    const { serviceManager, shell } = window.jupyterapp;
    [...shell.widgets('main')].forEach(each => each.dispose());
    await serviceManager.sessions.shutdownAll();
    await serviceManager.sessions.refreshRunning();
}"""


CUT_OFF = "Error: Canceled future for create_subshell_request"


@pytest.fixture(autouse=True)
def desk(course: Path) -> Iterator[Desk]:
    """Lessons in which nothing has been done, and no progress."""
    found = Desk(course)
    progress_store.forget()
    yield found
    progress_store.forget()
    for lesson in found.lessons():
        found.fresh(lesson.name)
    for kept in found.folder.glob("*_earlier*.ipynb"):
        kept.unlink()


def lesson_about(desk: Desk, call: str) -> str:
    """Its path as JupyterLab has it. Numbers change; what a lesson is about does not."""
    return f"{desk.folder.name}/{desk.find(call).name}"


def card_of(page: Any, words: str) -> Any:
    question = page.locator(f"{CARD}:visible", has_text=words)
    question.wait_for()
    return question


def answer_the_first(page: Any) -> Any:
    """Answer the first prediction of the lesson on recv(), and run its cell."""
    run_up_to(page, "ask-recv-waits")
    run_next(page)
    card = card_of(page, WAITS)
    card.get_by_role("radio", name="It waits.").check()
    card.get_by_text("You chose: It waits.").wait_for()
    run_next(page, "recv-waits")
    card.get_by_text("Right.").wait_for()
    return card


def ask_the_second(page: Any) -> Any:
    """Ask the next prediction, and leave it open."""
    run_next(page, NEXT_CELL)
    return card_of(page, NEXT)


def test_a_first_lesson_shows_nothing_before_it_is_run_and_is_clean_when_it_is_opened(
    page: Any, desk: Desk, tmp_path: Path
) -> None:
    first = desk.lessons()[0].name
    before = (desk.folder / first).read_bytes()
    open_lesson(page, f"{desk.folder.name}/{first}")
    assert page.evaluate(OUTPUTS) == []
    assert page.evaluate(COUNTS) == 0
    assert not page.evaluate(DIRTY)
    shoot(page, tmp_path, "desk-first")
    page.evaluate(SAVE)
    assert json.loads((desk.folder / first).read_text()) == json.loads(before)
    page.evaluate("() => window.jupyterapp.commands.execute('application:close')")
    page.locator(".jp-NotebookPanel").wait_for(state="detached")
    assert page.locator(".jp-Dialog").count() == 0  # "Save your work?"


@pytest.fixture
def newer_course(desk: Desk) -> Iterator[str]:
    """The first lesson has one cell more since the learner's copies were made. Its name."""
    lesson = desk.lessons()[0]
    before = lesson.read_bytes()
    yield lesson.name
    lesson.write_bytes(before)
    for beside in desk.folder.glob("*_new*.ipynb"):
        beside.unlink()


def update(desk: Desk) -> list[str]:
    """What `git pull` and the next `make lab` do."""
    lesson = desk.lessons()[0]
    notebook = nbformat.read(lesson, 4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("New in the course.", id="brand-new"))
    nbformat.write(notebook, lesson)
    return desk.prepare()


def test_who_has_changed_a_lesson_is_told_in_it_of_the_newer_one_and_can_open_that(
    page: Any, desk: Desk, newer_course: str, tmp_path: Path
) -> None:
    mine = desk.folder / newer_course
    notebook = nbformat.read(mine, 4)
    notebook.cells.append(nbformat.v4.new_code_cell("# my own note", id="my-own"))
    nbformat.write(notebook, mine)
    assert any("Yours is kept as it is." in said for said in update(desk))
    open_lesson(page, f"{desk.folder.name}/{newer_course}")
    run_next(page, "load")
    told = page.locator(".socket-page:visible", has_text="the course has a newer version")
    told.wait_for()
    assert "Yours is kept as it is." in told.inner_text()
    assert serious(page, ".socket-page") == []
    shoot(page, tmp_path, "desk-newer")
    assert "# my own note" in json.dumps(page.evaluate(SOURCES))
    told.get_by_role("link").click()
    new = f"{desk.folder.name}/{mine.stem}_new.ipynb"
    until_open(page, new)
    assert page.evaluate(SOURCES)[-1] == "New in the course."


@pytest.mark.weekly
def test_who_has_changed_nothing_opens_the_newer_lesson(
    page: Any, desk: Desk, newer_course: str
) -> None:
    assert any("You had changed nothing" in said for said in update(desk))
    open_lesson(page, f"{desk.folder.name}/{newer_course}")
    assert page.evaluate(SOURCES)[-1] == "New in the course."
    assert page.evaluate(OUTPUTS) == []
    run_next(page, "load")
    go_to(page, "load")
    assert page.locator(".socket-page").count() == 0  # there is nothing to choose


@pytest.mark.weekly
def test_git_sees_nothing_of_a_whole_lesson(page: Any, desk: Desk) -> None:
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        command = ["git", "-C", str(desk.root), *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    shutil.copy(ROOT / ".gitignore", desk.root)
    git("init", "-q")
    try:
        git("add", "-A")
        git("commit", "-qm", "The course.")
        path = lesson_about(desk, "recv")
        open_lesson(page, path)
        notebook = run_all(page)
        assert failed(notebook) == tagged(notebook)
        page.evaluate(SAVE)
        assert json.loads((desk.root / path).read_text())["cells"][-1]
        assert git("status", "--porcelain") == ""
    finally:
        shutil.rmtree(desk.root / ".git")


@pytest.mark.weekly
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_day_and_the_next(page: Any, desk: Desk, theme: str, tmp_path: Path) -> None:
    path = lesson_about(desk, "recv")
    open_lesson(page, path)
    in_theme(page, theme)
    answer_the_first(page)
    ask_the_second(page)
    page.evaluate(SAVE)
    page.evaluate(CLOSE_AND_SHUT_DOWN)

    open_lesson(page, path)  # the next day
    go_to(page, "ask-recv-waits")
    first = card_of(page, WAITS)
    assert first.get_by_role("radio", name="It waits.").is_checked()
    first.get_by_text("Right.").wait_for()
    go_to(page, NEXT_CELL)
    second = card_of(page, NEXT)
    second.get_by_text("Run this cell to answer the question.").wait_for()
    assert second.get_by_role("radio").first.is_disabled()
    assert page.get_by_text("Error displaying widget").count() == 0
    until(page, f"() => !({DIRTY})()")  # a widget that was read has made it so
    assert serious(page, CARD) == []
    shoot(page, tmp_path, f"desk-next-day-{theme}")

    command(page, "notebook:run-all-above")  # and the lesson goes on
    again = card_of(page, WAITS)
    again.get_by_text("You have answered this before.").wait_for()
    again.get_by_role("button", name="Answer again").wait_for()
    shoot(page, tmp_path, f"desk-again-{theme}")
    run_next(page, NEXT_CELL)
    second = card_of(page, NEXT)
    second.get_by_role("radio").first.check()
    second.get_by_text("You chose").wait_for()


@pytest.mark.weekly
def test_after_a_restart_a_card_says_what_to_do_and_nothing_is_lost_by_saving(
    page: Any, tab: Any, desk: Desk, tmp_path: Path
) -> None:
    path = lesson_about(desk, "recv")
    open_lesson(page, path)
    answer_the_first(page)
    second = ask_the_second(page)
    page.evaluate(SAVE)
    restart(page)
    second.get_by_text("The kernel was restarted.").wait_for()
    second.get_by_text("Run All Above Selected Cell").wait_for()
    assert second.get_by_role("radio").first.is_disabled()
    shoot(page, tmp_path, "desk-restarted")
    page.evaluate(SAVE)
    until_open(page, path)
    page.evaluate(CLOSE_AND_SHUT_DOWN)
    open_lesson(page, path)
    go_to(page, "ask-recv-waits")
    card_of(page, WAITS).get_by_text("Right.").wait_for()
    assert page.get_by_text("Error displaying widget").count() == 0
    until_open(page, path)
    # A restart breaks off what JupyterLab itself asks of the kernel, and it says so.
    tab.complaints[:] = [each for each in tab.complaints if not each.startswith(CUT_OFF)]


def test_a_card_lives_on_when_the_page_is_loaded_again(page: Any, desk: Desk) -> None:
    path = lesson_about(desk, "recv")
    open_lesson(page, path)
    answer_the_first(page)
    ask_the_second(page)
    page.evaluate(SAVE)
    page.reload()
    until_restored(page)
    open_lesson(page, path)
    go_to(page, NEXT_CELL)
    second = card_of(page, NEXT)
    second.get_by_role("radio").first.check()
    second.get_by_text("You chose").wait_for()


def test_what_jupyterlab_saves_in_a_committed_lesson_has_nothing_of_widgets(
    page: Any, course: Path, desk: Desk
) -> None:
    name = desk.find("recv").name
    open_lesson(page, f"notebooks/{name}")
    run_up_to(page, "ask-recv-waits")
    run_next(page)
    card_of(page, WAITS)
    before = (course / "notebooks" / name).read_bytes()
    try:
        page.evaluate(SAVE)
        assert "widgets" not in json.loads((course / "notebooks" / name).read_text())["metadata"]
    finally:
        (course / "notebooks" / name).write_bytes(before)


def test_links_open_lessons_beside_and_the_end_of_a_lesson_says_what_is_next(
    page: Any, desk: Desk, tmp_path: Path
) -> None:
    lessons = [path.name for path in desk.lessons()]
    open_lesson(page, f"{desk.folder.name}/{lessons[0]}")
    run(page, "progress")  # in a new kernel: nothing has run above
    page.locator(".jp-OutputArea-output:visible", has_text="A cell above makes").wait_for()
    run_up_to(page, "progress")
    run(page)
    end = page.locator(".socket-page:visible", has_text="Next:")
    end.wait_for()
    shoot(page, tmp_path, "desk-end")
    assert serious(page, ".socket-page") == []
    link = page.locator(".socket-page:visible td a").nth(2)
    link.click()
    until_open(page, f"{desk.folder.name}/{lessons[2]}")
    assert page.evaluate("() => location.pathname").startswith("/lab")
