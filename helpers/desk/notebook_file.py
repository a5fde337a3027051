"""A notebook as a file: what is in it, and what a learner's copy of it is.

Rules of this file:

- The words of a notebook are the types and sources of its cells. Outputs, counts and metadata are
  not the learner's words, nor is an empty cell: Shift+Enter at the end of a notebook makes one.
- A file is written in one step: a reader sees the old one or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.sign import NotebookNotary


class Damaged(Exception):
    """The file is no notebook: half saved, empty, or something else."""


@dataclass(frozen=True)
class NotebookFile:
    """What is in a notebook, as far as the desk asks."""

    content: dict[str, Any]

    @property
    def words(self) -> str:
        """The same for two notebooks with the same cells, whatever they gave."""
        return _digest((each["cell_type"], _source(each)) for each in self._cells)

    @property
    def version(self) -> str:
        """The same for two lessons that are the same in all that a copy takes over."""
        return _digest(
            (each["cell_type"], _source(each), each.get("id"), each.get("metadata", {}).get("tags"))
            for each in self._cells
        )

    @property
    def has_run(self) -> bool:
        """Whether a cell shows what it gave."""
        return any(each.get("outputs") or each.get("execution_count") for each in self._cells)

    @property
    def _cells(self) -> list[dict[str, Any]]:
        return [each for each in self.content["cells"] if _source(each).strip()]


def read(path: Path) -> NotebookFile:
    """The notebook in a file. Raises Damaged, and OSError where the file cannot be opened."""
    try:
        content = json.loads(path.read_bytes())
        found = NotebookFile(content)
        assert isinstance(found.words, str)  # each cell has a type and a source
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(str(error)) from error
    return found


def read_lesson(path: Path) -> NotebookFile:
    """A lesson of the course, as it is among the copies: there all lessons lie in one folder.

    A lesson in another language may have links to English ones: `../notebooks/13_messages.ipynb`.
    Raises Damaged, OSError.
    """
    lesson = read(path)
    for cell in lesson.content["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = _source(cell).replace("](../notebooks/", "](")
    return lesson


def write_copy(lesson: NotebookFile, path: Path) -> None:
    """Write the lesson as if it had never run, and trust it. Raises OSError.

    Its metadata are those that JupyterLab and the kernel would give it: it is not changed by
    being opened.
    """
    copy = nbformat.from_dict(deepcopy(lesson.content))
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    copy.metadata = nbformat.from_dict(_metadata())
    replace(path, nbformat.writes(copy).rstrip("\n") + "\n")
    with suppress(
        Exception
    ):  # where Jupyter's own folder cannot be written: it only asks for trust
        trust(path)


def trust(path: Path) -> None:
    """Sign the notebook as Jupyter does it: what it will show was made by the learner."""
    notary = NotebookNotary()
    try:
        notary.sign(nbformat.read(path, as_version=4))
    finally:
        notary.store.close()


def replace(path: Path, text: str) -> None:
    """Put a file with this text in its place. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _metadata() -> dict[str, Any]:
    """As ipykernel describes itself: `kernel_info` in its ipkernel.py."""
    return {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": sys.version_info.major},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": f"ipython{sys.version_info.major}",
            "version": sys.version.split()[0],
        },
    }


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _digest(parts: Any) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:32]
