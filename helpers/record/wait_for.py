"""Can a wait still end? And if not, who waits for whom?

Rules of this file:

- It reads the account (`flight.py`) and the actors; it changes nothing. The caller holds
  the record's lock.
- When in doubt, the answer is "it may still end". A wrong "never" would break a program
  that works; a wrong "maybe" only costs the learner's patience.

Theory of operation. A wait hopes for certain actors: a recv() hopes for those who have used
the socket at the other end. From the waiting actor we follow these hopes. If an actor on the
way is running, or something is in flight, the wait may end. If all of them wait, and each
for another one of them, nobody will ever move: that is a deadlock. Unless somebody else can
move: he may have been handed one of the sockets, and will use it soon.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum

from helpers.record.actors import ActorState, Wait
from helpers.record.events import Constant
from helpers.record.model import Call
from helpers.record.wire import Endpoint

READING = frozenset({"recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into"})
ALONE = "nobody is left who could answer, and nothing is in flight"
BOTH = "every side waits, and nothing is in flight between them"
WRITING = frozenset({"send", "sendall", "sendto", "sendmsg"})


class Outlook(IntEnum):
    """What can still happen to a wait; the smaller one decides for a group of waits."""

    MOVING = 0
    """Something is in flight, or somebody is running."""
    OUTSIDE = 1
    """Only a program that is not recorded could end it."""
    QUIET = 2
    """Nobody will read; but the kernel may still be moving bytes between its buffers."""
    STUCK = 3
    """Nothing will end it."""


def outlook(wait: Wait) -> tuple[Outlook, Collection[ActorState] | None]:
    """What one wait can hope for, and from whom (None: from anybody)."""
    if wait.server is not None:
        return Outlook.STUCK, (wait.server,)
    if wait.several is not None:
        return Outlook.OUTSIDE, ()
    call = wait.call
    if call is None:
        return Outlook.MOVING, ()
    endpoint = call.info.endpoint
    if call.name == "accept":
        listening = call.info.listener
        busy = listening is not None and listening.pending
        return (Outlook.MOVING if busy else Outlook.OUTSIDE), ()
    if not call.info.stream and call.name in READING:
        return (Outlook.MOVING if call.info.datagram_queue else Outlook.OUTSIDE), ()
    if endpoint is None or not endpoint.peer_is_tracked or endpoint.peer is None:
        return Outlook.OUTSIDE, ()
    if call.name in READING:
        if not endpoint.expects_nothing:
            return Outlook.MOVING, ()
        return Outlook.STUCK, _users(endpoint.peer)
    if call.name in WRITING:
        if endpoint.peer.closed:
            return Outlook.MOVING, ()
        return Outlook.QUIET, _users(endpoint.peer)
    return Outlook.OUTSIDE, ()


def _users(endpoint: Endpoint) -> Collection[ActorState] | None:
    """Who uses this end; None (anybody may) while no accept has returned it."""
    owners = tuple(endpoint.owners)  # its own actors may add themselves at any time
    return owners if owners and endpoint.handles else None


def verdict(start: ActorState, active: Collection[ActorState]) -> tuple[Outlook, list[ActorState]]:
    """Whether the wait of `start` can end, and the actors that this hangs on."""
    group = {start: None}
    to_visit = [start]
    worst = Outlook.STUCK
    while to_visit:
        state = to_visit.pop()
        wait = state.wait
        if wait is None or (wait.bounded and state is not start):
            return Outlook.MOVING, list(group)
        found, hoped = outlook(wait)
        worst = min(worst, found)
        owners = [] if hoped is None else [each for each in hoped if each in active]
        if not owners and found >= Outlook.QUIET:
            owners = list(active)
        for each in owners:
            if each not in group:
                group[each] = None
                to_visit.append(each)
    if worst >= Outlook.QUIET and any(_can_move(each) for each in active if each not in group):
        return Outlook.MOVING, list(group)
    return worst, list(group)


def _can_move(state: ActorState) -> bool:
    """Whether an actor runs, or will: when what is in flight arrives, or when its time is up.

    Who waited so before, and did nothing when the time was up, goes on so: it is in a loop.
    """
    wait = state.wait
    if wait is None or (wait.bounded and not wait.repeated):
        return True
    return outlook(wait)[0] is Outlook.MOVING


def address_text(address: object) -> str:
    """`127.0.0.1:8888`, `[::1]:8888`, a path, or `an unnamed socket`."""
    if isinstance(address, tuple) and len(address) >= 2:
        host = f"[{address[0]}]" if ":" in str(address[0]) else address[0]
        return f"{host}:{address[1]}"
    if isinstance(address, bytes | str) and address:
        return repr(address)
    return "an unnamed socket"


def call_text(call: Call) -> str:
    """The call as the learner wrote it: `client.recv(1024)`."""
    arguments = [Constant("...")] if call.name in WRITING else call.arguments
    inside = ", ".join(repr(each) for each in arguments)
    return f"{call.info.name or 'socket'}.{call.name}({inside})"


def hope_text(call: Call) -> str:
    """What a waiting call waits for: `for 127.0.0.1:8888 to send`."""
    if call.name == "accept":
        return "for a client"
    if not call.info.stream:
        return "for a datagram" if call.name in READING else "for room to send"
    peer = address_text(call.info.peer)
    if call.name in READING:
        return f"for {peer} to send"
    if call.name in WRITING:
        return f"for {peer} to read"
    return f"for {address_text(call.arguments[0] if call.arguments else None)} to answer"


def select_text(several: tuple[tuple[int, bool], ...]) -> str:
    """What a select() waits for: `until one of its 3 sockets is ready`."""
    count = len({descriptor for descriptor, _ in several})
    if count == 1:
        return "until its socket is ready"
    return f"until one of its {count} sockets is ready"


def actor_text(state: ActorState) -> str:
    """How a message names an actor."""
    return "this cell" if state.actor.kind == "cell" else state.actor.name


def who_waits(group: Collection[ActorState]) -> str:
    """One line for each actor: where it stands."""
    lines = []
    width = max(len(actor_text(state)) for state in group)
    for state in sorted(group, key=lambda each: each.actor.sort_key):
        wait = state.wait
        if wait is None:
            where = "is running"
        elif wait.several is not None:
            where = f"waits in select() {select_text(wait.several)}"
        elif wait.call is None:
            where = "waits for the server to finish"
        else:
            where = f"waits in {call_text(wait.call)} {hope_text(wait.call)}"
        lines.append(f"  {actor_text(state):{width}}  {where}")
    return "\n".join(lines)


def deadlock_message(group: Collection[ActorState]) -> str:
    """Every side waits, and nothing is in flight."""
    alone = len(group) == 1
    advice = "" if alone else "One of them must act first. "
    return (
        f"{ALONE if alone else BOTH}:\n"
        f"{who_waits(group)}\n"
        f"{advice}Your socket is still open, unless a `with` block closes it here. "
        "Go on in the next cell."
    )


def patience_message(seconds: float, group: Collection[ActorState]) -> str:
    """Somebody else might still act, but nobody did for too long."""
    return (
        f"waited for {seconds:g} s, and nothing came:\n"
        f"{who_waits(group)}\n"
        "Your socket is still open, unless a `with` block closes it here. "
        "To wait longer: helpers.patience(60)."
    )
