"""Coroutine functions in a check: in a loop of their own thread, cancelled, and what they leave."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from judged import folder, get, program

from helpers import recording
from helpers.exercises.coroutines import Call, Handlers
from helpers.exercises.engine import Exercise
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage

pytestmark = pytest.mark.posix_only  # on Windows asyncio makes its calls past Python's sockets


def play(scene: Callable[[Stage], None], function: Callable[..., Any]) -> Stage:
    with recording():
        return Exercise.play(Scenario("", scene, {}), function, time.monotonic() + 5)


def test_a_coroutine_function_runs_in_a_loop_of_another_thread() -> None:
    async def where() -> bool:
        await asyncio.sleep(0)
        return threading.current_thread() is threading.main_thread()

    def scene(stage: Stage) -> None:
        stage.start(within=Call().run)
        stage.finish()

    async def check_in_a_notebook() -> Stage:
        return play(scene, where)  # a loop runs in this thread already, as in a kernel

    for stage in (play(scene, where), asyncio.run(check_in_a_notebook())):
        assert stage.facts == {"ended": "returned", "returned": False}


async def waits(address: Any) -> None:
    reader, writer = await asyncio.open_connection(*address)
    await reader.read()
    writer.close()


async def loses_a_task(address: Any) -> None:
    task = asyncio.create_task(waits(address))
    await asyncio.wait([task])


@pytest.mark.parametrize(("function", "tasks"), [(waits, 0), (loses_a_task, 1)])
def test_what_it_leaves_is_counted_and_closed(function: Callable[..., Any], tasks: int) -> None:
    call = Call()

    def scene(stage: Stage) -> None:
        listener = stage.listen()
        stage.start(listener.getsockname(), within=call.run)
        conn = stage.accept(listener, "server")
        assert conn is not None
        call.cancel()
        stage.settle()
        assert stage.read(conn)[1] == "end"
        stage.finish()

    assert play(scene, function).facts == {"ended": "raised CancelledError"}
    assert (call.left_running, call.left_connected) == (tasks, 1)


async def fails_in_its_own_line(reader: asyncio.StreamReader, writer: Any) -> None:
    raise ValueError("here")


async def fails_in_a_call(reader: asyncio.StreamReader, writer: Any) -> None:
    await reader.readexactly(-1)


@pytest.mark.parametrize(
    ("function", "calls"), [(fails_in_its_own_line, []), (fails_in_a_call, ["readexactly"])]
)
def test_an_error_of_a_handler_ends_the_run_at_its_line(
    function: Callable[..., Any], calls: list[str]
) -> None:
    raised_in: list[str] = []

    def scene(stage: Stage) -> None:
        stage.serves = True
        stage.start(stage.listen(), within=Handlers(raised_in.append).serve)
        stage.connect(stage.address, "client")
        stage.stand()

    stage = play(scene, function)
    assert stage.facts == {"ended": "raised ValueError"}
    assert raised_in == calls
    assert stage.run.where is not None
    assert stage.run.where.line == function.__code__.co_firstlineno + 1


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ("writer.drain()", "drain"),
        ("writer.wait_closed()", "wait_closed"),
        ("reader.read(4096)", "read"),
    ],
)
def test_an_await_that_is_missing_is_named(wrong: str, name: str) -> None:
    code = folder("echo_async").program("solution").replace(f"await {wrong}", wrong)
    with program(code, "echo_async") as function:
        report = get("echo_async").check(function)
    assert (report.outcome, report.mistake) == ("incorrect", "an await is missing"), str(report)
    assert f"Your function called {name}() without await" in str(report)


def test_a_loop_in_which_no_await_waits_is_no_function_that_is_slow() -> None:
    async def spins(reader: asyncio.StreamReader, writer: Any) -> None:
        while True:
            await reader.read(10)

    def scene(stage: Stage) -> None:
        stage.serves = True
        stage.start(stage.listen(), within=Handlers().serve)
        with stage.connect(stage.address, "client") as client:
            client.shutdown(socket.SHUT_WR)
            stage.stand()

    assert play(scene, spins).facts == {"ended": "keeps_the_loop"}
