"""What every notebook keeps to, besides giving its stored output again (nbval looks after that).

Each rule is a function: a lesson in, one line for each place that breaks it. `BREAKS` has at
least one notebook for every rule that the rule must refuse, so no rule can go blind unseen.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import mistune
import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import committed_form, notebooks

LESSONS = sorted(notebooks.NOTEBOOKS.glob("*.ipynb"))
LINES_IN_A_CELL = 12

Rule = Callable[["Lesson"], Iterator[str]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    RULES.append(function)
    return function


@dataclass(frozen=True)
class Lesson:
    """One notebook, as the rules see it."""

    path: Path
    notebook: NotebookNode

    @property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    @property
    def text(self) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "markdown"]


# --- Markdown -----------------------------------------------------------------------------------

Token = dict[str, Any]
_parse = mistune.create_markdown(renderer="ast", plugins=["table"])


def tokens(source: str) -> Iterator[Token]:
    """All parts of a Markdown text, each before the parts inside it."""
    waiting: list[Token] = list(_parse(source))  # type: ignore[arg-type]
    while waiting:
        token = waiting.pop(0)
        yield token
        waiting = token.get("children", []) + waiting


def words(token: Token) -> str:
    return token.get("raw", "") + "".join(words(child) for child in token.get("children", []))


def headings(notebook: NotebookNode) -> list[tuple[int, str]]:
    return [
        (token["attrs"]["level"], words(token))
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for token in tokens(cell.source)
        if token["type"] == "heading"
    ]


def anchors(notebook: NotebookNode) -> set[str]:
    """Where a link can lead: each heading, spaces as hyphens, as JupyterLab and GitHub do it."""
    named = {text.replace(" ", "-") for _, text in headings(notebook)}
    for cell in notebook.cells:
        named.update(re.findall(r'<a (?:id|name)="([^"]+)"', cell.source))
    return named


def markup(source: str) -> str:
    """The HTML that a Markdown text has in it, code left out."""
    parts = [t["raw"] for t in tokens(source) if t["type"] in ("block_html", "inline_html")]
    return "\n".join(parts)


def links(cell: NotebookNode) -> Iterator[str]:
    for token in tokens(cell.source):
        if token["type"] in ("link", "image"):
            yield token["attrs"]["url"]
    yield from re.findall(r'(?:href|src)="([^"]*)"', markup(cell.source))


# --- the rules ----------------------------------------------------------------------------------


@rule
def is_in_committed_form(lesson: Lesson) -> Iterator[str]:
    """Includes: every code cell executed, errors just where they are tagged, kernel python3,
    no path of a machine."""
    if lesson.path.exists():
        yield from committed_form.check(lesson.path)
    else:
        yield from committed_form.flaws(lesson.notebook)


@rule
def has_one_title_and_no_skipped_heading(lesson: Lesson) -> Iterator[str]:
    found = headings(lesson.notebook)
    titles = [text for level, text in found if level == 1]
    if len(titles) != 1:
        yield f"{len(titles)} headings of level 1: {titles}"
    above = 0
    for level, text in found:
        if level > above + 1:
            yield f"heading {text!r} has level {level}, after one of level {above}"
        above = level


@rule
def says_every_picture_in_words(lesson: Lesson) -> Iterator[str]:
    for cell in lesson.text:
        for token in tokens(cell.source):
            if token["type"] == "image" and not words(token).strip():
                yield f"no text alternative: {token['attrs']['url']}"
        for image in re.findall(r"<img\b[^>]*>", markup(cell.source)):
            if not re.search(r'\balt="[^"]+"', image):
                yield f"no text alternative: {image}"
    for number, cell in enumerate(lesson.code, 1):
        for output in cell.outputs:
            data = output.get("data", {})
            drawn = [kind for kind in data if kind.startswith("image/")]
            page = data.get("text/html", "")
            if drawn or re.search(r"<(?:svg|img)\b", page):
                plain = data.get("text/plain", "")
                if not plain.strip() or re.fullmatch(r"<.*>", plain.strip()):
                    yield f"code cell {number}: a picture without the same in text/plain"


@rule
def has_links_that_resolve(lesson: Lesson) -> Iterator[str]:
    for cell in lesson.text:
        for link in links(cell):
            if link.startswith("attachment:"):
                if link.removeprefix("attachment:") not in cell.get("attachments", {}):
                    yield f"no such attachment: {link}"
            elif not re.match(r"[a-z][a-z0-9+.-]*:", link):
                yield from dead_link(lesson, unquote(link))


def dead_link(lesson: Lesson, link: str) -> Iterator[str]:
    name, _, anchor = link.partition("#")
    target = lesson.path.parent / name if name else lesson.path
    if name and not target.exists():
        yield f"no such file: {link}"
    elif anchor and target.suffix == ".ipynb":
        other = nbformat.read(target, as_version=4) if name else lesson.notebook
        if anchor not in anchors(other):
            yield f"no such heading: {link}"


@rule
def names_files_that_exist(lesson: Lesson) -> Iterator[str]:
    """`../programs/x.py` from the notebook's folder, `programs/x.py` from the top."""
    name = re.compile(
        r"(?<![\w./-])(\.\./)?(?:programs|notebooks|helpers|tests|bench)/[\w./-]*\.(?:py|ipynb|md)\b"
    )
    for cell in lesson.notebook.cells:
        for found in name.finditer(cell.source):
            start = lesson.path.parent if found[1] else committed_form.ROOT
            if not (start / found[0]).exists():
                yield f"no such file: {found[0]}"


@rule
def never_sleeps(lesson: Lesson) -> Iterator[str]:
    for number, cell in enumerate(lesson.code, 1):
        if re.search(r"\btime\.sleep\b|from\s+time\s+import\b.*\bsleep\b", cell.source):
            yield f"code cell {number}: time.sleep"


@rule
def gives_a_reason_where_nothing_is_compared(lesson: Lesson) -> Iterator[str]:
    """The cell has a tag of nbval's, and the reason is its first line, a comment."""
    for number, cell in enumerate(lesson.code, 1):
        if excused := re.search(r"^\s*#+\s*(NBVAL_\w+)", cell.source, re.M):
            yield f"code cell {number}: {excused[1]} is no word for a learner, use the tag"
        if committed_form.is_not_compared(cell) and not re.match(r"# \S", cell.source):
            yield f"code cell {number}: not compared, and no comment at its top says why"


@rule
def has_short_cells(lesson: Lesson) -> Iterator[str]:
    for number, cell in enumerate(lesson.code, 1):
        lines = [line.strip() for line in cell.source.splitlines()]
        count = sum(bool(line) and not line.startswith("#") for line in lines)
        if count > LINES_IN_A_CELL:
            yield f"code cell {number}: {count} lines of code, more than {LINES_IN_A_CELL}"


@rule
def keeps_other_systems_in_notes(lesson: Lesson) -> Iterator[str]:
    """What differs between systems stands in a note or in a table, and not where it teaches."""
    for cell in lesson.text:
        for paragraph in re.split(r"\n[ \t]*\n", cell.source):
            if re.search(r"\b(macOS|Windows)\b", paragraph) and paragraph[0] not in ">|":
                yield f"outside of a note (> **Other systems.** ...): {paragraph[:60]!r}"


@rule
def owns_up_to_a_single_recv(lesson: Lesson) -> Iterator[str]:
    """Who copies `recv(1024).decode()` copies two mistakes: the lesson says that it only looks."""
    owned = re.compile(r"[Oo]ne `recv\(\)`|One line is too simple")
    if not any(owned.search(cell.source) for cell in lesson.text):
        for number, cell in enumerate(lesson.code, 1):
            if found := re.search(r"\w+\.recv\(\d+\)\.decode\(\)", cell.source):
                yield f"code cell {number}: {found[0]}, and no text says what is wrong with it"


@rule
def is_clean_for_ruff(lesson: Lesson) -> Iterator[str]:
    text = committed_form.text_of(lesson.notebook)
    for options in (["check", "--output-format=concise"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *options, "--quiet"]
        run = subprocess.run(
            [*ruff, "--stdin-filename", lesson.path, "-"],
            cwd=committed_form.ROOT,
            input=text,
            capture_output=True,
            encoding="utf-8",
        )
        if run.returncode:
            yield f"ruff {options[0]}: {run.stdout}{run.stderr}".strip()


# --- the lessons keep to the rules --------------------------------------------------------------


def test_there_are_lessons() -> None:
    assert LESSONS, "no notebook in notebooks/"


@pytest.mark.parametrize("keeps", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_lesson(path: Path, keeps: Rule) -> None:
    lesson = Lesson(path, nbformat.read(path, as_version=4))
    broken = list(keeps(lesson))
    assert not broken, "\n".join(broken)


IN_EACH_LANGUAGE = [
    is_in_committed_form,
    has_one_title_and_no_skipped_heading,
    says_every_picture_in_words,
    has_links_that_resolve,
]
"""What a translation could break. The rest is about code, which is copied, or about English."""

TRANSLATED = sorted(committed_form.ROOT.glob("notebooks_*/*.ipynb"))


@pytest.mark.parametrize(
    "path", TRANSLATED, ids=lambda path: f"{path.parent.name[-2:]}-{path.stem}"
)
def test_every_translated_lesson(path: Path) -> None:
    lesson = Lesson(path, nbformat.read(path, as_version=4))
    broken = [f"{keeps.__name__}: {line}" for keeps in IN_EACH_LANGUAGE for line in keeps(lesson)]
    assert not broken, "\n".join(broken)


# --- the rules refuse what they should ----------------------------------------------------------


def code(source: str, *outputs: NotebookNode, **more: Any) -> NotebookNode:
    return new_code_cell(source, execution_count=1, outputs=list(outputs), **more)


def shown(**data: str) -> NotebookNode:
    return new_output("display_data", {kind.replace("_", "/"): text for kind, text in data.items()})


text = new_markdown_cell
SVG = new_output(
    "display_data", {"image/svg+xml": "<svg/>", "text/plain": "<IPython.core.display.SVG object>"}
)

BREAKS: list[tuple[Rule, list[NotebookNode], str]] = [
    (is_in_committed_form, [new_code_cell("1 + 1")], "not executed"),
    (has_one_title_and_no_skipped_heading, [text("## Only a section")], "0 headings of level 1"),
    (has_one_title_and_no_skipped_heading, [text("# A"), text("B\n=")], "2 headings of level 1"),
    (has_one_title_and_no_skipped_heading, [text("# A\n\n### B")], "'B' has level 3, after"),
    (says_every_picture_in_words, [text("![](a.png)")], "no text alternative: a.png"),
    (says_every_picture_in_words, [text('See <img src="a.png"> here')], "<img src="),
    (says_every_picture_in_words, [code("x", shown(image_png="aGk="))], "a picture without"),
    (
        says_every_picture_in_words,
        [code("x", SVG)],
        "a picture without",
    ),
    (
        says_every_picture_in_words,
        [code("x", shown(text_html="<p><svg></svg>", text_plain="<View object>"))],
        "a picture without",
    ),
    (has_links_that_resolve, [text("[next](99_no_such.ipynb)")], "no such file: 99_no_such"),
    (has_links_that_resolve, [text('<a href="no/such.md">x</a>')], "no such file: no/such.md"),
    (has_links_that_resolve, [text("# A b\n\n[x](#A-c)")], "no such heading: #A-c"),
    (has_links_that_resolve, [text("![x](attachment:a.png)")], "no such attachment"),
    (has_links_that_resolve, [text("[x][y]\n\n[y]: gone.md")], "no such file: gone.md"),
    (names_files_that_exist, [code("%run ../programs/no_such.py")], "../programs/no_such.py"),
    (names_files_that_exist, [text("Look at `programs/no_such.py`.")], "programs/no_such.py"),
    (never_sleeps, [code("import time\n\ntime.sleep(1)")], "code cell 1: time.sleep"),
    (never_sleeps, [code("from time import monotonic, sleep")], "code cell 1: time.sleep"),
    (
        gives_a_reason_where_nothing_is_compared,
        [code("# NBVAL_IGNORE_OUTPUT\n1")],
        "NBVAL_IGNORE_OUTPUT is no word for a learner",
    ),
    (gives_a_reason_where_nothing_is_compared, [code("1\n#NBVAL_SKIP: slow")], "NBVAL_SKIP is no"),
    (
        gives_a_reason_where_nothing_is_compared,
        [code("1", metadata={"tags": ["nbval-skip"]})],
        "not compared",
    ),
    (has_short_cells, [code("\n".join(f"line{n} = {n}" for n in range(13)))], "13 lines of code"),
    (
        keeps_other_systems_in_notes,
        [text("> Here on macOS.\n\nThis teaches, and Windows differs.")],
        "'This teaches",
    ),
    (
        owns_up_to_a_single_recv,
        [text("One reply."), code("print(client.recv(1024).decode())")],
        "code cell 1: client.recv(1024).decode()",
    ),
    (is_clean_for_ruff, [code("import socket")], "F401"),
    (is_clean_for_ruff, [code("x = 'single quotes'")], "ruff format"),
]

GOOD = [
    text(
        "# One title\n\n## A section with `code`\n\n[there](#A-section-with-code), "
        "[docs](https://docs.python.org/3/), `![no](image.png)`\n\n```\n# no heading\n```"
    ),
    code(
        '# Each computer has another name.\nprint("hello")',
        new_output("stream", name="stdout", text="hello\n"),
        metadata={"tags": ["nbval-ignore-output"]},
    ),
]


def lesson_of(cells: list[NotebookNode]) -> Lesson:
    notebook = new_notebook(cells=cells, metadata=committed_form.METADATA)
    return Lesson(notebooks.NOTEBOOKS / "made_by_a_test.ipynb", committed_form.tidy(notebook))


@pytest.mark.parametrize(("refuses", "cells", "says"), BREAKS)
def test_rule_refuses(refuses: Rule, cells: list[NotebookNode], says: str) -> None:
    assert says in "\n".join(refuses(lesson_of(cells)))


def test_every_rule_is_shown_something_to_refuse() -> None:
    assert {refuses for refuses, _, _ in BREAKS} == set(RULES)


@pytest.mark.parametrize("keeps", RULES, ids=lambda rule: rule.__name__)
def test_rule_accepts_a_good_notebook(keeps: Rule) -> None:
    assert list(keeps(lesson_of(GOOD))) == []


def test_link_to_a_heading_of_another_notebook_resolves(tmp_path: Path) -> None:
    other = new_notebook(cells=[text("# Meet the client")])
    nbformat.write(other, tmp_path / "other.ipynb")
    for anchor, dead in [("Meet-the-client", []), ("Gone", ["no such heading: other.ipynb#Gone"])]:
        cells = [text(f"[x](other.ipynb#{anchor})")]
        lesson = Lesson(tmp_path / "this.ipynb", new_notebook(cells=cells))
        assert list(has_links_that_resolve(lesson)) == dead
