"""tools/notebooks.py: how notebooks are written, and what it refuses to write."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import committed_form, notebooks
from tools.committed_form import METADATA, NotebookError, check, text_of, tidy
from tools.masks import keep_stored, read_masks
from tools.notebooks import write

MASKS = read_masks()
RAISES = {"tags": ["raises-exception"]}


def code(source: str, *outputs: NotebookNode, id: str = "a", **metadata: Any) -> NotebookNode:
    return new_code_cell(source, id=id, execution_count=1, outputs=list(outputs), metadata=metadata)


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def error(*traceback: str) -> NotebookNode:
    return new_output("error", ename="OSError", evalue="no", traceback=list(traceback))


def of(*cells: NotebookNode) -> NotebookNode:
    return new_notebook(cells=list(cells), metadata=METADATA)


def saved(folder: Path, *sources: str, tags: dict[str, Any] | None = None) -> Path:
    path = folder / "lesson.ipynb"
    cells = [new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
    cells[-1].metadata.update(tags or {})
    nbformat.write(of(*cells), path)
    return path


# --- check: what is not in the committed form ---------------------------------------------------


def metadata_added(notebook: NotebookNode) -> None:
    notebook.metadata["widgets"] = {"state": {}}


def version_in_metadata(notebook: NotebookNode) -> None:
    notebook.metadata.language_info["version"] = "3.12.1"


def other_kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec["name"] = "conda-env"


def older_format(notebook: NotebookNode) -> None:
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]


def timing(notebook: NotebookNode) -> None:
    notebook.cells[0].metadata["execution"] = {"iopub.status.busy": "2024-01-01"}


def folded(notebook: NotebookNode) -> None:
    notebook.cells[0].metadata["collapsed"] = False


def never_run(notebook: NotebookNode) -> None:
    notebook.cells[0].execution_count = None
    notebook.cells[0].outputs = []


def run_twice(notebook: NotebookNode) -> None:
    notebook.cells[0].execution_count = 7


def outputs(*made: NotebookNode, **metadata: Any) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[0].outputs = list(made)
        notebook.cells[0].metadata.update(metadata)

    return change


def same_id(notebook: NotebookNode) -> None:
    notebook.cells.append(new_markdown_cell("x", id=notebook.cells[0].id))


WIDGET = new_output(
    "display_data", {committed_form.WIDGET_VIEW: {"model_id": "1"}, "text/plain": "x"}
)
RESULT = new_output("execute_result", {"text/plain": "1"}, execution_count=9)
HTML = new_output("display_data", {"text/html": "<b>at 0x7f32c4a1b0d0</b>", "text/plain": "x"})

FLAWS: list[tuple[Callable[[NotebookNode], None], str]] = [
    (metadata_added, "metadata 'widgets'"),
    (version_in_metadata, "metadata 'language_info'"),
    (other_kernel, "metadata 'kernelspec'"),
    (older_format, "format 4.4, not 4.5"),
    (same_id, "same id"),
    (timing, "cell a: metadata 'execution'"),
    (folded, "cell a: metadata 'collapsed'"),
    (never_run, "code cell 1: not executed"),
    (run_twice, "code cell 1: execution count 7, not 1"),
    (
        outputs(RESULT),
        "count 9, not 1",
    ),
    (outputs(stream("a"), stream("b")), "code cell 1: a stream in pieces"),
    (outputs(stream("a"), stream("e", "stderr"), stream("b")), "a stream in pieces"),
    (outputs(WIDGET), "code cell 1: a widget view"),
    (outputs(error("OSError: no")), "raised OSError, and is not tagged"),
    (outputs(**RAISES), "tagged raises-exception, and raised nothing"),
    (outputs(error("\x1b[31mOSError\x1b[39m"), **RAISES), "a traceback with colours"),
    (outputs(error("File ~/lib/socket.py:85, in f()"), **RAISES), "frames of files"),
    (outputs(stream("<function f at 0x7f32c4a1b0d0>")), "a memory address"),
    (outputs(HTML), "a memory address"),
    (outputs(stream("/home/me/course/x.py")), "a path of the machine"),
    (outputs(stream("/Users/me/x.py")), "a path of the machine"),
    (outputs(stream(r"C:\Users\me\x.py")), "a path of the machine"),
    (outputs(stream(repr(r"C:\Users\me\x.py"))), "a path of the machine"),
    (outputs(stream("/tmp/ipykernel_123/1.py")), "a path of the machine"),
    (outputs(stream("in .venv/lib/site-packages/")), "a path of the machine"),
    (outputs(stream(str(committed_form.ROOT / "x"))), "a path of the machine"),
    (outputs(stream(sys.prefix)), "a path of the machine"),
    (outputs(stream("50%\r100%\n")), "a carriage return"),
]


@pytest.mark.parametrize(("spoil", "says"), FLAWS, ids=[says for _, says in FLAWS])
def test_check_names_the_flaw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[..., None], says: str
) -> None:
    path = tmp_path / "lesson.ipynb"
    notebook = of(code("1"))
    spoil(notebook)
    path.write_text(text_of(notebook), encoding="utf-8")
    assert notebooks.main(["check", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(says in line and line.startswith("lesson.ipynb: ") for line in lines), lines


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n ", "\n  "),
        lambda text: text.replace("\n", "\r\n"),
    ],
    ids=["no newline at the end", "other indent", "Windows line ends"],
)
def test_check_names_another_layout(tmp_path: Path, spoil: Callable[[str], str]) -> None:
    path = tmp_path / "lesson.ipynb"
    good = text_of(of(code("1")))
    path.write_bytes(good.encode())
    assert check(path) == []
    path.write_bytes(spoil(good).encode())
    assert "not laid out as nbformat writes it" in check(path)[0]


def test_check_says_that_a_file_is_no_notebook(tmp_path: Path) -> None:
    path = tmp_path / "lesson.ipynb"
    path.write_text("hello")
    assert "lesson.ipynb: not a notebook" in check(path)[0]


def test_what_a_lesson_may_show_is_no_flaw() -> None:
    shown = stream("0x7f000001 is 127.0.0.1\r\nin /etc/hosts, port 40213\n")
    assert list(committed_form.flaws(of(code("1", shown)))) == []


@pytest.mark.parametrize("spoil", [s for s, says in FLAWS if "cell a" in says or "stream" in says])
def test_tidy_mends_what_can_be_mended(spoil: Callable[[NotebookNode], None]) -> None:
    notebook = of(code("1"))
    spoil(notebook)
    assert list(committed_form.flaws(tidy(notebook))) == []


def test_tidy_leaves_its_argument_alone_and_a_tidy_notebook_as_it_is() -> None:
    notebook = of(code("1", stream("a"), stream("b"), scrolled=True))
    before = text_of(notebook)
    once = tidy(notebook)
    assert text_of(notebook) == before
    assert tidy(once) == once


def test_streams_keep_their_place_around_a_picture() -> None:
    picture = new_output("display_data", {"text/plain": "ladder"})
    cell = code("1", stream("a"), stream("b"), picture, stream("c"))
    shown = tidy(of(cell)).cells[0].outputs
    assert [output.get("text", "picture") for output in shown] == ["ab", "picture", "c"]


def test_a_widget_keeps_its_words_and_a_bare_view_goes() -> None:
    bare = new_output("display_data", {committed_form.WIDGET_VIEW: {"model_id": "2"}})
    shown = tidy(of(code("1", WIDGET, bare))).cells[0].outputs
    assert [output.data for output in shown] == [{"text/plain": "x"}]


def test_cells_keep_their_ids_and_get_one_where_it_is_missing() -> None:
    notebook = of(code("1", id="mine"))
    notebook.cells += [new_markdown_cell("x", id="mine"), new_markdown_cell("x")]
    del notebook.cells[2]["id"]
    ids = [cell.id for cell in tidy(notebook).cells]
    assert ids[0] == "mine"
    assert ids == [cell.id for cell in tidy(notebook).cells]
    assert len(set(ids)) == 3


# --- the sanitize file --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("('127.0.0.1', 40213)", "('127.0.0.1', PORT)"),
        ("(&#x27;127.0.0.1&#x27;, 40213)", "(&#x27;127.0.0.1&#x27;, PORT)"),
        ("('::1', 40213, 0, 0)", "('::1', PORT, 0, 0)"),
        ("127.0.0.1:40213", "127.0.0.1:PORT"),
        ("[::1]:40213", "[::1]:PORT"),
        ("http://localhost:40213/", "http://localhost:PORT/"),
        ("port 40213", "port PORT"),
        ("b'your port is 40213\\n'", "b'your port is PORT\\n'"),
        ("<socket.socket fd=57, family=2>", "<socket.socket fd=N, family=2>"),
        ("<socket.socket [closed] fd=-1>", "<socket.socket [closed] fd=-1>"),
        ("('127.0.0.1', 0)", "('127.0.0.1', 0)"),
        ("('127.0.0.1', 8080)", "('127.0.0.1', 8080)"),
        ("connect() to 127.0.0.1, 10485 bytes", "connect() to 127.0.0.1, 10485 bytes"),
        ("b'hello\\nport 40213'", "b'hello\\nport PORT'"),
        ("sent 40213 bytes", "sent 40213 bytes"),
        ("40213", "40213"),
        ("import 40213 things", "import 40213 things"),
    ],
)
def test_sanitize_masks_ports_and_descriptors_alone(text: str, masked: str) -> None:
    assert MASKS.mask(text) == masked


# --- what is kept of the stored outputs ---------------------------------------------------------


def test_an_output_that_differs_only_in_ports_is_kept() -> None:
    old = of(code("1", stream("('127.0.0.1', 40213), fd=7")))
    new = of(code("1", stream("('127.0.0.1', 51111), fd=9")))
    keep_stored(new, old, MASKS)
    assert new.cells[0].outputs == old.cells[0].outputs


def test_an_output_that_differs_in_more_is_replaced() -> None:
    old = of(code("1", stream("sent 7 bytes to port 40213")))
    new = of(code("1", stream("sent 8 bytes to port 51111")))
    keep_stored(new, old, MASKS)
    assert new.cells[0].outputs[0].text == "sent 8 bytes to port 51111"


def test_one_notebook_never_shows_two_numbers_for_one_port() -> None:
    old = of(code("1", stream("port 40213")), code("2", stream("old"), id="b"))
    new = of(code("1", stream("port 51111")), code("2", stream("new 127.0.0.1:51111"), id="b"))
    keep_stored(new, old, MASKS)
    assert [cell.outputs[0].text for cell in new.cells] == ["port 40213", "new 127.0.0.1:40213"]


# --- write --------------------------------------------------------------------------------------

LISTEN = """\
import socket
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener)
    print(listener.getsockname())"""


@pytest.mark.linux_only
def test_write_gives_the_committed_form_and_a_second_time_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path, LISTEN, "import sys\nprint(1)\nprint(2, file=sys.stderr)", "{}['x']")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].metadata.update(RAISES, scrolled=True)
    nbformat.write(notebook, path)
    assert notebooks.main(["write", str(path)]) == 0
    assert capsys.readouterr().out == "lesson.ipynb: written\n"
    assert check(path) == []
    first = path.read_bytes()
    assert re.search(rb"\('127.0.0.1', \d{5}\)", first)
    assert notebooks.main(["write", str(path)]) == 0
    assert capsys.readouterr().out == "lesson.ipynb: unchanged\n"
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.iterdir()] == ["lesson.ipynb"]


@pytest.mark.linux_only
@pytest.mark.parametrize(
    ("source", "tags", "says"),
    [
        ("open('no such file')", {}, r"FileNotFoundError: \[Errno 2\] No such file"),
        ("import os\nos._exit(3)", {}, "ended the kernel"),
        ("print('fine')", RAISES, "tagged raises-exception, and raised nothing"),
        ("object()", {}, "an output shows a memory address"),
    ],
    ids=["an untagged error", "a dead kernel", "no error where one is due", "an address"],
)
def test_write_stops_and_leaves_the_file_as_it_was(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    tags: dict[str, Any],
    says: str,
) -> None:
    path = saved(tmp_path, "1 + 1", source, tags=tags)
    before = path.read_bytes()
    assert notebooks.main(["write", str(path)]) == 1
    assert re.search(f"lesson.ipynb: code cell 2: {says}", capsys.readouterr().err)
    assert path.read_bytes() == before


def test_write_stops_at_a_cell_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebooks, "CELL_TIMEOUT", 1)
    path = saved(tmp_path, "import threading", "threading.Event().wait()")
    with pytest.raises(NotebookError, match="code cell 2: took longer than 1 s"):
        write(path, MASKS)


def test_a_stored_traceback_has_no_frame_of_a_file(tmp_path: Path) -> None:
    path = saved(tmp_path, "import json\njson.loads('{')", tags=RAISES)
    write(path, MASKS)
    [output] = nbformat.read(path, as_version=4).cells[0].outputs
    assert "".join(output.traceback).count(committed_form.FRAMES_LEFT_OUT) == 1
    assert output.traceback[-1].startswith("JSONDecodeError: Expecting property name")
    assert any("----> 2 json.loads" in part for part in output.traceback)


def test_a_cell_runs_in_the_folder_of_its_notebook(tmp_path: Path) -> None:
    (tmp_path / "beside.txt").write_text("found")
    path = saved(tmp_path, "open('beside.txt').read()")
    write(path, MASKS)
    assert nbformat.read(path, as_version=4).cells[0].outputs[0].data["text/plain"] == "'found'"


def test_a_failed_write_leaves_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, target: Path) -> Path:
        raise PermissionError("in use")

    path = tmp_path / "lesson.ipynb"
    path.write_text("old")
    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(PermissionError):
        notebooks.replace_file(path, "new")
    assert [file.name for file in tmp_path.iterdir()] == ["lesson.ipynb"]
    assert path.read_text() == "old"


def test_a_path_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert notebooks.main(["check", "no_such_folder"]) == 1
    assert capsys.readouterr().err == "no_such_folder: no such file or folder\n"


def test_notebooks_are_written_on_linux_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path, "1 + 1")
    before = path.read_bytes()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert notebooks.main(["write", str(path)]) == 1
    assert "write the notebooks there" in capsys.readouterr().err
    assert path.read_bytes() == before
