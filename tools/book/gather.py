"""All pages of the book, in the folder that Sphinx reads.

- A file is written only if its text is new: Sphinx then reads only what has changed.
- The book in another language is a book of its own, in a folder of the site: `ko/`. It has the
  lessons of that language, and the pages that there are in it: `docs/the-example.ko.md`. A link to
  what it does not have leads to the English page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from helpers.course.lessons import LESSONS, Lesson
from helpers.course.map import name
from helpers.ladder.style import page_style_sheet
from helpers.language import ENGLISH
from tools.book.lessons import page_of
from tools.book.links import Pages, in_markdown
from tools.book.settings import ROOT, Repository, repository, words
from tools.book.teaching import with_cells
from tools.committed_form import parse, text_of
from tools.translations.language import languages

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
    chosen: tuple[Lesson, ...]
    """The lessons that it has, where they are in its language."""
    repository: Repository
    language: str = ""
    """Its code, or "" for English."""

    @property
    def suffix(self) -> str:
        """What the names of folders end with in this language: `_ko`."""
        return f"_{self.language}" if self.language else ""

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """The lessons in the language of the book."""
        return tuple(each for each in self.chosen if (self.root / self.file(each)).exists())

    def file(self, lesson: Lesson) -> str:
        """The notebook of a lesson in the repository."""
        return f"notebooks{self.suffix}/{lesson.file}"

    @property
    def languages(self) -> dict[str, Book]:
        """The book in each language, by its code: in English it is ""."""
        codes = [found.name.partition("_")[2] for found in self.root.glob("notebooks*")]
        books = {code: replace(self, language=code) for code in sorted(codes)}
        return {code: book for code, book in books.items() if book.lessons}

    @property
    def texts(self) -> dict[str, str]:
        """The other texts, by their file: those of `docs/` are found."""
        found = {path: path.stem.partition(".") for path in (self.root / "docs").glob("*.md")}
        own = [path for path, (_, _, code) in found.items() if code == self.language]
        own.sort(key=lambda each: (found[each][0] not in FIRST, each.name))
        texts = {f"docs/{each.name}": f"{found[each][0]}.md" for each in own}
        more = {} if self.language else TEXTS
        return {file: page for file, page in (texts | more).items() if file not in TEACHING}

    @property
    def teaching(self) -> dict[str, str]:
        """The texts for who teaches, by their file: of the lessons that are in the book."""
        if self.language:
            return {}
        notes = [f"{Path(each.file).stem}.md" for each in self.lessons]
        return TEACHING | {f"docs/teaching/{each}": f"teaching-{each}" for each in notes}

    @property
    def programs(self) -> list[Path]:
        return sorted((self.root / "programs").glob("*.py"))

    @property
    def own(self) -> Pages:
        """Each file that is a page of this book, or has a place in one."""
        readme = f"README.{self.language}.md" if self.language else "README.md"
        return (
            {readme: "index.md", "programs": "programs.md"}
            | {self.file(each): each.file for each in self.lessons}
            | {f"programs/{each.name}": f"programs.md#{slug(each.name)}" for each in self.programs}
            | self.texts
            | self.teaching
        )

    @property
    def pages(self) -> Pages:
        """Each file that is a page of this book, or of one in another language."""
        found: dict[str, str] = {}
        for code, other in self.languages.items():
            if code != self.language:
                found |= {file: self.way_to(code) + page for file, page in other.own.items()}
        return found | dict(self.own)

    def way_to(self, code: str) -> str:
        """The beginning of a link to a page of the book in another language."""
        return ("../" if self.language else "") + (f"{code}/" if code else "")

    @property
    def names(self) -> list[str]:
        """The names of its pages, without an ending."""
        return sorted({page.partition("#")[0].rpartition(".")[0] for page in self.own.values()})


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
        file = book.file(lesson)
        notebook = parse((book.root / file).read_text(encoding="utf-8"))
        page = page_of(notebook, file, pages, repo, ways_in(file, repo, book.language))
        yield lesson.file, text_of(page)
    for file, page_file in (book.texts | book.teaching).items():
        text = in_markdown((book.root / file).read_text(encoding="utf-8"), file, pages, repo)
        yield page_file, _with_cells(book, file, text)
    yield "programs.md", _programs(book)
    in_language = book.root / "book" / f"index.{book.language}.md"
    found = in_language if in_language.exists() else book.root / "book" / "index.md"
    index = found.read_text(encoding="utf-8").replace("<!-- map -->", _map(book))
    index = index.replace("<!-- pages -->", _contents(book))
    yield "index.md", in_markdown(index, "README.md", pages, repo)
    yield f"{STATIC}/ladder.css", page_style_sheet()
    yield f"{STATIC}/languages.json", json.dumps(list(switch(book)), ensure_ascii=False)


def switch(book: Book) -> Iterator[dict[str, object]]:
    """Each language: its name, the way to it, and the pages that it has."""
    names = {each.code: each.settings.name for each in languages()}
    for code, other in book.languages.items():
        way = book.way_to(code) if code != book.language else ""
        named = {"code": code or ENGLISH, "name": names.get(code, "English")}
        yield named | {"way": way, "pages": other.names}


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


def ways_in(file: str, repository: Repository, language: str = "") -> str:
    """How to run a lesson: what stands below its title, as HTML."""
    said = words("book")
    suffix, option = (f"_{language}", f" COURSE={language}") if language else ("", "")
    links = []
    if repository:
        links = [
            ("Codespaces", repository.codespaces()),
            ("Binder", repository.binder(f"my_lessons{suffix}/{Path(file).name}")),
            (said["source"], repository.source(file)),
        ]
    shown = " · ".join(f'<a href="{escape(target)}">{name}</a>' for name, target in links)
    shown = f"<p>{said['without_installing']} {shown}.</p>" if links else ""
    first = f"{repository.clone()}\n" if repository else ""
    return (
        f'<details class="socket-run"><summary>{said["run"]}</summary>'
        f"{shown}<p>{said['in_a_terminal']}</p>"
        f"<pre>{escape(first)}{_enter(repository)}make lab{option}</pre>"
        f"<p>{said['without_make']}</p></details>"
    )


def _enter(repository: Repository) -> str:
    return f"cd {repository.name.rpartition('/')[2]} && " if repository else ""


def _map(book: Book) -> str:
    """The lessons, with their minutes. A script adds to it what the reader has done."""

    def deeper(lesson: Lesson) -> str:
        return f" {words('book')['deeper']}" if lesson.deeper else ""

    rows = "".join(
        f'<tr><td><a href="{Path(each.file).stem}.html">{escape(_title(book, each))}</a>'
        f"{deeper(each)}</td><td>{each.minutes_text}</td>"
        f'<td data-questions="{escape(" ".join(each.predictions))}">{len(each.predictions)}</td>'
        f"<td>{len(each.exercises)}</td></tr>"
        for each in book.lessons
    )
    heads = "".join(f'<th scope="col">{text}</th>' for text in words("book")["heads"])
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="socket-map">{table}</div>'


def _title(book: Book, lesson: Lesson) -> str:
    """Number and title of a lesson, as in the heading of its notebook."""
    if not book.language:
        return name(lesson)
    notebook = parse((book.root / book.file(lesson)).read_text(encoding="utf-8"))
    first: str = notebook.cells[0].source.partition("\n")[0]
    return first.removeprefix("# ").replace("*", "")


def _contents(book: Book) -> str:
    """What stands in the menu, and which page follows which."""
    parts = {
        words("book")["lessons"]: [*(each.file for each in book.lessons), "programs.md"],
        words("book")["teaching"]: list(book.teaching.values()),
        words("book")["more"]: list(book.texts.values()),
    }
    parts = {caption: pages for caption, pages in parts.items() if pages}
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
