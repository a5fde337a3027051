"""Bring notebooks into the form in which they are committed, and say which are not in it.

    python -m tools.notebooks write [PATH ...]    execute, tidy, save
    python -m tools.notebooks check [PATH ...]    one line for each flaw; exit code 1 if any

Without a PATH: every notebook in `notebooks/`.

Rules of this file:

- A notebook is written whole or not at all. A failing cell leaves the file as it was.
- After an English lesson it writes what other languages have of it (`tools/translations`).
- Two runs of `write` give the same file (`masks.py`), in its committed form (`committed_form.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from helpers.language import VARIABLE
from tools.committed_form import ROOT, NotebookError, check, flaws, parse, text_of, tidy
from tools.masks import Masks, keep_stored, read_masks

NOTEBOOKS = ROOT / "notebooks"

CELL_TIMEOUT = 30
"""Seconds that one cell may take. The tests allow the same (`--nbval-cell-timeout`)."""


def execute(notebook: NotebookNode, name: str, folder: Path) -> NotebookNode:
    """The notebook after a run of all its cells in a new kernel, in `folder`.

    Raises NotebookError if a cell raises and is not tagged `raises-exception`, takes longer
    than `CELL_TIMEOUT`, or ends the kernel.
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        raise_on_iopub_timeout=True,
    )
    with tempfile.TemporaryDirectory() as profile:
        # An empty profile: the writer's own start-up files, history and progress stay out of it.
        environment = {**os.environ, "IPYTHONDIR": profile, "SOCKET_COURSE_DATA": profile}
        environment.pop(VARIABLE, None)  # the language is that of the folder
        try:
            # client.execute() would leave its event loop open; the kernel's sockets need a
            # loop on a selector, which is not the default on Windows.
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(client.async_execute(env=environment, stderr=subprocess.DEVNULL))
        except CellExecutionError as error:
            reason = f"{error.ename}: {error.evalue}"
        except CellTimeoutError:
            reason = f"took longer than {CELL_TIMEOUT} s"
        except DeadKernelError:
            reason = "ended the kernel"
        else:
            return notebook
    # nbclient counts each code cell that it starts, so this is the one that failed.
    raise NotebookError(f"{name}: code cell {client.code_cells_executed}: {reason}")


def write(path: Path, masks: Masks, cells: NotebookNode | None = None) -> bool:
    """Execute a notebook and save it in its committed form. Says whether the file changed.

    `cells` is a notebook with the cells that the file is to have; else they are its own. Raises
    NotebookError, and leaves the file as it was, if that cannot be done.
    """
    stored_text = path.read_bytes().decode("utf-8") if cells is None or path.exists() else ""
    try:
        stored = parse(stored_text) if stored_text else cells
    except NotebookError as error:
        raise NotebookError(f"{path.name}: {error}") from error
    assert stored is not None
    new = tidy(execute(cells or stored, path.name, path.parent))
    keep_stored(new, tidy(stored), masks)
    new = tidy(new)
    found = list(flaws(new))
    if found:
        raise NotebookError("\n".join(f"{path.name}: {flaw}" for flaw in found))
    text = text_of(new)
    if text == stored_text:
        return False
    replace_file(path, text)
    return True


def replace_file(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old text or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(text.encode("utf-8"))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def follow_in_each_language(written: Sequence[Path]) -> None:
    """The lessons in other languages are made of the English ones. Raises NotebookError."""
    from tools.translations.following import follow  # it writes notebooks too

    follow([path for path in written if path.resolve().parent == NOTEBOOKS])


# --- the command line ---------------------------------------------------------------------------


def find(paths: Sequence[str]) -> list[Path]:
    """The notebooks that the command line names: files, or folders of them."""
    found: list[Path] = []
    for path in map(Path, paths or [str(NOTEBOOKS)]):
        if path.is_dir():
            found += sorted(path.glob("*.ipynb"))
        elif path.is_file():
            found.append(path)
        else:
            raise NotebookError(f"{path}: no such file or folder")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", allow_abbrev=False)
    parser.add_argument("action", choices=["write", "check"])
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a notebook or a folder of them")
    options = parser.parse_args(arguments)
    if options.action == "write" and sys.platform != "linux":
        print("Outputs are stored as Linux gives them: write the notebooks there.", file=sys.stderr)
        return 1
    try:
        notebooks = find(options.paths)
        if options.action == "check":
            found = [flaw for path in notebooks for flaw in check(path)]
            print("\n".join(found or [f"Notebooks in their committed form: {len(notebooks)}"]))
            return 1 if found else 0
        masks = read_masks()
        for path in notebooks:
            print(f"{path.name}: ", end="", flush=True)
            print("written" if write(path, masks) else "unchanged")
        follow_in_each_language(notebooks)
    except NotebookError as error:
        print(f"not written\n{error}" if options.action == "write" else error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
