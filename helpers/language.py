"""Which language the helpers speak, and what is said in it.

Rules of this file:

- The language is that of the notebook: `SOCKET_COURSE_LANG` in the environment says it; else the
  file `.course-language` in the folder of the notebook, which `%load_ext helpers` reads; else it is
  English. One that is not there is English, too. The environment is read when this is loaded.
- A language is one file, `translations/CODE.json`: for each file of English words the translations
  by key. `python -m tools.translations.words` makes it of a PO file. What it does not have is said
  in English: nobody waits for a translator.
- Words are looked up when they are said, and the language is asked then.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

ENGLISH = "en"
VARIABLE = "SOCKET_COURSE_LANG"
MARKER = ".course-language"
FOLDER = Path(__file__).with_name("translations")

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

Translation = str | list[str]
"""A text; or the forms of one that counts something, in the order of `plural`."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language besides English."""

    plural: str = "0"
    """The number of the form for `n` things, as in the header of a PO file (in C)."""
    readings: Mapping[str, str] = field(default_factory=dict)
    """How a word of code is read aloud: `recv` is 리시브."""
    words: Mapping[str, Mapping[str, Translation]] = field(default_factory=dict)
    """By the name of the file of English words, and the key."""


_wanted = os.environ.get(VARIABLE, "")
_meanwhile: ContextVar[str] = ContextVar("_meanwhile")
"""Another one that this thread, or this task, speaks for a while."""


def spoken() -> str:
    """The code of the language that the helpers speak now: `en`, `ko`."""
    wanted = _meanwhile.get(_wanted)
    return wanted if wanted and language(wanted) else ENGLISH


def now() -> Language | None:
    """The language that is spoken now; None for English."""
    wanted = _meanwhile.get(_wanted)
    return language(wanted) if wanted else None


def read_marker(folder: Path) -> None:
    """Speak the language of this folder from now on, unless the environment says another one."""
    global _wanted
    try:
        marked = (folder / MARKER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        marked = ""
    _wanted = os.environ.get(VARIABLE) or marked


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak this language meanwhile, and only here: other threads speak as before."""
    before = _meanwhile.set(code)
    try:
        yield
    finally:
        _meanwhile.reset(before)


@functools.cache
def language(code: str) -> Language | None:
    """The language with this code; None for English, and for one that the course does not have."""
    if not re.fullmatch(r"\w+", code):  # it is a part of a path, and comes from outside
        return None
    try:
        text = (FOLDER / f"{code}.json").read_text(encoding="utf-8")
    except OSError:
        return None
    return Language(**json.loads(text))


def cached(read: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """`functools.cache` for what reads words: each language has its own."""

    def in_language(_: str, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return read(*args, **kwargs)

    once: Callable[..., Result] = functools.cache(in_language)

    @functools.wraps(read)
    def now(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return once(spoken(), *args, **kwargs)

    return now
