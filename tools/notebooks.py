"""Bring notebooks into the form in which they are committed, and say which are not in it.

    python -m tools.notebooks write [PATH ...]    execute, tidy, save
    python -m tools.notebooks check [PATH ...]    one line for each flaw; exit code 1 if any

Without a PATH: every notebook in `notebooks/`.

Rules of this file:

- A notebook is written whole or not at all. A failing cell leaves the file as it was.
- `tidy` is a pure function and gives the committed form; `flaws` names what is not in it.
- Two runs of `write` give the same file. Where a new output differs from the stored one only
  in what `helpers/nbval.sanitize` masks (ports, descriptors), the stored one stays. Where the rest
  of the notebook did change, the new ports are given their stored numbers, so that one
  notebook never shows two numbers for one port.
- Everything that names one machine or one run is kept out: times, widget models, library
  frames of a traceback. What cannot be tidied away (a memory address, a path) is a flaw.

The committed form is nbformat 4.5 (https://nbformat.readthedocs.io/).
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, reader

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
SANITIZE_FILE = ROOT / "helpers" / "nbval.sanitize"

CELL_TIMEOUT = 30
"""Seconds that one cell may take. The tests allow the same (`--nbval-cell-timeout`)."""

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


# --- what the sanitize file masks ---------------------------------------------------------------


class Masks:
    """The pairs of `regex:` and `replace:` lines in a sanitize file, read as nbval reads them."""

    def __init__(self, text: str) -> None:
        pairs = re.findall(r"^regex: (.*)$\n^replace: (.*)$", text, flags=re.MULTILINE)
        self.pairs = [(re.compile(regex), replace) for regex, replace in pairs]

    def mask(self, text: str) -> str:
        """The text as nbval compares it."""
        for regex, replace in self.pairs:
            text = regex.sub(replace, text)
        return text

    def numbers(self, text: str) -> list[str]:
        """The numbers that `mask` hides, in the order of the pairs and then of the text."""
        found = []
        for regex, replace in self.pairs:
            found += [re.findall(r"\d+", hit[0])[-1] for hit in regex.finditer(text)]
            text = regex.sub(replace, text)
        return found

    def renumber(self, text: str, numbers: dict[str, str]) -> str:
        """Replace the hidden numbers that are in `numbers`; leave all other text alone."""

        def renamed(hit: re.Match[str]) -> str:
            before, number, after = re.split(r"(\d+)(?!.*\d)", hit[0], maxsplit=1, flags=re.DOTALL)
            return f"{before}{numbers.get(number, number)}{after}"

        for regex, _ in self.pairs:
            text = regex.sub(renamed, text)
        return text


def read_masks(path: Path = SANITIZE_FILE) -> Masks:
    """The masks of the sanitize file. nbval wants it in ASCII, so this does too."""
    return Masks(path.read_text(encoding="ascii"))


# --- the committed form -------------------------------------------------------------------------


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


# --- executing ----------------------------------------------------------------------------------


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


def keep_stored(new: NotebookNode, stored: NotebookNode, masks: Masks) -> None:
    """Give `new` the stored outputs where they differ in nothing but what the masks hide."""
    before = {cell.get("id"): cell for cell in stored.cells if cell.cell_type == "code"}
    changed = []
    numbers: dict[str, str] = {}
    for cell in (cell for cell in new.cells if cell.cell_type == "code"):
        old = before.get(cell.get("id"))
        new_text = text_of(_only(cell.outputs))
        old_text = text_of(_only(old.outputs if old else []))
        if old is None or masks.mask(new_text) != masks.mask(old_text):
            changed.append(cell)
            continue
        pairs = zip(masks.numbers(new_text), masks.numbers(old_text), strict=True)
        for new_number, old_number in pairs:
            numbers.setdefault(new_number, old_number)
        cell.outputs = old.outputs
    for cell in changed:
        text = masks.renumber(text_of(_only(cell.outputs)), numbers)
        cell.outputs = parse(text).cells[0].outputs


def _only(outputs: Sequence[NotebookNode]) -> NotebookNode:
    """A notebook of these outputs alone: its text is what `keep_stored` compares."""
    cell = nbformat.v4.new_code_cell(id="only", outputs=copy.deepcopy(list(outputs)))
    for output in cell.outputs:
        if "execution_count" in output:
            output.execution_count = None
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=[cell])
    return notebook


def write(path: Path, masks: Masks) -> bool:
    """Execute a notebook and save it in its committed form. Says whether the file changed.

    Raises NotebookError, and leaves the file as it was, if that cannot be done.
    """
    stored_text = path.read_bytes().decode("utf-8")
    try:
        stored = parse(stored_text)
    except NotebookError as error:
        raise NotebookError(f"{path.name}: {error}") from error
    new = tidy(execute(stored, path.name, path.parent))
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
    except NotebookError as error:
        print(f"not written\n{error}" if options.action == "write" else error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
