"""A language of the course: a folder in `translations/`, and a folder of notebooks made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from helpers.toml_file import read_toml
from tools.committed_form import ROOT
from tools.notebooks import NOTEBOOKS

TRANSLATIONS = ROOT / "translations"


@dataclass(frozen=True)
class Settings:
    """`language.toml` in the folder of the language."""

    name: str
    """Of the language, in itself: 한국어."""
    untranslated: str
    """Markdown that stands before a text for which there is no translation."""
    links: dict[str, str] = field(default_factory=dict)
    """The beginning of an address, and what stands there in this language."""


@dataclass(frozen=True)
class Language:
    """One language, by its code of ISO 639: `ko`."""

    code: str
    folder: Path
    """With a PO file for each lesson: `05.po`."""
    notebooks: Path
    """Where the lessons are written: beside `notebooks/`, so that `../programs` is the same."""
    english: Path
    """Where the English lessons are."""
    settings: Settings

    @property
    def lessons(self) -> list[Path]:
        """The English lessons, in order."""
        return sorted(self.english.glob("*.ipynb"))

    def po(self, lesson: Path) -> Path:
        """The PO file of an English notebook: `notebooks/05_accept.ipynb` has `05.po`."""
        return self.folder / f"{lesson.stem.partition('_')[0]}.po"


def language(folder: Path, english: Path = NOTEBOOKS) -> Language:
    """The language of a folder. Raises BadFile, OSError."""
    settings = read_toml(folder / "language.toml", Settings)
    made = english.with_name(f"{english.name}_{folder.name}")
    return Language(folder.name, folder, made, english, settings)


def languages() -> list[Language]:
    """Each language that the course has besides English."""
    return [language(found.parent) for found in sorted(TRANSLATIONS.glob("*/language.toml"))]
