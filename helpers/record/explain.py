"""The sentences about a wait: what it is for, and why it will not end.

Rules of this file: it reads the actors and their calls, and changes nothing. Whoever asks for a
message about several actors holds the record's lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from helpers.addresses import address_text
from helpers.record.events import Constant
from helpers.record.methods import RECEIVING, SENDING
from helpers.record.model import ActorState, Call
from helpers.text import at_words

ALONE = "nobody is left who could answer, and nothing is in flight"
BOTH = "every side waits, and nothing is in flight between them"


def peer_text(address: object) -> str:
    """`127.0.0.1:8888`, `[::1]:8888`, a path, or `an unnamed socket`."""
    if isinstance(address, bytes | str) and address:
        return repr(address)
    return address_text(address, none="an unnamed socket")


def call_text(call: Call) -> str:
    """The call as the learner wrote it: `client.recv(1024)`."""
    arguments = [Constant("...")] if call.name in SENDING else call.arguments
    inside = ", ".join(repr(each) for each in arguments)
    return f"{call.socket_name or 'socket'}.{call.name}({inside})"


def purpose_text(call: Call) -> str:
    """What a waiting call waits for: `for 127.0.0.1:8888 to send`."""
    if call.name == "accept":
        return "for a client"
    if not call.info.connects:
        return "for a datagram" if call.name in RECEIVING else "for room to send"
    peer = peer_text(call.info.peer)
    if call.name == "do_handshake":
        return f"for {peer} to do its part of the TLS handshake"
    if call.name == "unwrap":
        return f"for {peer} to end TLS, too"
    if call.name in RECEIVING:
        return f"for {peer} to send"
    if call.name in SENDING:
        return f"for {peer} to read"
    return f"for {peer_text(call.arguments[0] if call.arguments else None)} to answer"


def select_text(several: Iterable[tuple[int, bool]]) -> str:
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
            where = "waits for another thread" if state.stands else "is running"
        elif wait.several is not None:
            where = f"waits in select() {select_text(wait.several)}"
        elif wait.how and wait.server is not None:
            where = f"waits in {wait.how} for {actor_text(wait.server)} to finish"
        elif wait.call is None:
            where = "waits for the server to finish"
        else:
            where = f"waits in {call_text(wait.call)} {purpose_text(wait.call)}"
        lines.append(f"  {actor_text(state):{width}}  {where}")
    return "\n".join(lines)


def deadlock_message(group: Collection[ActorState]) -> str:
    """Every side waits, and nothing is in flight."""
    alone = len(group) == 1
    advice = "" if alone else "One of them must act first. "
    return at_words(
        f"{ALONE if alone else BOTH}:\n"
        f"{who_waits(group)}\n"
        f"{advice}{_what_is_left(group)}Go on in the next cell."
    )


def patience_message(seconds: float, group: Collection[ActorState]) -> str:
    """Somebody else might still act, but nobody did for too long."""
    return at_words(
        f"waited for {seconds:g} s, and nothing came:\n"
        f"{who_waits(group)}\n"
        f"{_what_is_left(group)}To wait longer: helpers.patience(60)."
    )


def _what_is_left(group: Collection[ActorState]) -> str:
    """Nothing is said of a socket in the handshake: wrap_socket() closes it, and others do not."""
    waits = [state.wait for state in group if state.actor.kind == "cell"]
    if any(wait is not None and wait.call and wait.call.name == "do_handshake" for wait in waits):
        return ""
    if any(wait is not None and wait.how for wait in waits):
        return "The thread waits on. "
    return "Your socket is still open, unless a `with` block closes it here. "


def own_loop_message(state: ActorState) -> str:
    """The other side is in asyncio's event loop, which this very thread runs."""
    return at_words(
        "the server can run only when this cell ends, or awaits: asyncio runs it in the same "
        "thread as this cell:\n"
        f"{who_waits([state])}\n"
        "Use await, with asyncio.open_connection() or asyncio.to_thread(). Or run the server in a "
        f"thread of its own, with LiveServer. {_what_is_left([state])}".rstrip()
    )
