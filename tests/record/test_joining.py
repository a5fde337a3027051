"""A cell that waits for a thread, which waits for a socket, is told of it and of both."""

from __future__ import annotations

import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any

import pytest
from servers import Connection, connected

from helpers import Deadlock, patience
from helpers.record.record import record
from helpers.record.system_calls import is_told

pytestmark = pytest.mark.usefixtures("recorded")

Start = Callable[[Callable[[], object]], Callable[[], object]]


def by_join(work: Callable[[], object]) -> Callable[[], object]:
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    return thread.join


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    made = ThreadPoolExecutor(1, "worker")
    yield made
    made.shutdown(wait=False)
    for thread in made._threads:
        thread.join(5)


@pytest.fixture(params=["join", "result", "exception", "shutdown"])
def start(request: pytest.FixtureRequest, pool: ThreadPoolExecutor) -> Start:
    if request.param == "join":
        return by_join
    if request.param == "shutdown":
        return lambda work: (pool.submit(work), pool.shutdown)[1]
    return lambda work: getattr(pool.submit(work), request.param)  # type: ignore[no-any-return]


def test_a_thread_that_waits_for_this_cell_is_a_deadlock_at_once(
    start: Start, connection: Connection
) -> None:
    client, conn = connection
    wait = start(lambda: conn.recv(9))
    began = time.monotonic()
    with pytest.raises(Deadlock, match="every side waits") as told:
        wait()
    assert time.monotonic() - began < 5
    assert re.search(r"this cell +waits in \w+\(\) for worker\w* to finish", str(told.value))
    assert re.search(r"worker\w* +waits in conn.recv\(9\) for", str(told.value))
    client.sendall(b"x")
    wait()


def test_a_thread_that_waits_for_a_client_ends_the_patience(
    start: Start, listener: socket.socket
) -> None:
    patience(0.3)
    wait = start(lambda: listener.accept()[0].close())
    with pytest.raises(Deadlock, match=r"waited for 0\.3 s, and nothing came") as told:
        wait()
    assert "waits in listener.accept() for a client" in str(told.value)
    connected(listener).close()
    wait()


@pytest.mark.linux_only  # elsewhere a wait in C is not seen
@pytest.mark.parametrize("what", [threading.Lock, threading.Event, threading.Semaphore])
def test_a_thread_that_waits_for_another_one_ends_the_patience(
    start: Start, connection: Connection, what: Callable[[], Any]
) -> None:
    if not is_told():
        pytest.skip("this system does not tell in which call a thread sleeps")
    patience(0.3)
    _, conn = connection
    thing = what()
    take, give = ("wait", "set") if what is threading.Event else ("acquire", "release")
    if what is not threading.Event:
        thing.acquire()

    def work() -> None:
        conn.sendall(b"x")
        getattr(thing, take)()

    wait = start(work)
    try:
        with pytest.raises(Deadlock, match=r"waited for 0\.3 s, and nothing came") as told:
            wait()
    finally:
        getattr(thing, give)()
    assert re.search(r"worker\S* +waits for another thread", str(told.value))
    assert re.search(r"this cell +waits in \w+\(\) for worker\S* to finish", str(told.value))
    wait()


def test_a_thread_that_is_busy_or_idle_is_waited_for(start: Start, connection: Connection) -> None:
    patience(0.05)
    client, conn = connection
    enough = threading.Event()

    def work() -> None:
        conn.sendall(b"x")
        enough.wait()
        sum(range(1_000_000))

    timer = threading.Timer(0.4, enough.set)
    timer.start()
    start(work)()
    assert enough.is_set()
    timer.join()
    assert client.recv(1) == b"x"


def test_a_thread_whose_clients_come_is_waited_for(start: Start, listener: socket.socket) -> None:
    """Each of them comes before the patience ends; all of them take longer."""
    patience(0.6)

    def serve() -> None:
        for _ in range(5):
            listener.accept()[0].close()

    def visit() -> None:
        for _ in range(5):
            time.sleep(0.2)
            connected(listener).close()

    visitor = threading.Thread(target=visit)
    visitor.start()
    start(serve)()
    visitor.join()


def test_a_thread_with_a_limit_of_its_own_is_waited_for(
    start: Start, listener: socket.socket
) -> None:
    patience(0.05)
    listener.settimeout(0.3)
    seen: list[Exception] = []

    def serve() -> None:
        try:
            listener.accept()
        except TimeoutError as error:
            seen.append(error)

    start(serve)()
    assert seen


def test_waits_with_a_limit_and_those_of_other_threads_are_plain(connection: Connection) -> None:
    client, conn = connection
    thread = threading.Thread(target=conn.recv, args=(1,))
    thread.start()
    thread.join(0.05)
    joiner = threading.Thread(target=thread.join)
    joiner.start()
    joiner.join(0.1)
    assert joiner.is_alive()
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(lambda: 5)
        assert result.result(5) == 5
        with pytest.raises(TimeoutError):
            Future[int]().result(0.01)
    client.sendall(b"x")
    joiner.join()
    assert record.actors.cell is not None
    assert record.actors.cell.wait is None


def test_errors_of_join_and_result_are_the_plain_ones() -> None:
    with pytest.raises(RuntimeError, match="cannot join thread before it is started"):
        threading.Thread().join()
    with pytest.raises(RuntimeError, match="cannot join current thread"):
        threading.current_thread().join()
    with ThreadPoolExecutor(1) as pool, pytest.raises(TimeoutError, match="of its own"):
        pool.submit(fail, TimeoutError("of its own")).result()
    never: Future[Any] = Future()
    never.cancel()
    with pytest.raises(CancelledError):
        never.result()


def fail(error: Exception) -> None:
    raise error


def test_a_queue_between_them_is_left_alone(connection: Connection) -> None:
    """Nobody can tell which thread it waits for."""
    items: queue.Queue[bytes] = queue.Queue()
    client, conn = connection
    client.sendall(b"x")
    thread = threading.Thread(target=lambda: items.put(conn.recv(1)))
    thread.start()
    assert items.get() == b"x"
    thread.join()
