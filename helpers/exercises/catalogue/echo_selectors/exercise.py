"""echo_selectors: one thread for all clients, and no client costs the others time or memory.

What the function keeps of a client is counted, and not measured: so many bytes it has received
of it, and so many it has sent back.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from helpers import peers
from helpers.exercises import reading, sending
from helpers.exercises.evidence import OF_A_FAMILY
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.record.record import record
from helpers.record.socket_info import info_of

KEPT = 65_536
"""Bytes that the function may keep for a client, by its task."""

SMALL_BUFFER = 16_384
"""Bytes of the send buffer of the function's sockets: it has no room soon."""

TINY_BUFFER = 4_096
"""Bytes of the receive buffer of a client that never reads."""

FLOOD = bytes(range(256)) * 8_000
"""Two megabytes: many times what may be kept."""

PIECE = 8_000
"""Bytes: no part of what may be kept."""

UNSENT = 20_000
"""Bytes that the function should keep when the client ends its side: some, and less than `KEPT`."""

MOST = 800_000
"""Bytes that a client sends at most to come there: the buffers between the two are full sooner."""

WORDS = 10
"""So often a client speaks again, if not all has come back: it is not much that was left."""

CROWD = 100
"""Clients that come at the same time."""

SPEAKERS = 12
"""Clients that come one after another."""

LAST = 3
"""Clients that are there when the function is stopped."""

HELLO = b"still there?\n"
NO_TEXT = (bytes(range(256)) + b"\r\n\0", b"\0", b" \t\0")
"""Each byte that there is, a line end, and what is easily lost at the ends of a piece."""


def _one_byte(stage: Stage) -> None:
    stage.serves = True
    stage.start(_listen(stage))
    stage.settle()
    stage.fact("alone", "waits")
    client = _arrive(stage)
    peers.one_byte_at_a_time(client, b"hello\n", stage)
    stage.let_time_pass()
    peers.one_byte_at_a_time(client, b"you", stage)
    stage.hear(client, "client")
    if stage.facts["client.received"] == b"hello\nyou":
        peers.in_pieces(client, NO_TEXT, stage)
        came, _ = stage.read(client)
        stage.fact("no_text", _compared(came, b"".join(NO_TEXT)))
    stage.stand()


def _crowd(stage: Stage) -> None:
    """All are in the queue when the function begins. The last one speaks first."""
    listener = _listen(stage)
    clients = [stage.connect(stage.address, f"client {each + 1}") for each in range(CROWD)]
    stage.serves = True
    stage.start(listener)
    stage.settle()
    for number, client in reversed([*enumerate(clients, 1)]):
        client.sendall(b"client %d\n" % number)
    stage.settle()
    stage.fact("threads", "one" if stage.run.threads.count() == 1 else "several")
    came = {number: stage.read(client)[0] for number, client in enumerate(clients, 1)}
    right = all(data == b"client %d\n" % number for number, data in came.items())
    stage.fact("each", "its_own" if right else "not_its_own")
    stage.stand()


def _late(stage: Stage) -> None:
    """A client reads when the function keeps some bytes of it, once more after its end. Another
    sends megabytes, and reads then."""
    client = _begin(stage, 1, sending.RECEIVE_BUFFER, sending.SEND_BUFFER)
    if _reads_the_rest(client, stage) and _ends_with_a_rest(client, stage):
        _reads_megabytes(_arrive(stage, 2, sending.RECEIVE_BUFFER), stage)
    stage.stand()


def _reads_the_rest(client: socket.socket, stage: Stage) -> bool:
    """The client stays. If not all comes back, it speaks again: does the rest come then?"""
    sent = _send_some(client, stage)
    came, _ = stage.read(client)
    stage.fact("client_1.received", _compared(came, sent))
    if came == sent:
        return True
    for _ in range(WORDS):
        peers.in_pieces(client, [HELLO], stage)
        sent += HELLO
        came += stage.read(client)[0]
    stage.fact("after_more", _compared(came, sent))
    return False


def _ends_with_a_rest(client: socket.socket, stage: Stage) -> bool:
    """The client ends its side while the function keeps some bytes."""
    sent = _send_some(client, stage)
    peers.half_close(client, stage)
    came, ending = stage.read(client)
    stage.fact("at_the_end", _compared(came, sent))
    stage.fact("client_1.saw", ending)
    return came == sent and ending == "end"


def _reads_megabytes(client: socket.socket, stage: Stage) -> None:
    came = b""
    with reading.may_be_closed():
        sent = _send(client, stage)
        stage.settle()
        with record.probing():
            came = peers.flood(client, FLOOD[len(sent) :], stage)
        peers.half_close(client, stage)
        came += stage.read(client)[0]
    stage.fact("client_2.received", _compared(came, FLOOD))
    if came == FLOOD:  # else something is lost, and not kept
        stage.fact("kept", _kept(stage, client))


def _never(stage: Stage) -> None:
    """One has come before, one sends and never reads, and one comes then. Both others speak."""
    record.short_sends = False  # as on Linux: a blocking send() waits until all is handed over
    first = _begin(stage, 1)
    _send(_arrive(stage, 2, TINY_BUFFER), stage)
    last = _arrive(stage, 3)
    for number, speaker in ((1, first), (3, last)):
        speaker.sendall(HELLO)
        stage.hear(speaker, f"client_{number}")
    stage.stand()


def _breaks(stage: Stage) -> None:
    """The first of all has broken off before the function accepts it: getpeername() fails then."""
    listener = _listen(stage)
    dead = stage.connect(stage.address, "dead client")
    dead.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, peers.LINGER_ZERO)
    dead.close()
    stage.serves = True
    stage.start(listener)
    first = _arrive(stage, 1)
    peers.in_pieces(first, [b"in the mid"], stage)
    peers.reset(first, stage)
    second = _arrive(stage, 2)
    second.sendall(HELLO)
    stage.hear(second, "client_2")
    if stage.facts["client_2.received"] == HELLO:
        _leaves_without_reading(stage)
        third = _arrive(stage, 3)
        third.sendall(HELLO)
        stage.hear(third, "client_3")
    stage.stand()


def _leaves_without_reading(stage: Stage) -> None:
    """A client ends its side, and closes. No reset is seen before something is sent to it: that is
    BrokenPipeError, where a reset alone is another error."""
    client = _arrive(stage, "one that does not read", TINY_BUFFER)
    _send_some(client, stage)
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)
    stage.close(client)


def _come_and_go(stage: Stage) -> None:
    first = _begin(stage, 1)
    peers.half_close(first, stage)
    stage.hear(first, "client_1", end=True)
    peers.close_without_data(_arrive(stage, 2), stage)
    right = True
    for number in range(3, SPEAKERS + 3):
        client = _arrive(stage, number)
        client.sendall(HELLO)
        peers.half_close(client, stage)
        came, ending = stage.read(client)
        right = right and came == HELLO and ending == "end"
    stage.fact("each", "its_own" if right else "not_its_own")
    last = [_arrive(stage, "a last one") for _ in range(LAST)][-1]
    last.sendall(HELLO)
    stage.hear(last, "a_last_one")
    stage.stand()
    stage.run.end()  # somebody stops it, and its peers are still there


def _begin(
    stage: Stage,
    number: int | None = None,
    receive_buffer: int | None = None,
    send_buffer: int = SMALL_BUFFER,
) -> socket.socket:
    """Start the function, and its first client."""
    stage.serves = True
    stage.start(_listen(stage, send_buffer))
    return _arrive(stage, number, receive_buffer)


def _listen(stage: Stage, send_buffer: int = SMALL_BUFFER) -> socket.socket:
    """A listener. What the function sends does not wait for an acknowledgement that comes late."""
    listener = stage.listen(backlog=CROWD + 28, send_buffer=send_buffer)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _arrive(
    stage: Stage, who: int | str | None = None, receive_buffer: int | None = None
) -> socket.socket:
    """One more client. The function has met it when this returns."""
    name = who if isinstance(who, str) else f"client {who}" if who else "client"
    client = stage.connect(stage.address, name, receive_buffer)
    stage.settle()
    return client


def _send(client: socket.socket, stage: Stage) -> bytes:
    """Send, and do not read, until nothing more goes, or all of the flood is sent. Returns it."""
    client.settimeout(0)
    sent = 0
    with suppress(OSError):
        while sent < len(FLOOD):
            try:
                sent += client.send(FLOOD[sent : sent + PIECE])
            except BlockingIOError:
                stage.settle()
                sent += client.send(FLOOD[sent : sent + PIECE])
    client.settimeout(None)
    return FLOOD[:sent]


def _send_some(client: socket.socket, stage: Stage) -> bytes:
    """Send, and do not read, until the function keeps some bytes, or reads no more."""
    sent = 0
    while sent < MOST and _kept_now(client) < UNSENT and not _is_unread(client):
        peers.in_pieces(client, [FLOOD[sent : sent + PIECE]], stage)
        sent += PIECE
    return FLOOD[:sent]


def _kept_now(client: socket.socket) -> int:
    """Bytes that the function has received of this client, and has not sent back."""
    info = info_of(client)
    end = info.endpoint if info is not None else None
    return end.outgoing.received - end.incoming.sent if end is not None else 0


def _is_unread(client: socket.socket) -> bool:
    """Whether it has sent something that the function did not read."""
    info = info_of(client)
    end = info.endpoint if info is not None else None
    return end is None or bool(end.outgoing.in_flight)


def _kept(stage: Stage, client: socket.socket) -> str:
    """Whether it ever kept more of this client than it may."""
    address = client.getsockname()
    most = now = 0
    for call in stage.run.calls:
        if call.peer != address or "MSG_PEEK" in map(str, call.arguments):
            continue
        name = OF_A_FAMILY.get(call.call, call.call)
        now += call.size if name == "recv" else -call.size
        most = max(most, now)
    most = max(_kept_now(client), most)
    return "allowed" if most <= KEPT else "a_piece_more" if most <= 2 * KEPT else "much_more"


def _compared(came: bytes, sent: bytes) -> str:
    return "same_bytes" if came == sent else "not_the_same"


_SERVES = {"ended": "serves"}

SCENARIOS = (
    Scenario(
        "one byte at a time",
        _one_byte,
        {"alone": "waits", "client.received": b"hello\nyou", "no_text": "same_bytes", **_SERVES},
    ),
    Scenario("a hundred together", _crowd, {"threads": "one", "each": "its_own", **_SERVES}),
    Scenario(
        "reads late",
        _late,
        {
            "client_1.received": "same_bytes",
            "at_the_end": "same_bytes",
            "client_1.saw": "end",
            "client_2.received": "same_bytes",
            "kept": "allowed",
            **_SERVES,
        },
    ),
    Scenario(
        "never reads", _never, {"client_1.received": HELLO, "client_3.received": HELLO, **_SERVES}
    ),
    Scenario(
        "breaks off", _breaks, {"client_2.received": HELLO, "client_3.received": HELLO, **_SERVES}
    ),
    Scenario(
        "come and go",
        _come_and_go,
        {
            "client_1.received": b"",
            "client_1.saw": "end",
            "each": "its_own",
            "a_last_one.received": HELLO,
            **_SERVES,
        },
    ),
)
