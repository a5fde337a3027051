"""The wire alone: what each side does to it, and what it tells of the causes. No socket here."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.record.streams import Endpoint, Origin, Timestamp
from helpers.record.wire import Wire

SERVER = ("127.0.0.1", 8888)
CLIENT = ("127.0.0.1", 40000)


def at(clock: int) -> Timestamp:
    return Timestamp(clock, clock)


def told(origins: Any) -> list[tuple[int | None, str, int]]:
    """Each cause as (its event, what crossed, how many bytes)."""
    return [(each and each.event, kind, size) for each, kind, size in origins]


def connected(wire: Wire) -> tuple[Endpoint, Endpoint]:
    """The client's end and the server's, with a listener that is closed again."""
    listener = wire.listen(SERVER, at(1))
    pending = wire.connecting(listener, at(2))
    assert wire.handed_over(pending, CLIENT, SERVER)
    assert wire.accepted(listener, CLIENT) is pending
    wire.stop_listening(listener, at(3))
    assert pending.endpoint.peer is not None
    return pending.endpoint, pending.endpoint.peer


# --- bytes --------------------------------------------------------------------------------------


def test_a_receive_learns_of_each_send_how_much_it_got() -> None:
    client, server = connected(Wire())
    client.outgoing.put(3, 10, 10)
    client.outgoing.put(4, 11, 11)
    assert not server.expects_nothing
    assert told(server.incoming.take(5)) == [(10, "data", 3), (11, "data", 2)]
    assert told(server.incoming.take(2)) == [(11, "data", 2)]
    assert server.expects_nothing


def test_what_was_not_sent_never_arrives() -> None:
    client, server = connected(Wire())
    first = client.outgoing.put(10, 10, 10)
    client.outgoing.put(1, 11, 11)
    client.outgoing.take_back(first, 6)
    assert client.outgoing.in_flight == 5
    assert told(server.incoming.take(5)) == [(10, "data", 4), (11, "data", 1)]


def test_bytes_from_outside_have_no_cause() -> None:
    wire = Wire()
    end = wire.connected(SERVER, CLIENT)
    assert told(end.incoming.take(5)) == []
    assert (end.incoming.in_flight, end.peer_is_tracked) == (0, False)


# --- the end ------------------------------------------------------------------------------------


def test_an_end_is_counted_and_has_a_cause_each_time_it_is_read() -> None:
    client, server = connected(Wire())
    client.shut_write(at(10))
    assert told(server.read_end()) == told(server.read_end()) == [(10, "end", 0)]
    assert server.eof_reads == 2


def test_who_shuts_the_reading_side_reads_an_end_at_once() -> None:
    client, server = connected(Wire())
    server.shut_read(at(10))
    assert told(server.read_end()) == [(10, "end", 0)]
    assert client.incoming.end is None


@pytest.mark.parametrize(
    ("unread", "tracked", "abort", "kind"),
    [
        (0, True, False, "end"),
        (1, True, False, "reset"),
        (1, False, False, "end"),  # a child may have read it
        (0, True, True, "reset"),
    ],
)
def test_a_close_sends_an_end_or_a_reset(
    unread: int, tracked: bool, abort: bool, kind: str
) -> None:
    wire = Wire()
    client, server = connected(wire)
    client.outgoing.put(unread, 10, 10)
    server.tracked = tracked
    wire.release(server, at(11), abort)
    assert told(client.read_end()) == [(11, kind, 0)]


def test_a_reset_overrules_an_end_and_nothing_overrules_a_reset() -> None:
    client, server = connected(Wire())
    client.shut_write(at(10))
    client.release(at(11), abort=True)
    client.outgoing.finish(at(12), "end")
    client.outgoing.finish(at(13), "reset")
    assert told(server.read_end()) == [(11, "reset", 0)]


def test_the_last_handle_closes_an_end_and_both_ends_free_the_addresses() -> None:
    wire = Wire()
    client, server = connected(wire)
    assert wire.adopted(CLIENT, SERVER) is client
    wire.release(client, at(10), abort=False)
    assert not client.closed
    wire.release(client, at(11), abort=False)
    assert client.closed
    wire.release(client, at(12), abort=False)  # of somebody who has closed it twice
    assert told(server.read_end()) == [(11, "end", 0)]
    assert len(wire.endpoints) == 2
    wire.release(server, at(13), abort=False)
    assert not wire.endpoints


@pytest.mark.parametrize(
    ("error", "counts", "origins"),
    [
        (BlockingIOError(), (1, 0), []),
        (ConnectionResetError(), (0, 1), [(10, "reset", 0)]),
        (TimeoutError(), (0, 0), []),
    ],
)
def test_an_error_is_counted_at_the_end_that_met_it(
    error: OSError, counts: tuple[int, int], origins: list[Origin]
) -> None:
    client, server = connected(Wire())
    client.release(at(10), abort=True)
    assert told(server.failed(error)) == origins
    assert (server.would_block_count, server.connection_errors) == counts


# --- listeners ----------------------------------------------------------------------------------


def test_an_accept_takes_the_connect_with_the_address_that_it_returned() -> None:
    wire = Wire()
    listener = wire.listen(SERVER, at(1))
    first, second = wire.connecting(listener, at(2)), wire.connecting(listener, at(3))
    wire.handed_over(first, CLIENT, SERVER)
    wire.handed_over(second, ("127.0.0.1", 40001), SERVER)
    assert wire.accepted(listener, ("127.0.0.1", 50000)) is None  # from outside
    assert wire.accepted(listener, ("127.0.0.1", 40001)) is second
    assert wire.accepted(listener, ("::ffff:127.0.0.1", 40000, 0, 0)) is first
    assert not listener.accept_queue


def test_an_accept_at_a_unix_socket_takes_the_first_as_clients_have_no_address() -> None:
    wire = Wire()
    listener = wire.listen("/a/path", at(1))
    first, second = wire.connecting(listener, at(2)), wire.connecting(listener, at(3))
    assert wire.accepted(listener, "") is first
    assert wire.accepted(listener, "") is second


def test_a_connect_that_failed_waits_in_no_queue() -> None:
    wire = Wire()
    listener = wire.listen(SERVER, at(1))
    pending = wire.connecting(listener, at(2))
    wire.handed_over(pending, CLIENT, SERVER)
    wire.not_connected(pending)
    wire.not_connected(pending)
    assert (listener.accept_queue, wire.endpoints) == ([], {})


def test_who_waits_in_the_queue_of_a_listener_that_closes_gets_a_reset() -> None:
    wire = Wire()
    listener = wire.listen(SERVER, at(1))
    pending = wire.connecting(listener, at(2))
    wire.handed_over(pending, CLIENT, SERVER)
    listener.handles += 1
    wire.stop_listening(listener, at(3))
    assert wire.listeners == [listener]
    wire.stop_listening(listener, at(4))
    assert (wire.listeners, listener.accept_queue) == ([], [])
    assert told(pending.endpoint.read_end()) == [(4, "reset", 0)]
    wire.release(pending.endpoint, at(5), abort=False)
    assert not wire.endpoints


@pytest.mark.parametrize("first", [("0.0.0.0", 8888), ("::", 8888)])
def test_the_listener_at_the_very_address_is_reached_first(first: tuple[str, int]) -> None:
    wire = Wire()
    wire.listen(first, at(1))
    exact = wire.listen(SERVER, at(2))
    wire.listen(first, at(3))
    assert wire.listener_at(SERVER) is exact
    assert wire.listener_at(("127.0.0.1", 8889)) is None


def test_what_a_child_may_use_is_not_tracked_any_more() -> None:
    wire = Wire()
    client, server = connected(wire)
    listener = wire.listen(("127.0.0.1", 8889), at(4))
    earlier = wire.connecting(listener, at(5))
    wire.untrack()
    later = wire.connecting(listener, at(6))
    ends = client, server, earlier.endpoint, later.endpoint
    assert not any(end.tracked or end.peer_is_tracked for end in ends)


# --- datagrams ----------------------------------------------------------------------------------


def test_a_datagram_may_be_sent_before_its_receiver_is_known() -> None:
    queues = Wire().datagrams
    (early,) = queues.queues_at(("127.0.0.1", 5000))
    assert queues.open(("0.0.0.0", 5000)) is early
    assert queues.queues_at(("127.0.0.1", 5000)) == (early,)
    early.handles += 1
    queues.close(early)
    assert list(queues.by_address) == [("0.0.0.0", 5000)]
    queues.close(early)
    assert not queues.by_address
