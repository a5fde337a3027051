"""A TOML file, read into a dataclass; its words in the language that is spoken now.

Rules of this file:

- A file that is wrong is refused, with its name and the key: one that is missing, one that is
  not known, a value of another type, an empty text.
- White space around a text is for the one who writes the file, and is taken away.
- A text is known by its whole key, `bind-again.choices.0.text`. A table of `one` and `other` is one
  text that counts something.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from helpers import language

if TYPE_CHECKING:
    from cattrs import Converter

HELPERS = Path(__file__).parent
ENGLISH_PLURAL = "n != 1"
"""As the header of a PO file says it, in C: the second form for all but one."""

Read = TypeVar("Read")


class BadFile(Exception):
    """The file breaks a rule. The text says which file, which key, and how."""


@dataclass(frozen=True, slots=True)
class Forms:
    """A text that counts something: one for each number that the grammar of its language has."""

    texts: tuple[str, ...]
    plural: str
    """The number of the form for `n` things, as in the header of a PO file."""

    def form(self, count: int) -> str:
        """The text for so many."""
        return self.texts[_rule(self.plural)(count)]


@functools.cache
def _rule(plural: str) -> Callable[[int], int]:
    """Which form is for how many. `c2py` is how gettext reads the head of a file of its own."""
    import gettext

    return gettext.c2py(plural)


def read_toml(path: Path, kind: type[Read]) -> Read:
    """The file as a `kind`: a dataclass, or a dict of them. Raises BadFile."""
    from cattrs import BaseValidationError, transform_error  # words alone do not need it

    try:
        return _converter().structure(translated(_loaded(path), path), kind)
    except BaseValidationError as error:
        raise BadFile(
            f"{_name(path)}: {'; '.join(transform_error(error, format_exception=_told))}"
        ) from error


def translated(tree: Any, path: Path) -> Any:
    """What stands in the file, with its texts in the language of now."""
    texts = _translations(path)
    return _replaced(tree, texts) if texts else tree


@language.cached
def texts_of(path: Path) -> dict[str, str | Forms]:
    """The texts of a file by their keys. Raises BadFile."""
    english = {
        key: text if isinstance(text, str) else Forms(text, ENGLISH_PLURAL)
        for key, text in texts_in(_loaded(path))
    }
    spoken = language.now()
    plural = spoken.plural if spoken else ENGLISH_PLURAL
    return english | {
        key: text if isinstance(text, str) else Forms(tuple(text), plural)
        for key, text in _translations(path).items()
    }


def texts_in(value: Any, key: str = "") -> Iterator[tuple[str, str | tuple[str, str]]]:
    """Each text below a key, with its whole key. One that counts is a tuple of its two forms."""
    if isinstance(value, str):
        yield key, value.strip()
    elif isinstance(value, dict) and set(value) == {"one", "other"}:
        yield key, (value["one"].strip(), value["other"].strip())
    elif isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts_in(each, f"{key}.{name}" if key else str(name))


def name_of(path: Path) -> str:
    """What a file of words is called where it is translated: where it is, without its ending."""
    root = HELPERS if HELPERS in path.parents else HELPERS.parent
    return path.relative_to(root).with_suffix("").as_posix()


def _loaded(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadFile(f"{_name(path)}: {error}") from error


def _translations(path: Path) -> Mapping[str, language.Translation]:
    """What the language of now has for a file, by key. Files of others have none."""
    spoken = language.now()
    if spoken is None or HELPERS.parent not in path.parents:
        return {}
    return spoken.words.get(name_of(path), {})


def _replaced(value: Any, texts: Mapping[str, language.Translation], key: str = "") -> Any:
    if isinstance(value, str):
        return texts.get(key, value)
    if isinstance(value, dict):
        return {
            name: _replaced(each, texts, f"{key}.{name}" if key else name)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_replaced(each, texts, f"{key}.{n}") for n, each in enumerate(value)]
    return value


def _name(path: Path) -> str:
    """The file and its folder: many folders have a file of the same name."""
    return f"{path.parent.name}/{path.name}"


def _told(error: BaseException, _: type | None) -> str:
    from cattrs import ForbiddenExtraKeysError

    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    if isinstance(error, ForbiddenExtraKeysError):
        return f"unknown key {', '.join(map(repr, sorted(error.extra_fields)))}"
    return str(error)


def _text(value: Any, _: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"a text is needed, and not {value!r:.40}")
    return value.strip()


def _texts(value: Any, _: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"a list of texts is needed, and not {value!r:.40}")
    return tuple(_text(each, str) for each in value)


@functools.cache
def _converter() -> Converter:
    from cattrs import Converter

    made = Converter(forbid_extra_keys=True)
    made.register_structure_hook(str, _text)
    made.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _texts)
    return made
