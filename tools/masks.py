"""What may differ from run to run in an output, read from the sanitize file as nbval reads it.

Where a new output differs from the stored one only in that, the stored one stays. Where the rest
of the notebook did change, the new ports are given their stored numbers, so that one notebook
never shows two numbers for one port.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.committed_form import ROOT, parse, text_of

SANITIZE_FILE = ROOT / "helpers" / "nbval.sanitize"


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
