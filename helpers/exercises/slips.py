"""How the function came to wait where it stands: it may have been meant to go on.

Rules of this file:

- The frames of the function's own thread tell, when it is at rest. They are not kept.
- What is found only names a mistake whose facts fit: each of these is right in other programs.
"""

from __future__ import annotations

import ast
import linecache
import threading
import traceback
from types import CodeType, FrameType

from helpers.libraries import is_library
from helpers.record.frames import frames

JOIN = "join"
"""It waits in join() for a thread."""

RUN = "run"
"""It has called run() of a thread, and works in it itself."""

TARGET = "target"
"""It works in a call that stands behind `target=`: the value of that would be given to a thread."""


def slip_of(code: CodeType | None) -> str:
    """One of these, of the thread that runs a function with this code; "" for none of them."""
    for frame in frames().values():
        stack = [each for each, _ in traceback.walk_stack(frame)]
        if any(each.f_code is code for each in stack):
            return next(filter(None, map(_slip, stack)), "")
    return ""


def _slip(frame: FrameType) -> str:
    caller = frame.f_back
    if caller is None:
        return ""
    name = frame.f_code.co_name
    if _module(caller) != "threading" and name in (JOIN, RUN) and _is_of_a_thread(frame):
        return name
    return TARGET if _is_behind_target(caller) else ""


def _is_of_a_thread(frame: FrameType) -> bool:
    """Whether it is a method of a thread: Python's own, or one that the learner has written."""
    first = frame.f_code.co_varnames[:1]
    return isinstance(frame.f_locals.get(*first), threading.Thread) if first else False


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def _is_behind_target(caller: FrameType) -> bool:
    """Whether the call that it makes now is the value of a `target=`."""
    if is_library(caller.f_code.co_filename):
        return False
    text = "".join(linecache.getlines(caller.f_code.co_filename))
    try:
        nodes = [*ast.walk(ast.parse(text))]
    except SyntaxError:
        return False  # a cell with a magic, for example
    here = [*caller.f_code.co_positions()][caller.f_lasti // 2]
    return any(
        isinstance(each, ast.keyword)
        and each.arg == TARGET
        and isinstance(each.value, ast.Call)
        and here == _position(each.value)
        for each in nodes
    )


def _position(node: ast.Call) -> tuple[int | None, ...]:
    return (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
