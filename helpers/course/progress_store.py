"""What the learner has done: a small file in the user's own data folder.

Rules of this file:

- Nothing here raises for what can be wrong with a disk or a file. A lesson goes on without its
  progress, and the learner is told in plain words.
- No kernel keeps progress in its memory. Each change reads the file, adds to it, and puts a new
  file in its place in one step (`os.replace`), all of it under a lock of the system. So kernels
  that run at once lose nothing of each other, and what was forgotten stays forgotten.
- A file that cannot be understood is set aside beside the new one. Only `forget` deletes it.
- Names that this version does not know are kept: the file may come from a newer course.

What is in the file, version 2 (without `version` it is the first one, and has no answers):

    {"predictions": ["a", ...], "exercises": ["b", ...], "version": 2,
     "answers": {"a": {"first": "It waits.", "first_right": true, "last": ..., "last_right": ...}}}

The folder is `user_data_path("socket-course")` of platformdirs, or the one that the environment
variable SOCKET_COURSE_DATA names.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from helpers.course.saying import PROGRESS

FOLDER_VARIABLE = "SOCKET_COURSE_DATA"
VERSION = 2
LOCK_TIME = 5.0
"""Seconds to wait for another kernel that writes. It needs some thousandths of one."""


@dataclass(frozen=True)
class Answer:
    """What the learner has chosen, in the English words of the choice: first, and the last time."""

    first: str
    first_right: bool
    last: str
    last_right: bool


@dataclass(frozen=True)
class Learned:
    """What is in the file."""

    predictions: frozenset[str] = frozenset()
    exercises: frozenset[str] = frozenset()
    problem: str = ""
    """Why nothing could be read, in plain words; or nothing."""
    stored_answers: dict[str, Any] = field(default_factory=dict, compare=False)
    """As in the file. Not compared: an answer alone is nothing that was done."""
    more: dict[str, Any] = field(default_factory=dict)
    """Keys of a newer version."""

    @property
    def answers(self) -> dict[str, Answer]:
        """What was chosen, by the name of the question: the entries that can be understood."""
        found = {name: _answer(each) for name, each in self.stored_answers.items()}
        return {name: answer for name, answer in found.items() if answer}


def prediction_made(name: str, chosen: str = "", right: bool = False) -> str:
    """Keep that a prediction was made, and what was chosen.

    Returns what went wrong, in plain words, or nothing.
    """
    return _change(
        lambda old: replace(
            _answered(old, name, chosen, right), predictions=old.predictions | {name}
        )
    )


def answered(name: str, chosen: str, right: bool) -> str:
    """Keep what was chosen, and count nothing. Returns what went wrong, or nothing."""
    return _change(lambda old: _answered(old, name, chosen, right))


def _answered(old: Learned, name: str, chosen: str, right: bool) -> Learned:
    if not chosen:
        return old
    before = old.answers.get(name, Answer(chosen, right, chosen, right))
    new = asdict(replace(before, last=chosen, last_right=right))
    known = old.stored_answers.get(name)
    kept = known if isinstance(known, dict) else {}
    return replace(old, stored_answers={**old.stored_answers, name: {**kept, **new}})


def exercise_passed(name: str) -> str:
    """Keep that an exercise was passed. Returns what went wrong, in plain words, or nothing."""
    return _change(lambda old: replace(old, exercises=old.exercises | {name}))


def forget() -> str:
    """Delete all that is kept. Returns what went wrong, in plain words, or nothing."""
    try:
        folder = data_folder()
        if folder.exists():
            with _locked(folder):
                for path in [folder / "progress.json", *_unreadable(folder)]:
                    path.unlink(missing_ok=True)
    except (OSError, RuntimeError, _Unlocked) as error:
        return _sorry("forgotten", error)
    return ""


def load() -> Learned:
    """What has been done so far. If it cannot be read, nothing has, and `problem` says why."""
    try:
        folder = data_folder()
        if not (folder / "progress.json").exists():
            return Learned()
        with _locked(folder):
            return _read(folder / "progress.json")
    except _Unlocked:
        return _read(folder / "progress.json")
    except (OSError, RuntimeError) as error:
        return Learned(problem=_sorry("read", error))


def data_folder() -> Path:
    """The folder of the file. It need not exist yet. Raises RuntimeError if there is no home."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("socket-course", appauthor=False)


# The file


class _Unlocked(Exception):
    """The lock could not be had: the folder is read-only, or somebody holds it for too long."""


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "progress.lock", timeout=LOCK_TIME)
    try:
        lock.acquire()
    except (OSError, Timeout, NotImplementedError) as error:
        raise _Unlocked(str(error)) from error
    try:
        yield
    finally:
        lock.release()


def _change(change: Callable[[Learned], Learned]) -> str:
    try:
        folder = data_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "progress.json"
        with _locked(folder):
            old = _read(path)
            if old.problem:
                names = (folder / f"progress-{number}.unreadable" for number in count(1))
                path.replace(next(name for name in names if not name.exists()))
            new = change(replace(old, problem=""))
            if (new, new.stored_answers) != (old, old.stored_answers):
                _replace(path, new)
    except (OSError, RuntimeError, _Unlocked) as error:
        return _sorry("kept", error)
    return ""


def _unreadable(folder: Path) -> list[Path]:
    return list(folder.glob("progress-*.unreadable"))


def _read(path: Path) -> Learned:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        names = {key: _names(stored.pop(key, [])) for key in ("predictions", "exercises")}
        answers = dict(stored.pop("answers", {}))
        if stored.get("version") == VERSION:
            del stored["version"]  # a newer one is kept
    except FileNotFoundError:
        return Learned()
    except OSError as error:
        return Learned(problem=_sorry("read", error))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Learned(problem=PROGRESS("damaged", path=path))
    return Learned(names["predictions"], names["exercises"], stored_answers=answers, more=stored)


def _answer(stored: Any) -> Answer | None:
    keys = {"first": str, "first_right": bool, "last": str, "last_right": bool}
    if not isinstance(stored, dict):
        return None
    if not all(isinstance(stored.get(key), kind) for key, kind in keys.items()):
        return None
    return Answer(**{key: stored[key] for key in keys})


def _names(stored: Any) -> frozenset[str]:
    if not isinstance(stored, list) or not all(isinstance(each, str) for each in stored):
        raise TypeError("not a list of names")
    return frozenset(stored)


def _replace(path: Path, learned: Learned) -> None:
    """Write the file in one step: a reader sees the old one or the new one, never half of it."""
    stored = {
        **learned.more,
        "predictions": sorted(learned.predictions),
        "exercises": sorted(learned.exercises),
    }
    if learned.stored_answers:
        stored = {"version": VERSION, **stored, "answers": learned.stored_answers}
    number, draft = tempfile.mkstemp(dir=path.parent, prefix=".progress-", suffix=".tmp")
    try:
        with open(number, "w", encoding="utf-8") as file:
            json.dump(stored, file, indent=1, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(number)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def _sorry(what: str, error: BaseException) -> str:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return PROGRESS(what, reason=reason)
