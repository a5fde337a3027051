"""TLS between a cell and a live server: any methods, sizes and ends. Nothing hangs, or is left."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

import pytest
import trustme
from servers import HERE, recv_exactly
from tls_programs import LIMIT, NAME, TLS

from helpers import LiveServer
from helpers.record.record import record
from soak.plan import Soak


@pytest.fixture(scope="module")
def tls() -> TLS:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(NAME, HERE[0]).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return TLS(server, client)


def read_into(sock: ssl.SSLSocket) -> bytes:
    room = bytearray(700)
    return bytes(room[: sock.recv_into(room)])


READS: list[Callable[[ssl.SSLSocket], bytes]] = [
    lambda sock: sock.recv(1000),
    lambda sock: sock.read(30_000),
    read_into,
]


def server_of(tls: TLS, soak: Soak) -> LiveServer:
    """It echoes to one client after the other, whatever they do."""
    wrapped, read = soak.chance.random() < 0.5, soak.chance.choice(READS)

    def serve(conn: ssl.SSLSocket) -> None:
        with conn:
            while data := read(conn):
                conn.sendall(data)

    def tls_server() -> None:
        with socket.create_server(HERE) as plain:
            if wrapped:
                plain = tls.server.wrap_socket(plain, server_side=True)
            with plain as listener:
                while True:
                    with suppress(OSError):
                        conn, _ = listener.accept()
                        with conn:
                            serve(conn if wrapped else tls.server.wrap_socket(conn, True))

    return LiveServer(tls_server)


def talk(client: ssl.SSLSocket, soak: Soak) -> None:
    """Some questions, each answered before the next: nobody fills all the buffers."""
    for _ in range(soak.chance.randint(0, 5)):
        data = soak.chance.randbytes(soak.chance.choice([1, 5, 1000, 16_384, 40_000]))
        soak.chance.choice([client.sendall, client.send, client.write])(data)
        assert recv_exactly(client, len(data)) == data


def one_client(tls: TLS, server: LiveServer, soak: Soak) -> None:
    raw = socket.create_connection(server.address)
    raw.settimeout(soak.chance.choice([None, LIMIT]))
    end = soak.chance.choice(["close", "unwrap", "silent", "garbage", "shutdown"])
    if end in ("silent", "garbage"):
        with raw:
            if end == "garbage":
                raw.sendall(b"?" * 50)
            elif soak.chance.random() < 0.5:
                assert server.settle().where.state == "waiting"
        return
    with tls.client.wrap_socket(raw, server_hostname=NAME) as client:
        talk(client, soak)
        if end == "unwrap":
            with suppress(OSError):  # the server does not answer it: it closes
                client.unwrap()
        elif end == "shutdown":
            client.shutdown(socket.SHUT_RDWR)


def test_any_use_of_tls(tls: TLS, soak: Soak, recorded: None) -> None:
    for _ in range(soak.times(4)):
        record.log.clear()
        server = server_of(tls, soak).start()
        for _ in range(5):
            soak.done += 1
            one_client(tls, server, soak)
        server.stop()
        order = {each.number: place for place, each in enumerate(record.events())}
        above = [
            (each.call, cause.kind, each.error)
            for each in record.events()
            for cause in each.causes
            if order.get(cause.event, -1) > order[each.number]
        ]
        assert above == []
        assert not record.wire.endpoints
        assert not record.waiting_calls()
