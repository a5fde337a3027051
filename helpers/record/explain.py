"""The sentences about a wait: what it is for, and why it will not end.

Rules of this file: it reads the actors and their calls, and changes nothing. Whoever asks for a
message about several actors holds the record's lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from helpers.addresses import address_text
from helpers.record.events import Constant
from helpers.record.methods import RECEIVING, SENDING
from helpers.record.model import ActorState, Call
from helpers.text import at_words, columns, pad
from helpers.words import Words

SAY = Words(Path(__file__).with_name("words.toml"))
PURPOSE, STANDS, TOLD = SAY.part("purpose"), SAY.part("stands"), SAY.part("told")


def peer_text(address: object) -> str:
    """`127.0.0.1:8888`, `[::1]:8888`, a path, or `an unnamed socket`."""
    if isinstance(address, bytes | str) and address:
        return repr(address)
    return address_text(address, none=SAY["unnamed"])


def call_text(call: Call) -> str:
    """The call as the learner wrote it: `client.recv(1024)`."""
    arguments = [Constant("...")] if call.name in SENDING else call.arguments
    inside = ", ".join(repr(each) for each in arguments)
    return f"{call.socket_name or 'socket'}.{call.name}({inside})"


def purpose_text(call: Call) -> str:
    """What a waiting call waits for: `for 127.0.0.1:8888 to send`."""
    if call.name == "accept":
        return PURPOSE["client"]
    if not call.info.connects:
        return PURPOSE["datagram" if call.name in RECEIVING else "room"]
    peer = peer_text(call.info.peer)
    if call.name == "do_handshake":
        return PURPOSE("handshake", peer=peer)
    if call.name == "unwrap":
        return PURPOSE("end of tls", peer=peer)
    if call.name in RECEIVING:
        return PURPOSE("send", peer=peer)
    if call.name in SENDING:
        return PURPOSE("read", peer=peer)
    return PURPOSE("answer", peer=peer_text(call.arguments[0] if call.arguments else None))


def select_text(several: Iterable[tuple[int, bool]]) -> str:
    """What a select() waits for: `until one of its 3 sockets is ready`."""
    return PURPOSE.counted("ready", len({descriptor for descriptor, _ in several}))


def actor_text(state: ActorState) -> str:
    """How a message names an actor."""
    return SAY["this cell"] if state.actor.kind == "cell" else state.actor.name


def who_waits(group: Collection[ActorState]) -> str:
    """One line for each actor: where it stands."""
    states = sorted(group, key=lambda each: each.actor.sort_key)
    width = max(columns(actor_text(state)) for state in states)
    return "\n".join(f"  {pad(actor_text(state), width)}  {_stands(state)}" for state in states)


def _stands(state: ActorState) -> str:
    wait = state.wait
    if wait is None:
        return STANDS["thread" if state.stands else "running"]
    if wait.several is not None:
        return STANDS("call", call="select()", purpose=select_text(wait.several))
    if wait.how and wait.server is not None:
        return STANDS("finish", call=wait.how, actor=actor_text(wait.server))
    if wait.call is None:
        return STANDS["server"]
    return STANDS("call", call=call_text(wait.call), purpose=purpose_text(wait.call))


def deadlock_message(group: Collection[ActorState]) -> str:
    """Every side waits, and nothing is in flight."""
    alone = len(group) == 1
    advice = [] if alone else [TOLD["act first"]]
    return _message(
        TOLD["alone" if alone else "both"],
        group,
        *advice,
        *_what_is_left(group),
        TOLD["go on"],
    )


def patience_message(seconds: float, group: Collection[ActorState]) -> str:
    """Somebody else might still act, but nobody did for too long."""
    head = TOLD("patience", seconds=seconds)
    return _message(head, group, *_what_is_left(group), TOLD["longer"])


def own_loop_message(state: ActorState) -> str:
    """The other side is in asyncio's event loop, which this very thread runs."""
    return _message(TOLD["own loop"], [state], TOLD["another loop"], *_what_is_left([state]))


def _message(head: str, group: Collection[ActorState], *sentences: str) -> str:
    return at_words(f"{head}\n{who_waits(group)}\n{' '.join(sentences)}")


def _what_is_left(group: Collection[ActorState]) -> list[str]:
    """Nothing is said of a socket in the handshake: wrap_socket() closes it, and others do not."""
    waits = [state.wait for state in group if state.actor.kind == "cell"]
    if any(wait is not None and wait.call and wait.call.name == "do_handshake" for wait in waits):
        return []
    if any(wait is not None and wait.how for wait in waits):
        return [TOLD["thread waits"]]
    return [TOLD["still open"]]
