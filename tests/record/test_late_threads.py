"""On a busy machine a thread may come to run late: it is waited for, however small the patience."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from tls_programs import NAME, TLS

from helpers import Deadlock, LiveServer, patience
from helpers.record.model import Wait
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.streams import Timestamp
from helpers.record.wakeup import Waker

TIMES = 3
"""So often the cell's patience ends before the other threads go on."""


@pytest.fixture(autouse=True)
def late(recorded: None, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Threads other than the cell's do not come out of their waits, as if they had no processor."""
    patience(0.05)
    cell, go_on, asked = threading.current_thread(), threading.Event(), list[None]()
    plain_wait, plain_patience = Waker.wait, record.waiting.be_patient

    def wait(waker: Waker, fd: int | None, write: bool, timeout: float | None) -> tuple[bool, bool]:
        ready = plain_wait(waker, fd, write, timeout)
        if threading.current_thread() is not cell and fd is not None and ready[0]:
            assert go_on.wait(60)
        return ready

    def be_patient(*arguments: Any) -> float:
        asked.append(None)
        if len(asked) >= TIMES:
            go_on.set()
        return plain_patience(*arguments)

    monkeypatch.setattr(Waker, "wait", wait)
    monkeypatch.setattr(record.waiting, "be_patient", be_patient)
    return asked


def accepts(listener: socket.socket) -> None:
    with listener.accept()[0] as conn:
        conn.sendall(b"at last")


def answers(listener: socket.socket) -> None:
    with listener.accept()[0] as conn:
        conn.sendall(conn.recv(10))


def selects(listener: socket.socket) -> None:
    select.select([listener], [], [])
    with listener.accept()[0] as conn:
        select.select([conn], [], [])
        conn.sendall(conn.recv(10))


def hands_on(listener: socket.socket) -> None:
    """It waits for another one, which is late."""
    with socket.create_server(("127.0.0.1", 0)) as own:
        other = threading.Thread(target=answers, args=(own,))
        other.start()
        with (
            socket.create_connection(own.getsockname()) as onward,
            listener.accept()[0] as conn,
        ):
            onward.sendall(conn.recv(10))
            select.select([onward], [], [])
            conn.sendall(onward.recv(10))
        other.join()


WAITS: dict[str, Callable[[socket.socket], bytes]] = {
    "recv": lambda sock: sock.recv(1),
    "recv_into": lambda sock: bytes(sock.recv_into(bytearray(1))),
    "recvmsg": lambda sock: sock.recvmsg(1)[0],
    "all": lambda sock: sock.recv(7, socket.MSG_WAITALL),
    "select": lambda sock: sock.recv(1) if select.select([sock], [], []) else b"",
    "file": lambda sock: sock.makefile("rb").read(1),
}


@pytest.mark.posix_only
@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("server", [accepts, answers, selects, hands_on])
def test_a_thread_that_is_late_is_waited_for(
    listener: socket.socket, late: list[None], server: Callable[..., None], wait: str
) -> None:
    with (
        LiveServer(server, listener) as live,
        socket.create_connection(listener.getsockname()) as client,
    ):
        client.sendall(b"at last")
        assert WAITS[wait](client)
        client.close()
        live.result(60)
    assert len(late) >= TIMES


def test_a_late_one_is_waited_for_in_tls(
    tls: TLS, listener: socket.socket, late: list[None]
) -> None:
    def serve() -> None:
        conn, _ = listener.accept()
        with tls.server.wrap_socket(conn, server_side=True) as secured:
            secured.sendall(secured.recv(10))
            secured.unwrap().close()

    with LiveServer(serve) as live:
        raw = socket.create_connection(listener.getsockname())
        with tls.client.wrap_socket(raw, server_hostname=NAME) as client:
            client.sendall(b"at last")
            assert client.recv(10) == b"at last"
            client.unwrap().close()
        live.result(60)
    assert len(late) >= TIMES


def test_result_waits_for_a_late_server(listener: socket.socket, late: list[None]) -> None:
    with (
        LiveServer(accepts, listener) as live,
        socket.create_connection(listener.getsockname()),
    ):
        live.result()
    assert len(late) >= TIMES


def test_who_is_late_itself_gets_what_has_come(late: list[None]) -> None:
    """The patience ends, and meanwhile what it waited for is there."""
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"x")
        call = record.begin(here, info_of(here), "recv", (1,))
        state = record.actors.state()
        with record.waiting.selecting(state, Wait(call, here.fileno(), False, False)):
            record.waiting.be_patient(state)
        assert here.recv(1) == b"x"


def test_an_account_that_the_system_does_not_confirm_is_not_believed_for_ever(
    listener: socket.socket,
) -> None:
    """By the account a client is there. It comes never: nobody has made the real call."""
    known = info_of(listener)
    assert known is not None
    assert known.listener is not None
    with record.lock.hold():
        record.wire.connecting(known.listener, Timestamp(1, 1))
    with pytest.raises(Deadlock, match=r"waits in listener\.accept\(\) for a client"):
        listener.accept()
