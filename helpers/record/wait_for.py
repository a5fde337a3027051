"""The wait-for graph: can a wait still end? And if not, who waits for whom?

Rules of this file:

- It reads the wire and the actors; it changes nothing. The caller holds the record's lock.
- When in doubt, the answer is "it may still end". A wrong "never" would break a program
  that works; a wrong "maybe" only costs the learner's patience.

Theory of operation. A wait is blocked on certain actors: a recv() on those who have used the
socket at the other end. These are the edges of the graph. From the waiting actor we follow them.
If an actor on the way is running, or something is in flight, the wait may end. If all of them
wait, and each for another one of them, nobody will ever move: that is a deadlock. Unless somebody
else can move: he may have been handed one of the sockets, and will use it soon.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import IntEnum
from typing import NamedTuple

from helpers.record.methods import AGREEING, RECEIVING, SENDING
from helpers.record.model import ActorState, Call, Wait
from helpers.record.streams import Endpoint


class Progress(IntEnum):
    """What can still happen to a wait; the smaller one decides for a group of waits."""

    MOVING = 0
    """Something is in flight, or somebody is running."""
    OUTSIDE = 1
    """Only a program that is not recorded could end it."""
    QUIET = 2
    """Nobody will act; but the kernel may still be moving bytes between its buffers."""
    STUCK = 3
    """Nothing will end it."""


class Blocked(NamedTuple):
    """What one wait can come to, and its edges."""

    progress: Progress
    on: Collection[ActorState] | None = ()
    """The actors that could end it. None: anybody."""


def blocked_on(wait: Wait) -> Blocked:
    """What one wait is blocked on."""
    if wait.server is not None:
        return Blocked(Progress.STUCK, (wait.server,))
    if wait.several is not None:
        return Blocked(Progress.OUTSIDE)
    if wait.call is None:
        return Blocked(Progress.MOVING)
    return _call_blocked_on(wait.call)


def _call_blocked_on(call: Call) -> Blocked:
    endpoint = call.info.endpoint
    if call.name == "accept":
        listener = call.info.listener
        return _moving_if(listener is not None and listener.expects_a_client)
    if not call.info.connects and call.name in RECEIVING:
        return _moving_if(bool(call.info.datagram_queue))
    if endpoint is None or not endpoint.peer_is_tracked or endpoint.peer is None:
        return Blocked(Progress.OUTSIDE)
    if call.name in AGREEING:
        if endpoint.incoming.end is not None:
            return Blocked(Progress.MOVING)
        return Blocked(Progress.QUIET, _users(endpoint.peer))
    if call.name in RECEIVING:
        if endpoint.can_give(call.least):
            return Blocked(Progress.MOVING)
        return Blocked(Progress.STUCK, _users(endpoint.peer))
    if call.name in SENDING:
        if endpoint.peer.closed:
            return Blocked(Progress.MOVING)
        return Blocked(Progress.QUIET, _users(endpoint.peer))
    return Blocked(Progress.OUTSIDE)


def may_come(wait: Wait) -> bool:
    """Whether somebody connects to one of several listeners, of which this is one."""
    call = wait.call
    listener = None if call is None or call.name != "accept" else call.info.listener
    return listener is not None and bool(listener.accept_queue)


def _moving_if(in_queue: bool) -> Blocked:
    """Anybody may connect, or send a datagram: also a program that is not recorded."""
    return Blocked(Progress.MOVING if in_queue else Progress.OUTSIDE)


def _users(endpoint: Endpoint) -> Collection[ActorState] | None:
    """Who uses this end; None (anybody may) while no accept has returned it."""
    owners = tuple(endpoint.owners)  # its own actors may add themselves at any time
    return owners if owners and endpoint.handles else None


def can_end(start: ActorState, active: Collection[ActorState]) -> tuple[Progress, list[ActorState]]:
    """Whether the wait of `start` can end, and the actors that this depends on."""
    group = {start: None}
    to_visit = [start]
    worst = Progress.STUCK
    while to_visit:
        state = to_visit.pop()
        wait = state.wait
        if wait is None or (wait.bounded and state is not start):
            return Progress.MOVING, list(group)
        progress, edges = blocked_on(wait)
        worst = min(worst, progress)
        to = [] if edges is None else [each for each in edges if each in active]
        if not to and progress >= Progress.QUIET:
            to = list(active)
        for each in to:
            if each not in group:
                group[each] = None
                to_visit.append(each)
    if worst >= Progress.QUIET and any(_can_move(each) for each in active if each not in group):
        return Progress.MOVING, list(group)
    return worst, list(group)


def is_worked_on(
    start: ActorState, active: Collection[ActorState], is_trusted: Callable[[Wait], bool]
) -> bool:
    """Whether the wait of `start` goes on by itself: somebody who could end it is busy, or late.

    Who computes or sleeps will go on. So will the one whose wait is over, also `start` itself: on a
    busy machine a thread may come to run much later. Only the edges count that are known: those who
    use the socket at the other end, or may accept it, and whom they wait for in turn.

    Who stands (`ActorState.stands`) goes on only if another thread lets it: any of them may.

    `is_trusted` tells of a wait, for which something is in flight that the system does not show,
    whether the account is to be believed.
    """
    to_visit = [start]
    seen = {start}
    while to_visit:
        state = to_visit.pop()
        wait = state.wait
        if wait is None:
            if state is start:
                continue
            if not state.stands:
                return True
            new = [each for each in active if each not in seen]
            seen.update(new)
            to_visit += new
            continue
        if wait.is_over or (state is not start and wait.bounded and not wait.repeated):
            return True
        if blocked_on(wait).progress is Progress.MOVING and is_trusted(wait):
            return True
        for each in _at_the_other_side(wait, active, start):
            if each in active and each not in seen:
                seen.add(each)
                to_visit.append(each)
    return False


def _at_the_other_side(
    wait: Wait, active: Collection[ActorState], start: ActorState
) -> Iterator[ActorState]:
    """Who could end the wait, as far as that is known."""
    if wait.server is not None:
        yield wait.server
    ends = list(wait.ends()) if wait.ends is not None else []
    if wait.call is not None and wait.call.info.endpoint is not None:
        ends.append(wait.call.info.endpoint)
    for peer in (each.peer for each in ends if each.peer_is_tracked):
        if peer is None:
            continue
        users = [each for each in tuple(peer.owners) if each in active and each is not start]
        # Nobody has accepted here yet: it may be anybody who has not come to that.
        yield from users if users or peer.handles or peer.closed else active


def _can_move(state: ActorState) -> bool:
    """Whether an actor runs, or will: when what is in flight arrives, or when its time is up.

    Who waited so before, and did nothing when the time was up, goes on so: it is in a loop.
    """
    wait = state.wait
    if wait is None or (wait.bounded and not wait.repeated):
        return True
    return blocked_on(wait).progress is Progress.MOVING
