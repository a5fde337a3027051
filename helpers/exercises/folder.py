"""The folder of an exercise: all that a learner reads of it, and the programs in it.

    exercise.py                    the peers that the function meets, and what is expected
    words.toml                     all that a learner reads, so that a translator needs one file
    starter.py                     what stands in the notebook before anybody has written
    solution.py, other_way.py      two programs that are right, which a learner may see
    mistakes/KEY.py                a program with the mistake [mistakes.KEY] of words.toml
    mistakes/KEY_2.py, KEY_3.py    others with the same mistake, which look different from outside
    ways/*.py                      more programs that are right, which only the tests see

The programs are read as text, and run as a learner's cell is. The first mistake of `words.toml`
that fits is the one that is named.
"""

from __future__ import annotations

import functools
import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.language import cached
from helpers.toml_file import BadFile, read_toml


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a program is right."""

    why: str


@dataclass(frozen=True, slots=True)
class ScenarioWords:
    """The words for one scenario."""

    peer: str
    """What the peer does."""
    next: str
    """The step to take when it fails and no known mistake explains it."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What many learners' programs do wrong."""

    name: str
    scenario: str
    """The first scenario in which it shows."""
    says: str
    """What is wrong, in terms of what the sockets did."""
    next: str
    """The one step to take now."""
    claims: tuple[str, ...] = ()
    """The calls that it speaks of. It is named only where they were recorded: see `evidence.py`."""
    slip: str = ""
    """How the function came to wait where it stands. It is named only then: see `slips.py`."""


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is written about one exercise: its `words.toml`."""

    lesson: str
    """The number of its lesson: `05`."""
    minutes: int
    """How long it takes, 8 to 30: with reading what the check says, and trying again."""
    signature: str
    task: str
    hints: tuple[str, ...]
    """From a nudge to nearly there."""
    solution: Reason
    other_way: Reason
    scenarios: dict[str, ScenarioWords]
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    """What its own facts are called, by their keys; `check.toml` has those of every exercise."""
    values: dict[str, str] = field(default_factory=dict)
    """What these say, by key."""
    placeholders: dict[str, str] = field(default_factory=dict)
    """What stands in bytes as `<key>`, for what differs between runs."""


@dataclass(frozen=True)
class Folder:
    """The folder at `path`. Its name is the name of the exercise, and of the function."""

    path: Path

    @property
    def name(self) -> str:
        """The name of the exercise."""
        return self.path.name

    @property
    def words(self) -> Words:
        """What a learner reads, in the language of now. Raises BadFile."""
        return _words(self.path)

    def program(self, name: str) -> str:
        """The text of `NAME.py`: a starter, a solution, another way."""
        return (self.path / f"{name}.py").read_text(encoding="utf-8")

    @functools.cached_property
    def ways(self) -> dict[str, str]:
        """Other programs that are right, by the names of their files."""
        return {path.stem: path.read_text("utf-8") for path in self._files("ways")}

    @functools.cached_property
    def mistakes(self) -> dict[str, tuple[str, ...]]:
        """The programs with each mistake, by its key. Raises BadFile if one has no words."""
        programs: dict[str, list[str]] = {key: [] for key in self.words.mistakes}
        for path in sorted(self._files("mistakes"), key=_key_and_number):
            key, _ = _key_and_number(path)
            if key not in programs:
                raise BadFile(f"{self.name}/words.toml: no words for mistakes/{path.name}")
            programs[key].append(path.read_text(encoding="utf-8"))
        if without := [key for key, found in programs.items() if not found]:
            raise BadFile(f"{self.name}/mistakes: there is no {without[0]}.py")
        return {key: tuple(found) for key, found in programs.items()}

    def _files(self, folder: str) -> Iterator[Path]:
        return (self.path / folder).glob("*.py")


@cached
def _words(folder: Path) -> Words:
    return read_toml(folder / "words.toml", Words)


def _key_and_number(path: Path) -> tuple[str, int]:
    """`one_recv_2.py` is the second program with the mistake `one_recv`."""
    key, _, number = path.stem.rpartition("_")
    return (key, int(number)) if key and number.isdecimal() else (path.stem, 1)


def load(code: str, name: str, title: str) -> Callable[..., Any]:
    """The function `name` of a program. Its source can be shown, as a cell's can."""
    filename = f"<{name}: {title}>"
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": "exercise"}
    exec(compile(code, filename, "exec", dont_inherit=True), namespace)
    function: Callable[..., Any] = namespace[name]
    return function
