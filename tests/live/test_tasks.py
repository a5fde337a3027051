"""A live server that runs an event loop: where each of its tasks stands, and how it ends."""

from __future__ import annotations

import asyncio
import functools
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from load import busy_cores
from servers import HERE

from helpers import LiveServer

pytestmark = [
    pytest.mark.usefixtures("recorded"),
    pytest.mark.posix_only,  # on Windows asyncio makes its calls past Python's sockets
]


@contextmanager
def aborted(writer: asyncio.StreamWriter) -> Iterator[None]:
    """Closed at the end, whatever is unsent."""
    try:
        yield
    finally:
        writer.transport.abort()


async def reads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with aborted(writer):
        await reader.read(100)


async def drains(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with aborted(writer):
        writer.write(bytes(20_000_000))
        await writer.drain()


async def reads_a_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with aborted(writer):
        await asyncio.wait_for(reader.readline(), 60)


@pytest.mark.parametrize(
    ("handler", "waits_in", "line"),
    [
        (reads, "read()", "await reader.read(100)"),
        (drains, "drain()", "await writer.drain()"),
        (reads_a_line, "wait_for()", "await asyncio.wait_for(reader.readline(), 60)"),
    ],
)
def test_a_task_of_a_client_stands_at_its_await(
    handler: Callable[..., Awaitable[None]], waits_in: str, line: str
) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(handler, *HERE)
        await server.serve_forever()

    with LiveServer(serve) as live, socket.create_connection(live.address):
        where = str(live.settle().where)
        assert where.startswith("serve: waiting in select(), in its event loop, until a task can")
        assert "--->" in where.splitlines()[3]
        assert where.splitlines()[3].endswith("await server.serve_forever()")
        assert f"     a task waits in {waits_in}:" in where
        assert [row for row in where.splitlines() if row.startswith("--->")][-1].endswith(line)


async def forever() -> None:
    server = await asyncio.start_server(reads, *HERE)
    await server.serve_forever()


async def sleeps() -> None:
    await asyncio.sleep(60)


async def gathers() -> None:
    await asyncio.gather(sleeps(), sleeps())


async def wants_the_lock() -> None:
    lock = asyncio.Lock()
    await lock.acquire()
    async with lock:
        pass


async def gets() -> None:
    await asyncio.Queue[int]().get()


async def waits_for_a_task() -> None:
    await asyncio.create_task(sleeps())


async def waits_for_a_future() -> None:
    await asyncio.get_running_loop().create_future()


async def has_a_group() -> None:
    async with asyncio.TaskGroup() as g:
        g.create_task(sleeps())


async def has_gone_to_a_thread() -> None:
    with socket.create_server(HERE) as listener:
        await asyncio.to_thread(listener.accept)


async def is_cancelled() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_soon(task.cancel)
    try:
        await sleeps()
    finally:
        await asyncio.Event().wait()


async def generates() -> None:
    async def numbers() -> Any:
        await asyncio.sleep(60)
        yield 1

    async for _ in numbers():
        pass


@pytest.mark.parametrize(
    ("work", "state", "line"),
    [
        (sleeps, "waits in sleep()", "await asyncio.sleep(60)"),
        (gathers, "waits in gather()", "await asyncio.gather(sleeps(), sleeps())"),
        (wants_the_lock, "waits in acquire()", "async with lock:"),
        (gets, "waits in get()", "await asyncio.Queue[int]().get()"),
        (waits_for_a_task, "waits for another task", "await asyncio.create_task(sleeps())"),
        (
            waits_for_a_future,
            "waits for a future",
            "await asyncio.get_running_loop().create_future()",
        ),
        (has_a_group, "waits for the tasks of its group", "async with asyncio.TaskGroup() as g:"),
        (
            has_gone_to_a_thread,
            "waits in to_thread()",
            "await asyncio.to_thread(listener.accept)",
        ),
        (is_cancelled, "is being cancelled, and waits in wait()", "await asyncio.Event().wait()"),
        (generates, "waits in sleep()", "await asyncio.sleep(60)"),
    ],
)  # fmt: skip
def test_a_task_stands_at_its_await(
    work: Callable[[], Coroutine[Any, Any, None]], state: str, line: str
) -> None:
    async def main() -> None:
        await asyncio.gather(asyncio.create_task(work(), name="the one"), forever())

    with LiveServer(main) as live:
        assert live.address
        shown = str(live.settle().where).split("     task 'the one' ")[1]
        assert shown.startswith(f"{state}:")
        rows = [
            row for row in shown.split("\n     a task")[0].splitlines() if row.startswith("--->")
        ]
        assert rows[-1].endswith(line)


def test_a_task_that_has_not_begun_says_so() -> None:
    async def blocks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(sleeps())
        with aborted(writer), socket.create_server(HERE) as listener:
            listener.accept()
        await task

    async def serve() -> None:
        server = await asyncio.start_server(blocks, *HERE)
        await server.serve_forever()

    with LiveServer(serve) as live, socket.create_connection(live.address):
        where = live.settle().where
        shown = str(where)
        assert where.call == "accept"
        assert where.line == blocks.__code__.co_firstlineno + 3
    assert "waiting in accept() for a client; its event loop stands still" in shown
    assert "     the task that runs:" in shown
    assert "     a task has not begun:" in shown


def test_tasks_that_stand_at_one_place_are_one_block() -> None:
    async def serve() -> None:
        server = await asyncio.start_server(reads, *HERE)
        await server.serve_forever()

    with LiveServer(serve) as live:
        clients = [socket.create_connection(live.address) for _ in range(30)]
        shown = str(live.settle().where)
        for client in clients:
            client.close()
    assert shown.count("30 tasks, and each waits in read():") == 1
    assert shown.count("await reader.read(100)") == 1


def test_many_places_are_cut() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(sleeps(), name=f"number {each}") for each in range(20)]
        await asyncio.gather(*tasks, forever())

    with LiveServer(main) as live:
        assert live.address
        shown = str(live.settle().where)
    assert shown.count("task 'number") == 7  # and the one of the server
    assert shown.endswith("     and 13 more tasks")


def test_a_name_of_a_task_is_escaped() -> None:
    async def main() -> None:
        await asyncio.gather(asyncio.create_task(sleeps(), name="<b>\x1b[2J"), forever())

    with LiveServer(main) as live:
        assert live.address
        where = live.settle().where
        assert "\x1b" not in where.text() + where.html()
        assert "<b>\\x1b" not in where.html()


# --- how it is run, and how it ends -------------------------------------------------------------


async def adds(first: int, second: int = 0) -> int:
    await asyncio.sleep(0)
    return first + second


class Adds:
    async def __call__(self, first: int, second: int) -> int:
        return await adds(first, second)

    async def method(self, first: int, second: int) -> int:
        return await adds(first, second)


@pytest.mark.parametrize(
    "target", [adds, functools.partial(adds), lambda *each: adds(*each), Adds(), Adds().method]
)
def test_whatever_gives_a_coroutine_is_run_to_its_end(target: Callable[..., Any]) -> None:
    live = LiveServer(target, 1, 2).start()
    assert live.result() == 3
    assert live.where.state == "finished"


def test_an_error_of_the_coroutine_is_raised_and_shown_at_its_line() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("here")

    live = LiveServer(fails).start()
    with pytest.raises(ValueError, match="here"):
        live.result()
    assert live.where.line == fails.__code__.co_firstlineno + 2


def test_stop_ends_a_loop_in_which_a_task_blocks() -> None:
    ended = []

    async def blocks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with aborted(writer), socket.create_server(HERE) as listener:
            listener.accept()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(1)
        finally:
            writer.close()
            await writer.wait_closed()
            ended.append("a task that waits")

    async def serve() -> None:
        quiet = await asyncio.start_server(waits, *HERE)
        async with quiet:
            _, writer = await asyncio.open_connection(*quiet.sockets[0].getsockname())
            server = await asyncio.start_server(blocks, *HERE)
            addresses.append(server.sockets[0].getsockname())
            with aborted(writer):
                await server.serve_forever()

    addresses: list[Any] = []
    live = LiveServer(serve).start()
    assert live.address
    live.settle()
    with socket.create_connection(addresses[0]):
        assert live.settle().where.call == "accept"
        live.stop()
    assert live.where.reason == "finished: stopped"
    assert live.log == ""
    assert ended == ["a task that waits"]


def test_the_tasks_of_a_live_server_are_seen_while_they_come_and_go() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(100))
        writer.close()
        await writer.wait_closed()

    async def serve() -> None:
        server = await asyncio.start_server(echo, *HERE)
        await server.serve_forever()

    with busy_cores(), LiveServer(serve) as live:
        for _ in range(50):
            with socket.create_connection(live.address) as client:
                live.snapshot()
                client.sendall(b"x")
                live.snapshot()
                assert client.recv(10) == b"x"
        assert live.settle().where.others == ()
