"""The function that a live server runs: whether it can be run, its name, its code."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from types import CodeType, MethodType
from typing import Any

from helpers.live.words import REFUSED
from helpers.record.socket_info import info_of


def check(target: Callable[..., Any]) -> None:
    """Raises TypeError for what a thread cannot run to its end: it says what to write instead."""
    if not callable(target):
        raise TypeError(REFUSED("no function", given=described(target)))
    if inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target):
        raise TypeError(REFUSED("generator", name=name_of(target)))


def described(value: object) -> str:
    """A value in an error message: its type, and the start of its repr."""
    return "None" if value is None else f"{type(value).__name__} {value!r:.60}"


def is_socket_method(target: Callable[..., Any]) -> bool:
    """Whether it is one call of a recorded socket, such as `listener.accept`."""
    return hasattr(getattr(target, "__self__", None), "_info")


def name_of(target: Callable[..., Any]) -> str:
    """The name of the function; for one call of a socket as it is written: `listener.accept`."""
    function = getattr(target, "func", target)
    name = str(getattr(function, "__name__", type(function).__name__))
    if is_socket_method(target):
        listener = target.__self__  # type: ignore[attr-defined]
        info = info_of(listener)
        if info is not None and not info.name:
            info.learn_name(listener)
        return f"{(info and info.name) or 'socket'}.{name}"
    return "lambda" if name == "<lambda>" else name


def code_of(target: Callable[..., Any]) -> CodeType | None:
    """The code of a Python function or method; None for one written in C."""
    function = target.func if isinstance(target, functools.partial) else target
    if not hasattr(function, "__code__") and not isinstance(function, MethodType | type):
        function = vars(type(function)).get("__call__", function)
    function = inspect.unwrap(function)
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def given_to(target: Callable[..., Any], args: tuple[Any, ...]) -> Iterator[Any]:
    """The objects that the function is called with: that of a method, and its arguments."""
    yield getattr(target, "__self__", None)
    if isinstance(target, functools.partial):
        yield from target.args
    yield from args
