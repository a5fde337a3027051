"""The learner's own copies of the lessons, in `my_lessons/`.

Rules of this file:

- Nothing of the learner is ever lost. A file that was changed or run stays, under its name or
  under another one that is told.
- A copy that the learner has not changed follows the course. One that was changed stays, and the
  newer lesson is put beside it, once for each newer version.
- `my_lessons/.desk/copies.json` says from which version each copy was made. Without it, a copy
  that differs from the lesson counts as changed.
- Nobody is asked: no git, no network.
- In another language the copies lie in a folder of their own, `my_lessons_ko/`. They are made of
  `notebooks_ko/`, and of the English lesson where that folder has none.
- What goes wrong with one file is told, and the others are seen to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from helpers.desk import notebook_file
from helpers.desk.notebook_file import Damaged, NotebookFile
from helpers.language import MARKER
from helpers.words import Words

WORDS = Words(Path(__file__).with_name("words.toml"))
FOLDER = "my_lessons"
LOCK_TIME = 10.0
"""Seconds to wait for another desk that makes its copies. It needs less than one."""


class DeskError(Exception):
    """Why there are no copies. The text is for the learner."""


@dataclass(frozen=True)
class Origin:
    """From what a copy was made."""

    lesson: str
    words: str
    """The `words` of the lesson then: a copy that has others was changed."""
    version: str
    offered: str = ""
    """The newest version that was put beside it."""
    news: str = ""
    """What was told when the newer version came. The lesson tells it too (`widgets/newer.py`),"""
    other: str = ""
    """as long as this file is there: the newer one, or the one that was kept."""


Origins = dict[str, Origin]
"""By the name of the copy."""


class Desk:
    """The copies of one clone of the course. `root` is the folder that has `notebooks` in it.

    `language` is a code such as "ko", or nothing for English. Raises DeskError if the course has
    no lessons in it.
    """

    def __init__(self, root: Path, language: str = "") -> None:
        self.root = root
        self.language = language
        suffix = f"_{language}" if language else ""
        self.folder = root / f"{FOLDER}{suffix}"
        self._english = root / "notebooks"
        self._translated = root / f"notebooks{suffix}"
        if not self._translated.is_dir() and self._english.is_dir():
            found = sorted(path.name.partition("_")[2] for path in root.glob("notebooks_*"))
            known = ", ".join(["en", *found])
            raise DeskError(told("no_language", asked=ascii(language), known=known))
        self._ledger = self.folder / ".desk" / "copies.json"
        self._told: list[str] = []

    def prepare(self) -> list[str]:
        """Make what is missing and bring the rest up to date. Returns what the learner is told.

        Raises DeskError if there is no copy to work in, and none can be made.
        """
        self._told = [] if self.folder.exists() else [told("made", folder=self.folder.name)]
        try:
            with self._origins() as origins:
                self._mark_language()
                for lesson in self.lessons():
                    with self._told_if_it_fails(lesson.name):
                        self._see_to(lesson, origins)
                for name in list(origins):
                    with self._told_if_it_fails(name):
                        self._see_to_one_that_is_gone(name, origins)
        except OSError as error:
            self._told = [told("no_folder", folder=self.folder, reason=reason_of(error))]
        if not any((self.folder / lesson.name).is_file() for lesson in self.lessons()):
            raise DeskError("\n".join(self._told))
        return self._told

    def fresh(self, asked: str) -> list[str]:
        """Begin one lesson anew. Returns what the learner is told. Raises DeskError."""
        self._told = []
        lesson = self.find(asked)
        mine = self.folder / lesson.name
        try:
            with self._origins() as origins:
                self._mark_language()
                kept = None if self._is_only_a_copy(mine, origins) else self._keep(mine, "earlier")
                self._copy(notebook_file.read_lesson(lesson), mine, origins)
        except (OSError, Damaged) as error:
            raise DeskError(told("failed", file=lesson.name, reason=reason_of(error))) from error
        which = "fresh_and_kept" if kept else "fresh"
        return [told(which, file=lesson.name, kept=kept.name if kept else "")]

    def lessons(self) -> list[Path]:
        """The committed lessons, in order."""
        english = sorted(self._english.glob("*.ipynb"))
        translated = [self._translated / lesson.name for lesson in english]
        return [
            each if each.exists() else old for each, old in zip(translated, english, strict=True)
        ]

    def find(self, asked: str) -> Path:
        """The lesson of a number or a name: `5`, `05`, `recv`, `05_recv.ipynb`. Or DeskError."""
        wanted = re.split(r"[/\\]", asked.strip())[-1].removesuffix(".ipynb").casefold()
        for path in self.lessons():
            number, _, name = path.stem.casefold().partition("_")
            if wanted and wanted in (path.stem.casefold(), name, number, number.removeprefix("0")):
                return path
        known = ", ".join(path.stem for path in self.lessons())
        raise DeskError(told("no_lesson", asked=ascii(asked), known=known))

    def latest(self) -> str:
        """The lesson that was run and saved last, or the first one: where the learner goes on."""
        run = []
        for lesson in self.lessons():
            mine = self.folder / lesson.name
            try:
                if notebook_file.read(mine).has_run:
                    run.append((mine.stat().st_mtime, lesson.name))
            except (OSError, Damaged):
                continue
        return max(run)[1] if run else self.lessons()[0].name

    # One lesson

    def _see_to(self, lesson: Path, origins: Origins) -> None:
        newest = notebook_file.read_lesson(lesson)
        mine = self.folder / lesson.name
        if not mine.exists():
            self._copy(newest, mine, origins)
            return
        try:
            here = notebook_file.read(mine)
        except Damaged:
            kept = self._keep(mine, "damaged")
            self._copy(newest, mine, origins)
            self._tell("damaged", file=mine.name, kept=kept.name)
            return
        if here.words == newest.words:
            origin = Origin(lesson.name, newest.words, newest.version)
            before = origins.get(mine.name)
            if before and before.words == newest.words:
                origin = replace(origin, news=before.news, other=before.other)
            origins[mine.name] = origin
            if not here.has_run and here.version != newest.version:
                self._copy(newest, mine, origins)
            return
        origin = origins.setdefault(mine.name, Origin(lesson.name, "", ""))
        if newest.version in (origin.version, origin.offered):
            return
        if here.words not in _made(origins, lesson.name):
            self._offer(newest, mine, origins)
        elif here.has_run:
            kept = self._keep(mine, "earlier")
            self._copy(newest, mine, origins)
            news = self._tell("replaced_and_kept", file=mine.name, kept=kept.name)
            origins[mine.name] = replace(origins[mine.name], news=news, other=kept.name)
        else:
            self._copy(newest, mine, origins)
            self._tell("replaced", file=mine.name)

    def _offer(self, newest: NotebookFile, mine: Path, origins: Origins) -> None:
        """Put the newer lesson beside a copy that the learner has changed."""
        beside = mine.with_name(f"{mine.stem}_new.ipynb")
        if not self._is_only_a_copy(beside, origins):
            beside = free(mine, "new")
        self._copy(newest, beside, origins, of=mine.name)
        news = self._tell("offered", file=mine.name, new=beside.name)
        origins[mine.name] = replace(
            origins[mine.name], offered=newest.version, news=news, other=beside.name
        )

    def _see_to_one_that_is_gone(self, name: str, origins: Origins) -> None:
        """A copy of a lesson that the course had once, perhaps under another number."""
        lessons = {path.name for path in self.lessons()}
        if origins[name].lesson in lessons:
            return
        mine = self.folder / name
        if self._is_only_a_copy(mine, origins):
            mine.unlink(missing_ok=True)  # nothing in it is the learner's
        else:
            after = Path(name).stem.partition("_")[2]
            new = next((each for each in lessons if Path(each).stem.partition("_")[2] == after), "")
            self._tell("moved" if new else "gone", file=name, new=new)
        del origins[name]

    def _is_only_a_copy(self, path: Path, origins: Origins) -> bool:
        """Whether there is nothing of the learner in this file, or no file."""
        try:
            found = notebook_file.read(path)
        except FileNotFoundError:
            return True
        except Damaged:
            return False
        return (
            not found.has_run and path.name in origins and found.words == origins[path.name].words
        )

    def _copy(self, newest: NotebookFile, path: Path, origins: Origins, of: str = "") -> None:
        notebook_file.write_copy(newest, path)
        origins[path.name] = Origin(of or path.name, newest.words, newest.version)

    def _keep(self, path: Path, why: str) -> Path:
        """Give a file of the learner another name, and return it."""
        kept = free(path, why)
        path.rename(kept)
        return kept

    def _mark_language(self) -> None:
        marker = self.folder / MARKER
        if self.language and not marker.exists():
            notebook_file.replace(marker, f"{self.language}\n")

    # What is told, and what is noted

    def _tell(self, key: str, **values: object) -> str:
        self._told.append(told(key, **values))
        return self._told[-1]

    @contextmanager
    def _told_if_it_fails(self, name: str) -> Iterator[None]:
        try:
            yield
        except (OSError, Damaged) as error:
            self._tell("failed", file=name, reason=reason_of(error))

    @contextmanager
    def _origins(self) -> Iterator[Origins]:
        """What is known of the copies, alone with them. Kept if it was changed. Or OSError."""
        self._ledger.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._ledger.with_name("lock"), timeout=LOCK_TIME)
        try:
            lock.acquire()
        except (Timeout, NotImplementedError) as error:
            raise OSError(WORDS["busy"]) from error
        try:
            origins = _read_ledger(self._ledger)
            before = dict(origins)
            yield origins
            if origins != before:
                stored = {name: asdict(origin) for name, origin in sorted(origins.items())}
                notebook_file.replace(self._ledger, json.dumps(stored, indent=1) + "\n")
        finally:
            lock.release()


def told(key: str, **values: object) -> str:
    """A sentence of the catalogue."""
    return WORDS(key, **values)


def reason_of(error: BaseException) -> str:
    """An error of the system in a few words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def free(path: Path, why: str) -> Path:
    """A name beside this one that nobody has: `05_recv_new`, `05_recv_new_2`."""
    names = (f"{path.stem}_{why}{'' if number == 1 else f'_{number}'}" for number in count(1))
    paths = (path.with_name(f"{name}.ipynb") for name in names)
    return next(each for each in paths if not each.exists())


def _made(origins: Origins, lesson: str) -> set[str]:
    """The words of each copy that was made of this lesson: one may have got another's name."""
    return {origin.words for origin in origins.values() if origin.lesson == lesson}


def _read_ledger(path: Path) -> Origins:
    try:
        stored = json.loads(path.read_bytes())
        return {name: Origin(**origin) for name, origin in stored.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}  # half written by another program: what differs counts as changed
