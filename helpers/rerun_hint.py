"""A name that no cell has made in this kernel, but a cell above would make.

    %load_ext helpers.rerun_hint      JupyterLab of the desk does it in each kernel

After a restart of the kernel, or on another day, the first cell that the learner runs ends in a
NameError. The helpers are not loaded then: so this file stands alone, and imports little.

Rules of this file:

- It says only what the saved lesson shows: a cell above the one that failed makes the name.
- The server tells a kernel which notebook it is for, in JPY_SESSION_NAME. Without it, nothing is
  said.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from helpers.words import HELPERS

_running: list[str] = []
"""The id of the cell that runs, if the front end tells it."""


def load_ipython_extension(shell: Any) -> None:
    """Tell it with each NameError, until the helpers show the errors."""
    watch(shell)
    shell.set_custom_exc((NameError,), _show)


def watch(shell: Any) -> None:
    """Note which cell runs. A second call does nothing."""
    if _cell_begins not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _cell_begins)


def lesson_file() -> Path | None:
    """The notebook for which this kernel was started, if the server tells it."""
    name = os.environ.get("JPY_SESSION_NAME", "")
    return Path(name) if name.endswith(".ipynb") else None


def hint(error: BaseException, shell: Any = None) -> str:
    """What to say to a learner with this error; or nothing."""
    name = getattr(error, "name", None)
    if not isinstance(error, NameError) or not name or shell is None or name in shell.user_ns:
        return ""
    made = any(name in _names(source, shell) for source in _above(_running[-1:]))
    return HELPERS("hint.rerun", name=name) if made else ""


def _cell_begins(info: Any) -> None:
    _running[:] = [str(getattr(info, "cell_id", None) or "")]


def _show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    if told := hint(error, shell):
        error.add_note(told)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def _above(ids: list[str]) -> Iterator[str]:
    """The sources of the code cells above this one, in the saved lesson."""
    file = lesson_file()
    try:
        cells = json.loads(file.read_bytes())["cells"] if file else []
        places = [place for place, cell in enumerate(cells) if cell.get("id") in ids]
        for cell in cells[: places[0]] if places else []:
            if cell["cell_type"] == "code":
                yield "".join(cell["source"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return


def _names(source: str, shell: Any) -> set[str]:
    """What the cell's own lines make: not what its functions make inside."""
    try:
        body = ast.parse(shell.transform_cell(source)).body
    except SyntaxError:
        return set()
    found: set[str] = set()
    left: list[ast.AST] = list(body)
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(
            node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
        ):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        left += ast.iter_child_nodes(node)
    return found
