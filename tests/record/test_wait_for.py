"""The wait-for graph, on actors that are made by hand. No thread and no socket here."""

from __future__ import annotations

import pytest

from helpers.record.datagrams import Datagram, DatagramQueue
from helpers.record.events import Actor
from helpers.record.model import ActorState, Call, Wait
from helpers.record.socket_info import SocketInfo
from helpers.record.streams import Endpoint, Timestamp
from helpers.record.wait_for import Blocked, Progress, blocked_on, can_end, is_worked_on
from helpers.record.wire import Listener, PendingConnect, Wire

NOW = Timestamp(1, 1)


def actor(name: str) -> ActorState:
    return ActorState(Actor(0, name, "thread"))


def call(state: ActorState, name: str, info: SocketInfo) -> Call:
    return Call(state, info, name, (), 1)


def waits(
    state: ActorState, name: str, info: SocketInfo, bounded: bool = False, repeated: bool = False
) -> None:
    """The actor waits in this method of that socket from now on."""
    state.wait = Wait(call(state, name, info), None, False, bounded, repeated=repeated)


def connection(first: ActorState, second: ActorState) -> tuple[SocketInfo, SocketInfo]:
    """Two sockets that are connected with each other, each used by one actor."""
    here, there = SocketInfo(0, stream=True), SocketInfo(0, stream=True)
    here.endpoint, there.endpoint = Endpoint.pair()
    for info, user in ((here, first), (there, second)):
        assert info.endpoint is not None
        info.endpoint.handles = 1
        info.endpoint.owners.add(user)
    return here, there


def end_of(info: SocketInfo) -> Endpoint:
    assert info.endpoint is not None
    return info.endpoint


# --- what one wait is blocked on ----------------------------------------------------------------


@pytest.mark.parametrize(("method", "alone"), [("recv", Progress.STUCK), ("send", Progress.QUIET)])
def test_a_call_on_a_connection_is_blocked_on_who_uses_the_other_end(
    method: str, alone: Progress
) -> None:
    cell, server = actor("cell"), actor("server")
    here, there = connection(cell, server)
    waits(cell, method, here)
    assert cell.wait is not None
    assert blocked_on(cell.wait) == Blocked(alone, (server,))
    end_of(there).handles = 0  # no accept has returned it yet
    assert blocked_on(cell.wait) == Blocked(alone, None)
    end_of(there).tracked = False
    assert blocked_on(cell.wait) == Blocked(Progress.OUTSIDE)


def test_what_is_in_flight_lets_a_receive_go_on() -> None:
    cell, server = actor("cell"), actor("server")
    here, there = connection(cell, server)
    waits(cell, "recv", here)
    assert cell.wait is not None
    end_of(there).outgoing.put(1, 1, 1)
    assert blocked_on(cell.wait).progress is Progress.MOVING
    end_of(here).incoming.take(1)
    end_of(there).shut_write(NOW)
    assert blocked_on(cell.wait).progress is Progress.MOVING


def test_a_send_to_an_end_that_is_closed_goes_on() -> None:
    cell, server = actor("cell"), actor("server")
    here, there = connection(cell, server)
    waits(cell, "sendall", here)
    assert cell.wait is not None
    end_of(there).closed = True
    assert blocked_on(cell.wait).progress is Progress.MOVING


def test_an_accept_and_a_datagram_may_come_from_outside() -> None:
    cell = actor("cell")
    listener, datagram = SocketInfo(0, stream=True), SocketInfo(0, stream=False)
    listener.listener = Listener(("127.0.0.1", 80), NOW)
    datagram.datagram_queue = DatagramQueue()
    accept, receive = (
        Wait(call(cell, name, info), None, False, False)
        for name, info in (("accept", listener), ("recvfrom", datagram))
    )
    assert blocked_on(accept) == blocked_on(receive) == Blocked(Progress.OUTSIDE)
    listener.listener.accept_queue.append(PendingConnect(listener.listener, NOW, Endpoint()))
    datagram.datagram_queue.append(Datagram(NOW, 1, b"x"))
    assert blocked_on(accept) == blocked_on(receive) == Blocked(Progress.MOVING)


def test_who_waits_for_a_server_is_blocked_on_it_alone() -> None:
    server = actor("server")
    assert blocked_on(Wait(None, None, False, False, server)) == Blocked(Progress.STUCK, (server,))


def test_of_a_select_nobody_knows_who_will_end_it() -> None:
    select = Wait(None, None, False, False, several=((3, False),))
    assert blocked_on(select) == Blocked(Progress.OUTSIDE)


# --- the graph ----------------------------------------------------------------------------------


def test_two_that_wait_for_each_other_are_stuck() -> None:
    cell, server = actor("cell"), actor("server")
    here, there = connection(cell, server)
    waits(cell, "recv", here)
    waits(server, "recv", there)
    assert can_end(cell, {cell, server}) == (Progress.STUCK, [cell, server])


def test_a_circle_of_three_is_found() -> None:
    first, second, third = (actor(name) for name in ("first", "second", "third"))
    for one, other in ((first, second), (second, third), (third, first)):
        waits(one, "recv", connection(one, other)[0])
    assert can_end(first, {first, second, third}) == (Progress.STUCK, [first, second, third])


@pytest.mark.parametrize(
    ("bounded", "repeated", "progress"),
    [
        (False, False, Progress.STUCK),
        (True, False, Progress.MOVING),
        (True, True, Progress.STUCK),
    ],
)
def test_a_bystander_may_act_when_his_time_is_up_unless_he_waited_so_before(
    bounded: bool, repeated: bool, progress: Progress
) -> None:
    cell, server, bystander, gone = (actor(name) for name in ("cell", "server", "other", "gone"))
    here, there = connection(cell, server)
    waits(cell, "recv", here)
    waits(server, "recv", there)
    waits(bystander, "recv", connection(bystander, gone)[0], bounded, repeated)
    assert can_end(cell, {cell, server, bystander})[0] is progress


def test_a_bystander_who_runs_may_have_been_handed_a_socket() -> None:
    cell, server, bystander = actor("cell"), actor("server"), actor("bystander")
    here, there = connection(cell, server)
    waits(cell, "recv", here)
    waits(server, "recv", there)
    assert can_end(cell, {cell, server, bystander})[0] is Progress.MOVING


def test_a_wait_for_one_who_runs_or_whose_wait_ends_by_itself_may_end() -> None:
    cell, server = actor("cell"), actor("server")
    here, there = connection(cell, server)
    waits(cell, "recv", here)
    assert can_end(cell, {cell, server}) == (Progress.MOVING, [cell, server])
    waits(server, "recv", there, bounded=True)
    assert can_end(cell, {cell, server})[0] is Progress.MOVING


def test_nobody_is_left_who_could_answer() -> None:
    cell, server = actor("cell"), actor("server")
    here, _ = connection(cell, server)
    waits(cell, "recv", here)
    assert can_end(cell, {cell}) == (Progress.STUCK, [cell])


def test_where_a_stranger_may_speak_patience_decides() -> None:
    cell, server = actor("cell"), actor("server")
    here, _ = connection(cell, server)
    waits(cell, "recv", here)
    listener = SocketInfo(0, stream=True)
    listener.listener = Listener(("127.0.0.1", 80), NOW)
    waits(server, "accept", listener)
    assert can_end(cell, {cell, server}) == (Progress.OUTSIDE, [cell, server])


# --- who is late --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["recv", "sendall", "connect"])
@pytest.mark.parametrize("accepts", [True, False])
def test_who_may_accept_a_connection_works_on_what_is_done_with_it(
    method: str, accepts: bool
) -> None:
    """As long as nobody has waited there for a client, that is anybody."""
    cell, server, other = (actor(name) for name in ("cell", "server", "other"))
    listener = Listener(("127.0.0.1", 80), NOW)
    client = SocketInfo(0, stream=True)
    client.endpoint = Wire().connecting(listener, NOW).endpoint
    waits(cell, method, client)
    nothing = SocketInfo(0, stream=True)
    if accepts:
        listener.owners.add(server)
        waits(server, "recv", nothing)
    assert is_worked_on(cell, {cell, server, other}, lambda wait: False) is not accepts
    server.wait = None
    assert is_worked_on(cell, {cell, server, other}, lambda wait: False)


@pytest.mark.parametrize("is_trusted", [True, False])
def test_what_is_in_flight_goes_on_as_long_as_the_account_is_trusted(is_trusted: bool) -> None:
    cell, server = actor("cell"), actor("server")
    here, there = connection(cell, server)
    waits(cell, "recv", here)
    waits(server, "recv", there)
    assert not is_worked_on(cell, {cell, server}, lambda wait: is_trusted)
    end_of(here).outgoing.put(1, 1, 1)
    assert is_worked_on(cell, {cell, server}, lambda wait: is_trusted) is is_trusted
