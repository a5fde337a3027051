"""A TOML file, read into a dataclass.

Rules of this file:

- A file that is wrong is refused, with its name and the key: one that is missing, one that is
  not known, a value of another type, an empty text.
- White space around a text is for the one who writes the file, and is taken away.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from cattrs import BaseValidationError, Converter, ForbiddenExtraKeysError, transform_error

Read = TypeVar("Read")


class BadFile(Exception):
    """The file breaks a rule. The text says which file, which key, and how."""


def read_toml(path: Path, kind: type[Read]) -> Read:
    """The file as a `kind`: a dataclass, or a dict of them. Raises BadFile."""
    try:
        return _CONVERTER.structure(tomllib.loads(path.read_text(encoding="utf-8")), kind)
    except tomllib.TOMLDecodeError as error:
        raise BadFile(f"{_name(path)}: {error}") from error
    except BaseValidationError as error:
        raise BadFile(
            f"{_name(path)}: {'; '.join(transform_error(error, format_exception=_told))}"
        ) from error


def _name(path: Path) -> str:
    """The file and its folder: many folders have a file of the same name."""
    return f"{path.parent.name}/{path.name}"


def _told(error: BaseException, _: type | None) -> str:
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


_CONVERTER = Converter(forbid_extra_keys=True)
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _texts)
