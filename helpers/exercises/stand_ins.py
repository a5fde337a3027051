"""Functions of the module `time` that are others while a check runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def standing_in(
    function: Callable[..., Any], stand_ins: Mapping[str, Callable[..., Any]]
) -> Iterator[None]:
    """Inside the block these stand in `time`, and where the program has imported them itself."""
    plain = {name: getattr(time, name) for name in stand_ins}
    own: dict[str, Any] = getattr(function, "__globals__", {})
    imported = [
        (name, each) for name, value in [*own.items()] for each in stand_ins if value is plain[each]
    ]
    for name, stand_in in stand_ins.items():
        setattr(time, name, stand_in)
    for name, each in imported:
        own[name] = stand_ins[each]
    try:
        yield
    finally:
        for name, value in plain.items():
            setattr(time, name, value)
        for name, each in imported:
            if own.get(name) is stand_ins[each]:
                own[name] = plain[each]


def is_ours(caller: Any) -> bool:
    """Whether a frame is of the course's own code, which goes by the plain functions."""
    return str(caller.f_globals.get("__name__")).startswith("helpers.")
