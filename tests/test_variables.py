"""Whose variable holds a socket."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from servers import PLAIN

from helpers.variables import calling_frame, variable_of, variables_with

OWN: dict[str, Any] = {"__name__": "helpers.record.somewhere", "variable_of": variable_of}
exec("def ask(own): return variable_of(own)", OWN)
"""As a method of the recorder's, whose variables are not the caller's."""


def asked_in(code: str, *arguments: Any, **of_the_module: Any) -> Any:
    """What is found from within a function of another module, with these variables."""
    space: dict[str, Any] = {"__name__": "learner", "ask": OWN["ask"], **of_the_module}
    exec(f"def function{code}", space)
    return space["function"](*arguments)


def test_all_names_of_one_object_are_found_and_of_no_other() -> None:
    first, other = [1], [1]
    assert variables_with(first, {"a": first, "b": other, "_": first}) == ["a", "_"]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("(local): return ask(local)", "local"),
        ("(_hidden): return ask(_hidden)", "of_the_module"),
        ("(self): return ask(self)", "of_the_module"),
    ],
)
def test_a_variable_of_the_function_comes_before_one_of_the_module(code: str, name: str) -> None:
    with PLAIN() as sock:
        assert asked_in(code, sock, of_the_module=sock, _of_the_module=sock) == name


def test_a_socket_in_no_variable_has_no_name() -> None:
    with PLAIN() as sock:
        assert asked_in("(several): return ask(several[0])", [sock]) == ""


def test_a_socket_that_is_still_being_made_belongs_to_nobody_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str | None] = []
    space = OWN | {"asked": asked, "plain": PLAIN.bind}
    exec("def bind(sock, address): asked.append(variable_of(sock)); plain(sock, address)", space)
    asking = type("Asking", (PLAIN,), {"bind": space["bind"]})
    monkeypatch.setattr(socket, "socket", asking)
    with socket.create_server(("127.0.0.1", 0)):
        assert asked == [None]


def test_the_calling_frame_is_the_nearest_of_another_module() -> None:
    frame = calling_frame()
    assert frame is not None
    assert frame.f_code.co_name == "test_the_calling_frame_is_the_nearest_of_another_module"
