"""The notebooks in a folder, or in zip files, and whose they are.

Rules of this file:

- Nothing is unpacked to the disk. A member of a zip is read into memory, up to a limit: what it
  says of its own size is not believed.
- What cannot be read costs that file and nothing else. It is told as a `Problem`.
- Links are not followed: what is handed in could point at any file of this machine.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

LARGEST_NOTEBOOK = 20 * 2**20
"""Bytes of one notebook. Chosen: a lesson with all its outputs has less than a hundredth of it."""

LARGEST_ZIP = 500 * 2**20
"""Bytes that all notebooks of one zip may have together. Chosen: a hundred learners' lessons."""

MOST_MEMBERS = 20_000
"""Files in one zip. Chosen: a hundred learners who hand in a whole clone each have half as many."""

_NOT_HANDED_IN = {".ipynb_checkpoints", "__MACOSX", ".git", ".venv"}

_PLATFORM = re.compile(r"_\d+_assignsubmission_file_?$")
"""What Moodle adds to the name of a learner's folder."""


@dataclass(frozen=True)
class Submission:
    """One notebook that a learner has handed in."""

    learner: str
    file: str
    """Its path in the folder or in the zip, for people to read."""
    changed: float
    """Seconds since 1970, as the folder or the zip has it: of two, the later one counts."""
    content: bytes


@dataclass(frozen=True)
class Problem:
    """A file that could not be read, and why."""

    file: str
    says: str


def found_in(folder: Path) -> Iterator[Submission | Problem]:
    """Each notebook in `folder`, its folders and its zip files; or why it cannot be read.

    The learner is the first folder on the way to the file. A file with no folder around it names
    the learner itself: `kim.ipynb`, `kim.zip`. Raises OSError if there is no such folder.
    """
    os.listdir(folder)  # Path.walk() would find nothing, and say nothing
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _NOT_HANDED_IN)
        for name in sorted(names):
            path = Path(place, name)
            shown = path.relative_to(folder).as_posix()
            if name.endswith((".ipynb", ".zip")) and not name.startswith("."):
                yield from _file(path, shown)


def _file(path: Path, shown: str) -> Iterator[Submission | Problem]:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            yield Problem(shown, "a link, and not a file")
        elif path.suffix == ".zip":
            yield from _in_zip(path, shown)
        elif status.st_size > LARGEST_NOTEBOOK:
            yield Problem(shown, _too_large(LARGEST_NOTEBOOK))
        else:
            yield Submission(_learner(shown), shown, status.st_mtime, path.read_bytes())
    except OSError as error:
        yield Problem(shown, error.strerror or str(error))


def _in_zip(path: Path, shown: str) -> Iterator[Submission | Problem]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                yield Problem(shown, f"more than {MOST_MEMBERS:,} files in one zip")
                return
            left = LARGEST_ZIP
            for member in members:
                if not member.filename.endswith(".ipynb") or member.is_dir():
                    continue
                found = _member(archive, member, shown, min(left, LARGEST_NOTEBOOK))
                if isinstance(found, Submission):
                    left -= len(found.content)
                if found is not None:
                    yield found
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        yield Problem(shown, f"not a zip that can be read: {error}")


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, shown: str, limit: int
) -> Submission | Problem | None:
    """One notebook of a zip. None for a copy that an editor or a system has made."""
    inside = PurePosixPath(member.filename.replace("\\", "/"))
    name = f"{shown}/{inside}"
    if _NOT_HANDED_IN & {*inside.parts} or inside.name.startswith("."):
        return None
    if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
        return Problem(name, "a path that leads out of the zip")
    if stat.S_ISLNK(member.external_attr >> 16):
        return Problem(name, "a link, and not a file")
    try:
        with archive.open(member) as file:
            content = file.read(limit + 1)
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, OSError, EOFError) as error:
        return Problem(name, f"cannot be read: {error}")
    except Exception as error:  # zlib, lzma and bz2 each have an error of their own
        return Problem(name, f"cannot be unpacked: {error}")
    if len(content) > limit:
        return Problem(name, _too_large(limit))
    # In a zip of folders each folder is a learner. A zip of one learner has the learner's name.
    around = "" if len(inside.parts) > 1 and "/" not in shown else shown
    return Submission(_learner(f"{around}/{inside}".lstrip("/")), name, _when(member), content)


def _learner(path: str) -> str:
    """Who has handed in the file at this path."""
    first = PurePosixPath(path).parts[0]
    for suffix in (".ipynb", ".zip"):
        first = first.removesuffix(suffix)
    return _PLATFORM.sub("", first) or first


def _when(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError, OSError):  # a zip may say month 0
        return 0.0


def _too_large(limit: int) -> str:
    return f"more than {limit // 2**20} MiB"
