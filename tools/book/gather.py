"""All pages of the book, in the folder that Sphinx reads.

A file is written only if its text is new: Sphinx then reads only what has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from helpers.course.lessons import LESSONS, Lesson
from helpers.course.map import name
from helpers.ladder.style import page_style_sheet
from tools.book.lessons import page_of
from tools.book.links import Pages, in_markdown
from tools.book.settings import ROOT, Repository, repository, words
from tools.book.teaching import with_cells
from tools.committed_form import parse, text_of

STATIC = "generated"
"""The folder for files that pages load."""
TEXTS = {"helpers/README.md": "how-it-works.md", "CHANGELOG.md": "changes.md"}
"""Pages that are in the book besides the lessons and `docs/`."""

FIRST = ("install",)
"""The pages of `docs/` that come first in the menu."""

TEACHING = {"docs/teaching.md": "teaching.md", "deploy/README.md": "hub.md"}
"""The pages for who teaches. After them come the notes of the lessons."""


@dataclass(frozen=True)
class Book:
    """What the book is made of: the lessons, the programs, the other texts."""

    root: Path
    lessons: tuple[Lesson, ...]
    repository: Repository

    @property
    def texts(self) -> dict[str, str]:
        """The other texts, by their file: those of `docs/` are found."""
        found = sorted((self.root / "docs").glob("*.md"))
        found.sort(key=lambda each: each.stem not in FIRST)
        texts = {f"docs/{each.name}": each.name for each in found} | TEXTS
        return {file: page for file, page in texts.items() if file not in TEACHING}

    @property
    def teaching(self) -> dict[str, str]:
        """The texts for who teaches, by their file: of the lessons that are in the book."""
        notes = [f"{Path(each.file).stem}.md" for each in self.lessons]
        return TEACHING | {f"docs/teaching/{each}": f"teaching-{each}" for each in notes}

    @property
    def programs(self) -> list[Path]:
        return sorted((self.root / "programs").glob("*.py"))

    @property
    def pages(self) -> Pages:
        """Each file that is a page of the book, or has a place in one."""
        return (
            {"README.md": "index.md", "programs": "programs.md"}
            | {f"notebooks/{each.file}": each.file for each in self.lessons}
            | {f"programs/{each.name}": f"programs.md#{slug(each.name)}" for each in self.programs}
            | self.texts
            | self.teaching
        )


def book() -> Book:
    """The book of this clone."""
    return Book(ROOT, LESSONS, repository())


def slug(heading: str) -> str:
    """The place that a heading has, as on GitHub (`myst_heading_anchors`)."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def files(book: Book) -> Iterator[tuple[str, str]]:
    """Each file that Sphinx reads: its name and its text."""
    pages, repo = book.pages, book.repository
    for lesson in book.lessons:
        file = f"notebooks/{lesson.file}"
        notebook = parse((book.root / file).read_text(encoding="utf-8"))
        page = page_of(notebook, file, pages, repo, ways_in(file, repo))
        yield lesson.file, text_of(page)
    for file, page_file in (book.texts | book.teaching).items():
        text = in_markdown((book.root / file).read_text(encoding="utf-8"), file, pages, repo)
        yield page_file, _with_cells(book, file, text)
    yield "programs.md", _programs(book)
    index = (book.root / "book" / "index.md").read_text(encoding="utf-8")
    index = index.replace("<!-- map -->", _map(book.lessons))
    index = index.replace("<!-- pages -->", _contents(book))
    yield "index.md", in_markdown(index, "README.md", pages, repo)
    yield f"{STATIC}/ladder.css", page_style_sheet()


def _with_cells(book: Book, file: str, text: str) -> str:
    """A text of the book. The note of a lesson leads to the cells that it names."""
    lesson = f"{Path(file).stem}.ipynb"
    if lesson not in {each.file for each in book.lessons}:
        return text
    notebook = parse((book.root / "notebooks" / lesson).read_text(encoding="utf-8"))
    return with_cells(text, lesson, notebook)


def gather(book: Book, folder: Path) -> list[str]:
    """Write the files into the folder, and remove what is no longer one. Their names."""
    names = []
    for file, text in files(book):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
        names.append(file)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.relative_to(folder).as_posix() not in names:
            path.unlink()
    return names


# --- parts of pages -----------------------------------------------------------------------------


def ways_in(file: str, repository: Repository) -> str:
    """How to run a lesson: what stands below its title, as HTML."""
    said = words("book")
    links = []
    if repository:
        links = [
            ("Codespaces", repository.codespaces()),
            ("Binder", repository.binder(f"my_lessons/{Path(file).name}")),
            (said["source"], repository.source(file)),
        ]
    shown = " · ".join(f'<a href="{escape(target)}">{name}</a>' for name, target in links)
    shown = f"<p>{said['without_installing']} {shown}.</p>" if links else ""
    first = f"{repository.clone()}\n" if repository else ""
    return (
        f'<details class="socket-run"><summary>{said["run"]}</summary>'
        f"{shown}<p>{said['in_a_terminal']}</p>"
        f"<pre>{escape(first)}{_enter(repository)}make lab</pre>"
        f"<p>{said['without_make']}</p></details>"
    )


def _enter(repository: Repository) -> str:
    return f"cd {repository.name.rpartition('/')[2]} && " if repository else ""


def _map(lessons: tuple[Lesson, ...]) -> str:
    """The lessons, with their minutes. A script adds to it what the reader has done."""

    def deeper(lesson: Lesson) -> str:
        return f" {words('book')['deeper']}" if lesson.deeper else ""

    rows = "".join(
        f'<tr><td><a href="{Path(each.file).stem}.html">{escape(name(each))}</a>{deeper(each)}</td>'
        f"<td>{each.minutes_text}</td>"
        f'<td data-questions="{escape(" ".join(each.predictions))}">{len(each.predictions)}</td>'
        f"<td>{len(each.exercises)}</td></tr>"
        for each in lessons
    )
    heads = "".join(f'<th scope="col">{text}</th>' for text in words("book")["heads"])
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="socket-map">{table}</div>'


def _contents(book: Book) -> str:
    """What stands in the menu, and which page follows which."""
    parts = {
        words("book")["lessons"]: [*(each.file for each in book.lessons), "programs.md"],
        words("book")["teaching"]: list(book.teaching.values()),
        words("book")["more"]: list(book.texts.values()),
    }
    return "\n".join(
        f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```\n"
        for caption, pages in parts.items()
    )


def _programs(book: Book) -> str:
    """The finished programs, each below its name."""
    shown = [
        f"## {each.name}\n\n```python\n{each.read_text(encoding='utf-8').rstrip()}\n```\n"
        for each in book.programs
    ]
    said = words("book")
    return f"# {said['programs']}\n\n{said['programs_intro']}\n\n" + "\n".join(shown)
