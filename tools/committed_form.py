"""The form in which a notebook is committed, and what is not in it.

Rules of this file:

- `tidy` is a pure function and gives the committed form; `flaws` names what is not in it.
- Everything that names one machine or one run is kept out: times, widget models, library
  frames of a traceback. What cannot be tidied away (a memory address, a path) is a flaw.

The committed form is nbformat 4.5 (https://nbformat.readthedocs.io/).
"""

from __future__ import annotations

import copy
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode, reader

ROOT = Path(__file__).resolve().parent.parent

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
"""The whole metadata of a committed notebook: nothing in it depends on a Python version."""

CELL_METADATA = ("deletable", "editable", "slideshow", "tags")
"""What a cell's metadata may hold, besides `jupyter.source_hidden`."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

FRAMES_LEFT_OUT = "[calls inside the library are left out]\n"
"""Stands in a stored traceback for the frames that are not the learner's own cells."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_HERE = [str(folder) for folder in (ROOT, Path(sys.prefix), Path.home()) if folder.parent != folder]
_REFUSED = [
    ("a memory address", re.compile(r"0x[0-9A-Fa-f]{9,}| at 0x[0-9A-Fa-f]+")),
    (
        "a path of the machine",
        re.compile(
            r"/home/|/root\b|/Users/|/var/folders/|/tmp/tmp\w+|[A-Za-z]:\\+Users\b"
            r"|site-packages|ipykernel_\d+|" + "|".join(map(re.escape, _HERE))
        ),
    ),
    ("a carriage return, which JupyterLab drops", re.compile(r"\r(?!\n)")),
]
"""What no output may show, because it is not the same on another machine or in another run."""


class NotebookError(Exception):
    """A notebook that cannot be written. The text is one line, for a person."""


def tidy(notebook: NotebookNode) -> NotebookNode:
    """The notebook in its committed form. The argument is not changed."""
    notebook = copy.deepcopy(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(METADATA)
    _give_ids(notebook.cells)
    count = 0
    for cell in notebook.cells:
        cell.metadata = _tidy_cell_metadata(cell.metadata)
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = tidy_outputs(cell.outputs, cell.execution_count)
    return notebook


def tidy_outputs(outputs: Sequence[NotebookNode], count: int | None) -> list[NotebookNode]:
    """Outputs without what belongs to one run, and neighbouring streams of one name joined."""
    tidied: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in copy.deepcopy(list(outputs)):
        if output.output_type == "stream":
            if output.name in streams:
                streams[output.name].text += output.text
                continue
            streams[output.name] = output
        else:
            streams = {}  # A picture between two prints stays between them.
        if output.output_type == "error":
            output.traceback = tidy_traceback(output.traceback)
        if output.output_type == "execute_result":
            output.execution_count = count
        if "data" in output:
            if WIDGET_VIEW in output.data:
                del output.data[WIDGET_VIEW]
            if not output.data:
                continue
        tidied.append(output)
    return tidied


def tidy_traceback(traceback: Sequence[str]) -> list[str]:
    """A traceback without colours, and without the frames of files: they name the machine.

    nbval compares an exception's name and text, not its traceback.
    """
    tidied: list[str] = []
    for part in traceback:
        plain = _ANSI.sub("", part)
        if plain.startswith("File "):
            plain = FRAMES_LEFT_OUT
            if tidied and tidied[-1] == plain:
                continue
        tidied.append(plain)
    return tidied


def _give_ids(cells: Sequence[NotebookNode]) -> None:
    """An id for each cell that has none, or has the id of a cell above it."""
    taken: set[str] = set()
    for cell in cells:
        name = cell.get("id")
        attempt = 0
        while not name or name in taken:
            name = hashlib.sha256(f"{attempt}{cell.source}".encode()).hexdigest()[:8]
            attempt += 1
        cell.id = name
        taken.add(name)


def _tidy_cell_metadata(metadata: NotebookNode) -> NotebookNode:
    kept = {key: metadata[key] for key in CELL_METADATA if metadata.get(key) not in (None, [])}
    if metadata.get("jupyter", {}).get("source_hidden"):
        kept["jupyter"] = {"source_hidden": True}
    tidied: NotebookNode = nbformat.from_dict(kept)
    return tidied


def parse(text: str) -> NotebookNode:
    """The notebook in a file's text, as it stands: `nbformat.reads` would mend some of it."""
    try:
        notebook: NotebookNode = reader.reads(text)
    except Exception as error:  # nbformat raises many kinds for a file that is no notebook
        raise NotebookError(f"not a notebook: {error}") from error
    if notebook.nbformat != 4:
        raise NotebookError(f"format {notebook.nbformat}, not 4.5")
    return notebook


def text_of(notebook: NotebookNode) -> str:
    """The file's text: indent 1, keys sorted, one newline at the end."""
    text: str = nbformat.v4.writes(notebook)
    return text.rstrip("\n") + "\n"


# --- what is wrong with a notebook --------------------------------------------------------------


def check(path: Path) -> list[str]:
    """One line for each flaw of a file; none if it is in its committed form."""
    text = path.read_bytes().decode("utf-8")
    try:
        notebook = parse(text)
    except NotebookError as error:
        return [f"{path.name}: {error}"]
    found = list(flaws(notebook))
    if not found and text != text_of(tidy(notebook)):
        found = ["not laid out as nbformat writes it (indent 1, sorted keys, newline at the end)"]
    return [f"{path.name}: {flaw}" for flaw in found]


def flaws(notebook: NotebookNode) -> Iterator[str]:
    """What keeps a notebook from its committed form, one line each."""
    if notebook.nbformat_minor != 5:
        yield f"format 4.{notebook.nbformat_minor}, not 4.5"
        return
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        yield "a cell without an id, or two cells with the same id"
        return
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"not valid: {str(error).splitlines()[0]}"
        return
    for key in sorted(set(notebook.metadata) | set(METADATA)):
        if notebook.metadata.get(key) != METADATA.get(key):
            yield f"metadata {key!r} is not as committed"
    for cell in notebook.cells:
        kept = _tidy_cell_metadata(cell.metadata)
        for key in sorted(key for key in cell.metadata if cell.metadata[key] != kept.get(key)):
            yield f"cell {cell.id}: metadata {key!r}"
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(cells, 1):
        for flaw in _cell_flaws(cell, number):
            yield f"code cell {number}: {flaw}"


def _cell_flaws(cell: NotebookNode, number: int) -> Iterator[str]:
    if cell.execution_count is None:
        yield "not executed"
        return
    if cell.execution_count != number:
        yield f"execution count {cell.execution_count}, not {number}"
    raised = [output for output in cell.outputs if output.output_type == "error"]
    tagged = "raises-exception" in cell.metadata.get("tags", [])
    if tagged and not raised:
        yield "tagged raises-exception, and raised nothing"
    if raised and not tagged:
        yield f"raised {raised[0].ename}, and is not tagged raises-exception"
    for output in cell.outputs:
        if output.get("execution_count", number) != number:
            yield f"a result with execution count {output.execution_count}, not {number}"
        if WIDGET_VIEW in output.get("data", {}):
            yield "a widget view, which only the kernel that made it can show"
    if any(output.traceback != tidy_traceback(output.traceback) for output in raised):
        yield "a traceback with colours or with frames of files"
    if len(tidy_outputs(cell.outputs, number)) < sum(
        "data" not in output or set(output.data) != {WIDGET_VIEW} for output in cell.outputs
    ):
        yield "a stream in pieces"
    for text in dict.fromkeys(texts_of(cell.outputs)):
        for what, pattern in _REFUSED:
            if hit := pattern.search(text):
                around = text[max(0, hit.start() - 20) : hit.end() + 20]
                yield f"an output shows {what}: {around!r}"


def is_not_compared(cell: NotebookNode) -> bool:
    """Whether nbval is told to leave the outputs of this code cell alone."""
    return bool({"nbval-ignore-output", "nbval-skip"} & set(cell.metadata.get("tags", [])))


def texts_of(outputs: Iterable[NotebookNode]) -> Iterator[str]:
    """Every text that outputs show: streams, errors, and all text kinds of a display."""
    for output in outputs:
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield output.evalue
            yield from output.traceback
        else:
            for kind, data in output.data.items():
                if isinstance(data, str) and kind not in ("image/png", "image/jpeg"):
                    yield data
