"""Systems other than Linux: the same promises, by psutil."""

from __future__ import annotations

import importlib
import socket
import sys
from typing import NoReturn

import pytest
from rooms import (
    LOOPBACK,
    Room,
    address_of,
    rows_in_use,
    wait_until_readable,
)

from helpers.kernel import psutil as kernel_elsewhere
from helpers.kernel.view import NOT_AVAILABLE, kernel_view


@pytest.mark.posix_only
@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_psutil_tells_the_state(room: Room) -> None:
    new = room.keep(socket.socket())
    bound = room.keep(socket.socket())
    bound.bind((LOOPBACK, 0))
    listener = room.listener()
    client = room.client(listener)
    conn = room.keep(listener.accept()[0])
    client.shutdown(socket.SHUT_WR)
    wait_until_readable(conn)
    view = kernel_view(new, bound, listener, conn)
    assert [row.state for row in view] == ["CLOSE", "CLOSE", "LISTEN", "CLOSE_WAIT"]
    assert (view[2].queue_used, view[2].queue_limit) == (NOT_AVAILABLE, NOT_AVAILABLE)
    assert (view[3].to_read, view[3].unacknowledged) == (0, NOT_AVAILABLE)
    assert str(view).endswith("n/a: not available on this system")


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_sockets_without_a_descriptor_are_known_by_their_addresses(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = kernel_elsewhere._connections
    monkeypatch.setattr(
        kernel_elsewhere,
        "_connections",
        lambda: [connection._replace(fd=-1) for connection in known() or ()],
    )
    client, conn = room.pair()
    client.close()
    wait_until_readable(conn)
    new = room.keep(socket.socket())
    listener = room.listener()
    states = [row.state for row in kernel_view(conn, new, listener)]
    assert states == ["CLOSE_WAIT", "CLOSE", "LISTEN"]


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_an_address_finds_its_sockets(room: Room) -> None:
    listener = room.listener()
    client = room.client(listener)
    room.keep(listener.accept()[0])
    view = rows_in_use(listener.getsockname())
    assert [row.state for row in view] == ["LISTEN", "ESTABLISHED", "ESTABLISHED"]
    assert (view[2].local, view[2].remote) == (address_of(client), address_of(listener))
    assert (view[0].queue_used, view[1].to_read) == (NOT_AVAILABLE, NOT_AVAILABLE)


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_without_permission_only_own_sockets_are_shown_and_it_says_so(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    psutil = importlib.import_module("psutil")

    def refuse(kind: str) -> NoReturn:
        raise psutil.AccessDenied(1)

    monkeypatch.setattr(psutil, "net_connections", refuse)
    listener = room.listener()
    view = kernel_view(listener.getsockname())
    assert [row.state for row in view] == ["LISTEN"]
    assert str(view).endswith(
        "\n\nSockets in TIME_WAIT, and those of other programs: not available on this system."
    )


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_without_psutil_a_state_is_not_available(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    listener = room.listener()
    client = room.client(listener)
    new = room.keep(socket.socket())
    view = kernel_view(new, listener, client)
    assert [row.state for row in view] == ["CLOSE", "LISTEN", NOT_AVAILABLE]
    address = listener.getsockname()
    assert "not available on this system" in str(kernel_view(address))


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_udp_and_closed_sockets_have_rows_too(room: Room) -> None:
    udp = room.keep(socket.socket(type=socket.SOCK_DGRAM))
    udp.bind((LOOPBACK, 0))
    closed = socket.socket()
    closed.close()
    view = kernel_view(udp, closed)
    assert [row.state for row in view] == [None, "closed"]
    assert view[0].to_read == NOT_AVAILABLE
