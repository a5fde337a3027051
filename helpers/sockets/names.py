"""Names that hold the plain class, or a plain function, from before the recorder.

Most textbooks begin with `from socket import *`. Where that line ran before the recorder came, the
name `socket` holds the plain class, and what it makes is not recorded. So such names are replaced
while the recorder is in place, and put back behind it.

Rules of this file:

- In the notebook and in `__main__` that is every name. In the learner's other modules it is a name
  that an import has made: whoever keeps the plain class under a name of his own means it.
- Modules of Python, of installed packages and of the helpers are left alone.
- A class that derives from the plain one, a default argument and an attribute hold it where nobody
  can replace it. `helpers/live/plain_sockets.py` tells that.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from helpers.libraries import is_library

_MODULES = ("socket", "select")
"""Where the names come from."""

Namespace = dict[str, Any]


def replace(pairs: Mapping[Any, Any], *namespaces: Namespace) -> None:
    """Let each name that holds a key of `pairs` hold the value in its place.

    In `__main__`, in the modules of the learner, and in these `namespaces` of a notebook.
    """
    wanted = {id(old): new for old, new in pairs.items()}
    main = getattr(sys.modules.get("__main__"), "__dict__", {})
    for names in _distinct(main, *namespaces):
        for name in _names_of(names, wanted):
            names[name] = wanted[id(names[name])]
    for names in _of_learners_modules(main):
        found = _names_of(names, wanted)
        kept = [name for name in found if name != getattr(names[name], "__name__", "")]
        aliases = _imported_as(str(names["__file__"])) if kept else ()
        for name in found:
            if name not in kept or name in aliases:
                names[name] = wanted[id(names[name])]


def _distinct(*namespaces: Namespace) -> Iterator[Namespace]:
    yield from {id(each): each for each in namespaces}.values()


def _names_of(names: Namespace, wanted: Mapping[int, Any]) -> list[str]:
    return [name for name, value in list(names.items()) if id(value) in wanted]


def _of_learners_modules(main: Namespace) -> Iterator[Namespace]:
    for module in list(sys.modules.values()):
        names: Namespace = getattr(module, "__dict__", None) or {}
        path = names.get("__file__") if type(names) is dict else None
        if names is not main and isinstance(path, str) and not is_library(path):
            yield names


@functools.cache  # a test enters recording() hundreds of times, and a file takes 10 ms
def _imported_as(path: str) -> frozenset[str]:
    """What the file calls by another name: `from socket import socket as S` makes S."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    return frozenset(
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in _MODULES
        for alias in node.names
        if alias.asname
    )
