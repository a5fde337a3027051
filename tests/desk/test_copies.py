"""The learner's own copies: made once, kept up to date, and nothing of the learner ever lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from helpers.desk import lab, notebook_file
from helpers.desk.__main__ import main as desk_main
from helpers.desk.copies import Desk, DeskError
from helpers.widgets import newer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _own_jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signatures of this test are in no database of others."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course of two lessons, as they are committed: with outputs."""
    folder = tmp_path / "Mein Kurs ü"
    (folder / "notebooks").mkdir(parents=True)
    commit(folder, "00_start.ipynb", "1 + 1", "2 + 2")
    commit(folder, "01_socket.ipynb", "3 + 3")
    return folder


def commit(root: Path, name: str, *sources: str, tags: tuple[str, ...] = ()) -> None:
    """A lesson as the course has it: run."""
    cells = [nbformat.v4.new_markdown_cell(f"# {name}", id="title")]
    for number, source in enumerate(sources, 1):
        cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}", execution_count=number)
        cell.metadata.tags = list(tags)
        cell.outputs = [nbformat.v4.new_output("stream", text=f"{number}\n")]
        cells.append(cell)
    metadata = {"language_info": {"name": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.write(notebook, root / "notebooks" / name)


def mine(root: Path, name: str = "00_start.ipynb") -> Any:
    return nbformat.read(root / "my_lessons" / name, as_version=4)


def save(root: Path, notebook: Any, name: str = "00_start.ipynb") -> None:
    nbformat.write(notebook, root / "my_lessons" / name)


def write_in(root: Path, text: str, name: str = "00_start.ipynb") -> None:
    """The learner changes the first code cell."""
    notebook = mine(root, name)
    notebook.cells[1].source = text
    save(root, notebook, name)


def run_cells(root: Path, name: str = "00_start.ipynb") -> None:
    """The learner runs a cell and saves, and changes no word."""
    notebook = mine(root, name)
    notebook.cells[1].execution_count = 7
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="ran\n")]
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    notebook.cells.append(nbformat.v4.new_code_cell(""))  # as Shift+Enter at the end does
    save(root, notebook, name)


def names(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "my_lessons").glob("*.ipynb"))


def sources(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


# --- made ---------------------------------------------------------------------------------------


def test_the_copies_show_nothing_that_has_run_and_are_trusted(root: Path) -> None:
    said = Desk(root).prepare()
    assert said == ["Your own lessons lie in my_lessons. What you change there stays yours."]
    assert names(root) == ["00_start.ipynb", "01_socket.ipynb"]
    notebook = mine(root)
    assert sources(notebook) == ["1 + 1", "2 + 2"]
    assert [cell.id for cell in notebook.cells] == ["title", "cell-1", "cell-2"]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    notary = NotebookNotary()
    trusted = notary.check_signature(notebook)
    notary.store.close()
    assert trusted


def test_a_second_time_nothing_is_told_and_no_file_is_written(root: Path) -> None:
    Desk(root).prepare()
    before = {path: path.stat().st_mtime_ns for path in (root / "my_lessons").glob("*.ipynb")}
    assert Desk(root).prepare() == []
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_each_committed_lesson_becomes_a_copy_with_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks", target_is_directory=True)
    desk = Desk(tmp_path)
    desk.prepare()
    for lesson in desk.lessons():
        copy = notebook_file.read(desk.folder / lesson.name)
        assert copy.words == notebook_file.read(lesson).words
        assert not copy.has_run
        nbformat.validate(mine(tmp_path, lesson.name))
    assert len(names(tmp_path)) == len(desk.lessons()) > 0


# --- the course has a newer version -------------------------------------------------------------


def told_in(root: Path, name: str = "00_start.ipynb") -> str:
    """What the lesson itself tells in JupyterLab."""
    return newer.as_page(root / "my_lessons" / name)


def test_a_copy_that_was_not_touched_is_replaced(root: Path) -> None:
    Desk(root).prepare()
    commit(root, "00_start.ipynb", "1 + 1", "new")
    (said,) = Desk(root).prepare()
    assert said.startswith(
        "00_start.ipynb: the course has a newer version. You had changed nothing"
    )
    assert sources(mine(root)) == ["1 + 1", "new"]
    assert names(root) == ["00_start.ipynb", "01_socket.ipynb"]
    assert Desk(root).prepare() == []


def test_a_copy_that_was_only_run_is_replaced_and_its_outputs_are_kept(root: Path) -> None:
    Desk(root).prepare()
    run_cells(root)
    assert Desk(root).prepare() == []
    commit(root, "00_start.ipynb", "new")
    (said,) = Desk(root).prepare()
    assert "00_start_earlier.ipynb" in said
    assert sources(mine(root)) == ["new"]
    kept = mine(root, "00_start_earlier.ipynb")
    assert kept.cells[1].outputs[0].text == "ran\n"
    assert Desk(root).prepare() == []
    assert '<a href="00_start_earlier.ipynb">00_start_earlier.ipynb</a>' in told_in(root)
    run_cells(root)
    assert Desk(root).prepare() == []
    assert "The one that you ran is kept as" in told_in(root)
    assert told_in(root, "01_socket.ipynb") == ""


@pytest.mark.parametrize("also_run", [False, True])
def test_a_copy_that_was_worked_in_stays_and_the_newer_one_is_offered_once(
    root: Path, also_run: bool
) -> None:
    Desk(root).prepare()
    if also_run:
        run_cells(root)
    write_in(root, "my answer")
    before = (root / "my_lessons" / "00_start.ipynb").read_bytes()
    commit(root, "00_start.ipynb", "new")
    (said,) = Desk(root).prepare()
    assert "Yours is kept as it is. The newer one is 00_start_new.ipynb." in said
    assert (root / "my_lessons" / "00_start.ipynb").read_bytes() == before
    assert sources(mine(root, "00_start_new.ipynb")) == ["new"]
    assert Desk(root).prepare() == []
    assert "Yours is kept as it is. The newer one is <a href=" in told_in(root)
    assert told_in(root, "00_start_new.ipynb") == ""
    (root / "my_lessons" / "00_start_new.ipynb").unlink()  # "no, thank you"
    assert told_in(root) == ""
    assert Desk(root).prepare() == []


@pytest.mark.parametrize(
    "notes",
    [
        *(b"", b"[]", b"null", b'{"00_start.ipynb": null}', b'{"00_start.ipynb": {"news": "x"}}'),
        b'{"00_start.ipynb": {"news": "see ../x.ipynb", "other": "../x.ipynb"}}',
        b'{"00_start.ipynb": {"news": 3, "other": "00_start.ipynb"}, ',
    ],
)
def test_notes_that_are_damaged_tell_nothing(root: Path, notes: bytes) -> None:
    Desk(root).prepare()
    (root / "x.ipynb").write_text("{}")
    (root / "my_lessons" / ".desk" / "copies.json").write_bytes(notes)
    assert told_in(root) == ""


def test_a_lesson_tells_it_once_in_a_kernel_and_only_in_a_live_page(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Desk(root).prepare()
    write_in(root, "my answer")
    commit(root, "00_start.ipynb", "new")
    Desk(root).prepare()
    shown: list[Any] = []
    monkeypatch.setattr(newer, "display", lambda data, raw: shown.append(data))
    lesson, other = (root / "my_lessons" / each for each in ("00_start.ipynb", "01_socket.ipynb"))
    newer.show_below_the_first(lesson)
    assert shown == []  # a terminal
    monkeypatch.setattr(newer, "is_notebook", lambda: True)
    for file in (lesson, lesson, other, root / "notebooks" / "00_start.ipynb"):
        newer.show_below_the_first(file)
    assert [set(data) for data in shown] == [{"application/vnd.jupyter.widget-view+json"}]


def test_what_stands_in_the_notes_is_escaped(root: Path) -> None:
    Desk(root).prepare()
    said = {"news": "<b> 00_start.ipynb", "other": "00_start.ipynb"}
    notes = json.dumps({"00_start.ipynb": said})
    (root / "my_lessons" / ".desk" / "copies.json").write_text(notes)
    assert told_in(root).startswith("<p>&lt;b&gt; <a href=")


def test_a_newer_one_beside_is_itself_replaced_or_kept(root: Path) -> None:
    Desk(root).prepare()
    write_in(root, "my answer")
    commit(root, "00_start.ipynb", "newer")
    Desk(root).prepare()
    commit(root, "00_start.ipynb", "newest")
    Desk(root).prepare()
    assert sources(mine(root, "00_start_new.ipynb")) == ["newest"]
    write_in(root, "worked in this one too", "00_start_new.ipynb")
    commit(root, "00_start.ipynb", "newest of all")
    (said,) = Desk(root).prepare()
    assert "00_start_new_2.ipynb" in said
    assert sources(mine(root, "00_start_new.ipynb")) == ["worked in this one too"]
    assert sources(mine(root)) == ["my answer", "2 + 2"]


def test_who_takes_the_newer_one_under_the_lessons_name_follows_the_course_again(
    root: Path,
) -> None:
    Desk(root).prepare()
    write_in(root, "my answer")
    commit(root, "00_start.ipynb", "newer")
    Desk(root).prepare()
    folder = root / "my_lessons"
    (folder / "00_start.ipynb").rename(folder / "mine.ipynb")
    (folder / "00_start_new.ipynb").rename(folder / "00_start.ipynb")
    assert Desk(root).prepare() == []
    commit(root, "00_start.ipynb", "newest")
    (said,) = Desk(root).prepare()
    assert "You had changed nothing" in said
    assert names(root) == ["00_start.ipynb", "01_socket.ipynb", "mine.ipynb"]


def test_new_tags_reach_a_copy_that_was_not_run(root: Path) -> None:
    Desk(root).prepare()
    commit(root, "00_start.ipynb", "1 + 1", "2 + 2", tags=("raises-exception",))
    assert Desk(root).prepare() == []
    assert mine(root).cells[1].metadata.tags == ["raises-exception"]


def test_a_lesson_that_got_another_number_is_told_and_the_old_file_stays(root: Path) -> None:
    Desk(root).prepare()
    write_in(root, "mine", "01_socket.ipynb")
    (root / "notebooks" / "01_socket.ipynb").rename(root / "notebooks" / "02_socket.ipynb")
    commit(root, "01_connect.ipynb", "connect")
    (said,) = Desk(root).prepare()
    assert "its lesson is now 02_socket.ipynb. Your file stays where it is." in said
    assert names(root) == [
        *("00_start.ipynb", "01_connect.ipynb", "01_socket.ipynb", "02_socket.ipynb")
    ]
    assert Desk(root).prepare() == []


def test_a_lesson_that_is_gone_is_told_if_it_was_run_and_its_bare_copy_goes(root: Path) -> None:
    Desk(root).prepare()
    run_cells(root)
    for name in ("00_start.ipynb", "01_socket.ipynb"):
        (root / "notebooks" / name).unlink()
    commit(root, "05_other.ipynb", "other")
    (said,) = Desk(root).prepare()
    assert said.startswith("00_start.ipynb is no lesson of the course any more.")
    assert names(root) == ["00_start.ipynb", "05_other.ipynb"]


# --- begun anew ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["0", "00", "start", "00_start", "00_start.ipynb", " 0 ", "my_lessons\\00_START.ipynb"]
)
def test_a_lesson_begins_anew_and_what_was_there_is_kept(root: Path, asked: str) -> None:
    Desk(root).prepare()
    for expected in ("00_start_earlier.ipynb", "00_start_earlier_2.ipynb"):
        write_in(root, expected)
        (said,) = Desk(root).fresh(asked)
        assert said.endswith(f"kept as {expected}.")
        assert sources(mine(root, expected))[0] == expected
        assert sources(mine(root)) == ["1 + 1", "2 + 2"]


def test_a_lesson_that_is_new_leaves_no_file_behind(root: Path) -> None:
    assert Desk(root).fresh("1") == ["01_socket.ipynb is as new."]  # also before anything was made
    Desk(root).prepare()
    assert Desk(root).fresh("1") == ["01_socket.ipynb is as new."]
    assert names(root) == ["00_start.ipynb", "01_socket.ipynb"]


@pytest.mark.parametrize("asked", ["7", "", "../../etc/passwd", "\x1b[2J", "-1", "000"])
def test_a_lesson_that_does_not_exist_is_told_with_those_that_do(root: Path, asked: str) -> None:
    with pytest.raises(DeskError, match="There are: 00_start, 01_socket") as caught:
        Desk(root).fresh(asked)
    assert str(caught.value).isprintable()


# --- what may be wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b'{"cells": [', b"[]", b"null", b"\xff\xfe", b'{"cells": 5}', b'{"nbformat": 4}'),
        *(b'{"cells": [{"cell_type": "code"}]}', b"[" * 100_000),
    ],
    ids=range(9),
)
def test_a_damaged_file_is_kept_and_a_new_copy_takes_its_place(root: Path, content: bytes) -> None:
    Desk(root).prepare()
    (root / "my_lessons" / "00_start.ipynb").write_bytes(content)
    (said,) = Desk(root).prepare()
    assert "00_start_damaged.ipynb" in said
    assert (root / "my_lessons" / "00_start_damaged.ipynb").read_bytes() == content
    assert sources(mine(root)) == ["1 + 1", "2 + 2"]
    assert Desk(root).prepare() == []


@pytest.mark.parametrize("ledger", ["", "{", "[]", '{"00_start.ipynb": 5}', None])
def test_without_its_notes_a_desk_takes_what_differs_for_changed(
    root: Path, ledger: str | None
) -> None:
    Desk(root).prepare()
    notes = root / "my_lessons" / ".desk" / "copies.json"
    notes.unlink() if ledger is None else notes.write_text(ledger)
    commit(root, "00_start.ipynb", "new")
    (said,) = Desk(root).prepare()
    assert "00_start_new.ipynb" in said
    assert sources(mine(root)) == ["1 + 1", "2 + 2"]


def test_a_file_of_the_learner_with_a_lessons_name_stays(root: Path) -> None:
    (root / "my_lessons").mkdir()
    save(root, nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("mine")]))
    (said,) = Desk(root).prepare()
    assert "00_start_new.ipynb" in said
    assert sources(mine(root)) == ["mine"]


def test_a_file_that_the_learner_renamed_stays_and_the_lesson_is_there_again(root: Path) -> None:
    Desk(root).prepare()
    write_in(root, "mine")
    (root / "my_lessons" / "00_start.ipynb").rename(root / "my_lessons" / "00_start mine.ipynb")
    assert Desk(root).prepare() == []
    assert sources(mine(root)) == ["1 + 1", "2 + 2"]
    assert sources(mine(root, "00_start mine.ipynb")) == ["mine", "2 + 2"]


def test_a_folder_in_the_place_of_a_lesson_is_told_and_the_others_are_made(root: Path) -> None:
    (root / "my_lessons" / "00_start.ipynb").mkdir(parents=True)
    (said,) = Desk(root).prepare()
    assert said.startswith("00_start.ipynb: ")
    assert (root / "my_lessons" / "01_socket.ipynb").is_file()


def test_a_file_in_the_place_of_the_folder_is_told(root: Path) -> None:
    (root / "my_lessons").write_text("")
    with pytest.raises(DeskError, match=r"cannot be made: .*Copy the course to a folder"):
        Desk(root).prepare()


def test_copies_that_are_read_only_are_opened_as_they_are(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Desk(root).prepare()
    commit(root, "00_start.ipynb", "new")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")  # root may write anywhere: no chmod helps

    monkeypatch.setattr("helpers.desk.copies.FileLock.acquire", refuse)
    (said,) = Desk(root).prepare()
    assert "Permission denied" in said
    assert sources(mine(root)) == ["1 + 1", "2 + 2"]


def test_a_home_that_cannot_be_written_costs_only_the_trust(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file" / "below"))
    Desk(root).prepare()
    assert names(root) == ["00_start.ipynb", "01_socket.ipynb"]


def test_two_desks_at_once_make_each_copy_whole(root: Path) -> None:
    command = [sys.executable, "-m", "helpers.desk", "prepare"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen(command, cwd=root, env=environment) for _ in range(2)]
    assert [each.wait(120) for each in both] == [0, 0]
    assert names(root) == ["00_start.ipynb", "01_socket.ipynb"]
    assert [path.name for path in (root / "my_lessons").iterdir() if path.suffix == ".tmp"] == []
    assert Desk(root).prepare() == []


def test_the_copies_lie_one_level_deep_and_git_ignores_them() -> None:
    assert Desk(ROOT).folder.parent == ROOT == (ROOT / "notebooks").parent
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"my_lessons/", "my_lessons_*/"} <= set(ignored)


def test_the_lesson_to_go_on_with_is_the_one_that_was_run_last(root: Path) -> None:
    desk = Desk(root)
    desk.prepare()
    assert desk.latest() == "00_start.ipynb"
    run_cells(root, "01_socket.ipynb")
    assert desk.latest() == "01_socket.ipynb"
    (root / "my_lessons" / "00_start.ipynb").write_text("{")
    assert desk.latest() == "01_socket.ipynb"


def test_the_notes_say_from_which_version_a_copy_was_made(root: Path) -> None:
    Desk(root).prepare()
    notes = json.loads((root / "my_lessons" / ".desk" / "copies.json").read_text())
    lesson = notebook_file.read(root / "notebooks" / "00_start.ipynb")
    assert notes["00_start.ipynb"]["version"] == lesson.version


# --- another language ---------------------------------------------------------------------------


@pytest.fixture
def bilingual(root: Path) -> Path:
    """The course has one of its two lessons in Esperanto too."""
    (root / "notebooks_eo").mkdir()
    cells = [
        nbformat.v4.new_markdown_cell("[01](../notebooks/01_socket.ipynb)", id="title"),
        nbformat.v4.new_code_cell("1 + 1", id="cell-1", execution_count=1),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
    nbformat.write(notebook, root / "notebooks_eo" / "00_start.ipynb")
    return root


def test_lessons_in_another_language_have_a_folder_of_their_own(bilingual: Path) -> None:
    Desk(bilingual).prepare()
    said = Desk(bilingual, "eo").prepare()
    assert said == ["Your own lessons lie in my_lessons_eo. What you change there stays yours."]
    assert (bilingual / "my_lessons_eo" / ".course-language").read_text() == "eo\n"
    assert not (bilingual / "my_lessons" / ".course-language").exists()
    assert Desk(bilingual, "eo").prepare() == []


def test_a_lesson_that_is_not_translated_is_there_in_english(bilingual: Path) -> None:
    Desk(bilingual, "eo").prepare()
    copies = bilingual / "my_lessons_eo"
    assert sorted(path.name for path in copies.glob("*.ipynb")) == names_of(bilingual)
    first = nbformat.read(copies / "00_start.ipynb", as_version=4)
    assert first.cells[0].source == "[01](01_socket.ipynb)"
    assert sources(nbformat.read(copies / "01_socket.ipynb", as_version=4)) == ["3 + 3"]


def names_of(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "notebooks").glob("*.ipynb"))


def test_a_lesson_that_gets_translated_takes_the_place_of_an_untouched_copy(
    bilingual: Path,
) -> None:
    desk = Desk(bilingual, "eo")
    desk.prepare()
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Ingo", id="title")])
    nbformat.write(made, bilingual / "notebooks_eo" / "01_socket.ipynb")
    (said,) = desk.prepare()
    assert said.startswith("01_socket.ipynb: the course has a newer version. You had changed")
    assert notebook_file.read(desk.folder / "01_socket.ipynb").words == (
        notebook_file.read(bilingual / "notebooks_eo" / "01_socket.ipynb").words
    )


def test_a_language_without_lessons_is_refused_with_those_that_there_are(bilingual: Path) -> None:
    with pytest.raises(DeskError, match=r"in the language 'xx'\. There are: en, eo"):
        Desk(bilingual, "xx")


@pytest.mark.parametrize(
    ("arguments", "variable", "folder"),
    [
        ([], "", "my_lessons"),
        (["--course=eo"], "", "my_lessons_eo"),
        ([], "eo", "my_lessons_eo"),
        (["--course=en"], "eo", "my_lessons"),
        (["--course=eo"], "xx", "my_lessons_eo"),
    ],
)
def test_an_option_chooses_the_language_and_a_variable_where_there_is_none(
    bilingual: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variable: str,
    folder: str,
) -> None:
    monkeypatch.chdir(bilingual)
    monkeypatch.setenv("SOCKET_COURSE_LANG", variable)
    assert desk_main(["prepare", *arguments]) == 0
    assert [path.name for path in bilingual.glob("my_lessons*")] == [folder]
    assert desk_main(["fresh", "00", *arguments]) == 0


def test_jupyterlab_speaks_the_language_of_the_lessons_if_its_pack_is_there(
    bilingual: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = EntryPoints([EntryPoint(name, "x", "jupyterlab.languagepack") for name in PACKS])
    monkeypatch.setattr(lab, "entry_points", lambda group: packs.select(group=group))
    for language, locale in (("eo", "eo_001"), ("", None)):
        desk = Desk(bilingual, language)
        lab.choose_language(desk)
        folder, *_ = lab.environment(desk)["JUPYTER_CONFIG_PATH"].split(os.pathsep)
        setting = Path(folder) / "labconfig" / "default_setting_overrides.json"
        assert setting.exists() == bool(locale)
        if locale:
            (found,) = json.loads(setting.read_text()).values()
            assert found == {"locale": locale}


PACKS = ("de_DE", "eo_001", "ko_KR")
