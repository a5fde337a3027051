"""What was done is kept: by several kernels at once, through damage, and until it is forgotten."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import filelock
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import progress, progress_bar
from helpers.course import lessons, map, progress_store
from helpers.exercises import discovery
from helpers.widgets import long_work, showing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this test. It does not exist yet."""
    folder = tmp_path / "some" / "data"
    monkeypatch.setenv(progress_store.FOLDER_VARIABLE, str(folder))
    return folder


# --- the course ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", lessons.LESSONS, ids=lambda each: each.number)
def test_a_lesson_is_what_its_notebook_says(lesson: lessons.Lesson) -> None:
    cells = json.loads((ROOT / "notebooks" / lesson.file).read_text(encoding="utf-8"))["cells"]
    title = "".join(cells[0]["source"])
    assert re.match(rf"# {re.escape(map.name(lesson))}(: |\n)", title)
    assert f"**{lesson.minutes} minutes to read and run" in title
    written = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert lesson.said_title == lesson.title
    for exercise in lesson.exercises:
        assert re.search(rf"^(async )?def {exercise}\(", written, re.MULTILINE)


def test_every_notebook_is_a_lesson_and_no_exercise_has_the_name_of_another() -> None:
    files = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert files == [lesson.file for lesson in lessons.LESSONS]
    names = [name for lesson in lessons.LESSONS for name in lesson.exercises]
    assert len(set(names)) == len(names)
    assert {*names} == {*discovery.folders()}


# --- the file -----------------------------------------------------------------------------------


def test_nothing_is_made_before_there_is_something_to_keep(data: Path) -> None:
    assert progress_store.load() == progress_store.Learned()
    assert not data.exists()


def test_what_was_done_is_kept_and_forgotten_on_request(data: Path) -> None:
    assert progress_store.prediction_made("b") == ""
    assert progress_store.prediction_made("a") == ""
    assert progress_store.exercise_passed("read_exactly") == ""
    kept = progress_store.load()
    assert (kept.predictions, kept.exercises) == ({"a", "b"}, {"read_exactly"})
    progress(forget=True)
    assert progress_store.load() == progress_store.Learned()
    assert [path.name for path in data.iterdir() if path.suffix != ".lock"] == []


def test_what_a_newer_course_has_written_is_kept(data: Path) -> None:
    data.mkdir(parents=True)
    (data / "progress.json").write_text('{"predictions": ["new"], "badges": {"first": 1}}')
    progress_store.exercise_passed("ask")
    assert json.loads((data / "progress.json").read_text()) == {
        "badges": {"first": 1},
        "exercises": ["ask"],
        "predictions": ["new"],
    }


def test_the_usual_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(progress_store.FOLDER_VARIABLE)
    assert progress_store.data_folder().name == "socket-course"
    assert ROOT not in progress_store.data_folder().parents


WRITER = """
import sys
from helpers.course import progress_store
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    assert progress_store.prediction_made(f"{sys.argv[1]}-{number}") == ""
    assert not progress_store.load().problem
"""


def test_several_kernels_at_once_lose_nothing_of_each_other(data: Path) -> None:
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    for kernel in kernels:
        assert kernel.stdout
        assert kernel.stdout.readline() == "ready\n"
    for kernel in kernels:
        assert kernel.stdin
        kernel.stdin.write("go\n")
        kernel.stdin.flush()
    for kernel in kernels:
        kernel.communicate(timeout=60)
        assert kernel.returncode == 0
    assert progress_store.load().predictions == {
        f"{name}-{n}" for name in "abcd" for n in range(25)
    }
    assert not list(data.glob("*.tmp"))


# --- what can be wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damaged",
    [b"", b"{", b"[]", b"null", b'{"predictions": 3}', b'{"exercises": [1]}', b"\xff", b"[" * 9999],
)
def test_a_damaged_file_is_said_and_set_aside(data: Path, damaged: bytes) -> None:
    data.mkdir(parents=True)
    (data / "progress.json").write_bytes(damaged)
    assert "is damaged" in progress_store.load().problem
    assert "is damaged" in progress().page()
    assert progress_store.prediction_made("a") == ""
    assert progress_store.load() == progress_store.Learned(predictions=frozenset({"a"}))
    assert (data / "progress-1.unreadable").read_bytes() == damaged
    (data / "progress.json").write_bytes(b"damaged again")
    assert progress_store.prediction_made("a") == ""
    assert (data / "progress-1.unreadable").read_bytes() == damaged
    assert (data / "progress-2.unreadable").read_bytes() == b"damaged again"
    (data / "progress-1.unreadable").unlink()
    (data / "progress.json").write_bytes(b"and again")
    assert progress_store.prediction_made("a") == ""
    assert (data / "progress-2.unreadable").read_bytes() == b"damaged again"
    progress(forget=True)
    assert [path.name for path in data.iterdir() if path.suffix != ".lock"] == []


@given(content=st.binary(max_size=60) | st.from_regex(rb'\{"predictions": .{0,20}\}'))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_of_the_file_stops_a_lesson(data: Path, content: bytes) -> None:
    data.mkdir(parents=True, exist_ok=True)
    (data / "progress.json").write_bytes(content)
    progress().page()
    assert progress_store.exercise_passed("ask") == ""
    assert "ask" in progress_store.load().exercises


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(progress_store.FOLDER_VARIABLE, str(tmp_path / "file" / "data"))
    said = progress_store.prediction_made("a")
    assert re.fullmatch(r"Your progress could not be kept: .+\. The lesson still goes on\.", said)
    assert progress_store.load().predictions == set()
    progress(forget=True)  # there is nothing to forget
    assert capsys.readouterr().out == ""


def test_a_lock_that_somebody_holds_ends_in_words_and_the_file_can_still_be_read(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress_store.prediction_made("a")
    monkeypatch.setattr(progress_store, "LOCK_TIME", 0.05)
    with filelock.FileLock(data / "progress.lock"):
        assert progress_store.prediction_made("b").startswith("Your progress could not be kept: ")
        assert progress_store.load().predictions == {"a"}
    assert progress_store.prediction_made("b") == ""


def test_a_full_disk_leaves_the_old_file(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    progress_store.prediction_made("a")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left on device" in progress_store.prediction_made("b")
    assert progress_store.load().predictions == {"a"}
    assert not list(data.glob("*.tmp"))


# --- the map ------------------------------------------------------------------------------------


def test_the_map_without_a_page_is_the_same_for_every_learner() -> None:
    before = progress()._repr_mimebundle_()
    progress_store.exercise_passed("read_text")
    assert progress()._repr_mimebundle_() == before
    assert set(before) == {"text/plain", "text/html"}
    for lesson in lessons.LESSONS:
        assert map.name(lesson) in before["text/plain"]
        assert f'<a href="{lesson.file}">' in before["text/html"]


def test_the_map_in_a_page_has_a_named_bar_for_each_thing_and_the_same_in_words() -> None:
    progress_store.exercise_passed("read_text")
    progress_store.prediction_made("recv-exactly-five")
    progress_store.prediction_made("a name of another course")
    page = progress().page()
    assert '<progress value="1" max="2" aria-label="Lesson 07, exercises"' in page
    asked = next(len(each.predictions) for each in lessons.LESSONS if each.number == "06")
    bar = rf'value="1" max="{asked}" aria-label="Lesson 06, predictions".*?1 of {asked}'
    assert re.search(bar, page)
    assert str(progress_store.data_folder()) in page


# --- the first edition ---------------------------------------------------------------------------

FIRST_EDITION = Path(__file__).with_name("progress_of_the_first_edition.json")
"""All that could be done in it: 97 predictions and 11 exercises."""
NO_LONGER_ASKED = {
    "accept-without-a-client",
    "after-shutdown",
    "ask-a-dead-server",
    "a-second-server",
    "a-word-for-a-port",
    "both-speak-first",
    "client-waits-for-a-greeting",
    "close-and-read",
    "is-it-still-listening",
    "peer-of-the-listener",
    "read-once-two-pieces",
    "recv-three-times",
    "send-and-never-accepted",
    "send-once-more",
    "server-closes-first",
    "slices-of-a-letter",
    "what-is-left-of-a-connection",
}


def test_who_did_all_of_the_first_edition_has_done_it_under_the_new_numbers(data: Path) -> None:
    data.mkdir(parents=True)
    (data / "progress.json").write_bytes(FIRST_EDITION.read_bytes())
    done = progress_store.load()
    known = {name for lesson in lessons.LESSONS for name in lesson.predictions}
    assert done.predictions - known == NO_LONGER_ASKED
    assert done.exercises <= {name for lesson in lessons.LESSONS for name in lesson.exercises}
    page = progress().page()
    for number, what in [("05", "predictions"), ("10", "exercises"), ("12", "exercises")]:
        bar = rf'value="(\d+)" max="\1" aria-label="Lesson {number}, {what}"'
        assert re.search(bar, page)
    progress_store.prediction_made("port-of-the-client")
    assert progress_store.load().predictions == done.predictions | {"port-of-the-client"}


def test_the_map_marks_the_lessons_that_may_be_left_out() -> None:
    shown = progress()._repr_mimebundle_()
    for text in (*shown.values(), progress().page()):
        assert text.count("(deeper)") == sum(lesson.deeper for lesson in lessons.LESSONS) == 2


# --- long work ----------------------------------------------------------------------------------


def test_a_bar_says_what_and_how_much_and_nothing_that_varies(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(progress_bar([3, 1, 2], "numbers sorted")) == [3, 1, 2]
    with progress_bar(5_000_000, "bytes received") as bar:
        bar.add(1000)
    assert capsys.readouterr().out == "numbers sorted: up to 3\nbytes received: up to 5,000,000\n"


def test_a_bar_must_know_how_much_there_is() -> None:
    with pytest.raises(TypeError, match="must know how much there is"):
        progress_bar(iter([1]), "numbers")


def test_a_bar_in_a_page_is_told_seldom_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "is_notebook", lambda: True)
    bar = progress_bar(10_000, "bytes received")
    bundle = bar._repr_mimebundle_()
    assert bundle["text/plain"] == "bytes received: up to 10,000"
    told: list[str] = []
    assert bar._page
    bar._page.observe(lambda change: told.append(change["new"]), "value")
    clock = iter(n / 1000 for n in range(10**6))
    monkeypatch.setattr(long_work.time, "monotonic", lambda: next(clock))

    def work() -> None:
        for _ in range(2500):
            bar.add(2)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    bar.__exit__(None, None, None)
    assert bar.done == bar.total
    assert 2 < len(told) < 120
    assert "bytes received: 100 %" in told[-1]
