"""The programs that the exercises judge: those in their folders, right and wrong."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from helpers import exercises, recording
from helpers.exercises.discovery import folders
from helpers.exercises.engine import Exercise
from helpers.exercises.folder import Folder, Words, load
from helpers.exercises.values import Key, Quoted, close_what_it_keeps
from helpers.exercises.wording import check_words, find

NAMES = list(folders())

SERVES_IN_THREADS = """
import {modules}, threading

def serve(conn):
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data)
        except OSError:
            pass

def accept_all(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()

def echo_server(listener):
    threading.Thread(target=accept_all, args=(listener,), daemon=True).start()
    {waits}
"""
"""A server that is right, and whose main thread waits in some way for ever."""


def get(name: str) -> Exercise:
    found: Exercise = getattr(exercises, name)
    return found


def folder(name: str) -> Folder:
    return folders()[name]


def mistakes(*names: str) -> list[tuple[str, str, str, str]]:
    """Exercise, mistake, the scenario in which it shows, and a program with it."""
    return [
        (name, mistake.name, mistake.scenario, code)
        for name in names or NAMES
        for key, mistake in folder(name).words.mistakes.items()
        for code in folder(name).mistakes[key]
    ]


def right(*names: str) -> list[tuple[str, str, str]]:
    """Exercise, a title, and a program that is right; only those that this system can run."""
    rows = []
    for name in names or NAMES:
        found = folder(name)
        rows += [(name, title, found.program(title)) for title in ("solution", "other_way")]
        rows += [(name, title, code) for title, code in found.ways.items()]
    return [row for row in rows if _can_run(row[2])]


def _can_run(code: str) -> bool:
    if sys.platform == "win32" and ("asyncio" in code or ".sendmsg(" in code):
        return False  # asyncio makes its calls past Python's sockets; there is no sendmsg()
    if sys.platform != "linux" and "os.sendfile" in code:
        return False  # nobody records it, and only Linux tells that it waits
    return all(hasattr(select, name) or f"select.{name}(" not in code for name in ("poll", "epoll"))


@contextmanager
def program(code: str, name: str, title: str = "wrong") -> Iterator[Callable[..., Any]]:
    """The function of a program, as a cell defines it: sockets are recorded. They are closed."""
    with recording():
        function = load(code, name, title)
        try:
            yield function
        finally:
            close_what_it_keeps(function)


def solution(name: str) -> str:
    return folder(name).program("solution")


def ids(rows: list[tuple[str, ...]]) -> list[str]:
    return [f"{row[0]}: {row[1]}" for row in rows]


def without_words(own: Words, facts: dict[str, Any]) -> Iterator[str]:
    """The keys of these facts that would be shown as they are."""
    for fact, value in facts.items():
        who, _, key = fact.rpartition(".")
        if find(key, own.facts, check_words()["facts"]) is None:
            yield fact
        if who and find(who, check_words()["who"]) is None:
            yield fact
        for each in value if isinstance(value, tuple) else (value,):
            is_key = isinstance(each, Key if fact == "returned" else str)
            shared = check_words()["ended" if fact == "ended" else "values"]
            if is_key and type(each) is not Quoted and find(each, own.values, shared) is None:
                yield f"{fact}: {each}"
