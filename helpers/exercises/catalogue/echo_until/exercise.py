"""echo_until: an echo server that can be told to end, and leaves nothing behind."""

from __future__ import annotations

import functools
import socket
from contextlib import suppress

from helpers import peers
from helpers.exercises import fair_time, reading
from helpers.exercises.fair_time import LOOK_EVERY
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import MANY, short_reads_of_peer
from helpers.exercises.stage import Stage
from helpers.exercises.traffic import readable
from helpers.exercises.values import socket_state
from helpers.record.record import record

IN_TIME = 1.2
"""Seconds given to the function to return when it was told to: the task says 1. A choice: it has
all of them only where it waits for somebody who does not read, or gives all the same time."""

HELLO = b" \xffhello\r\n\0"
AGAIN = b"still there?\n" * 9
"""117 bytes, each sent alone: nobody writes a server for so many pieces and no more."""

MANY_BYTES = bytes(each % 251 for each in range(MANY + 100))
"""So many that nobody counts them. recv() gives nearly all of them one by one."""

PASSING = 100
"""Clients that come and go: nobody writes a server for so many and no more."""

SMALL_BUFFER = 16_384
"""Bytes of the send buffer of the server's sockets: they do not hide who does not read."""

RECEIVE_BUFFER = 32_768
"""Bytes of that of a client which reads late. With a tiny one TCP would make pauses of 0.2 s."""

MUCH = bytes(range(256)) * 600
"""153,600 bytes: more than the buffers of the two systems have room for."""

NOTICED = 0.1
"""Seconds until a silent client has seen its end, where the function ends it first. Chosen: it
takes a hundredth. A function may also end it last, so nobody may wait for it for ever."""

FLOOD = bytes(1_000_000)


class Service:
    """The function, its clients, and the socket that tells it to end."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.listener = stage.listen(backlog=128, send_buffer=SMALL_BUFFER)
        self.ours, theirs = socket.socketpair()
        stage.adopt(self.ours, "stopper", given=False)
        self.stop = stage.adopt(theirs, "stop")
        stage.start(self.listener, self.stop)
        stage.settle()

    def arrive(self, name: str, receive_buffer: int | None = None) -> socket.socket:
        """One more client."""
        client = self.stage.connect(self.stage.address, name, receive_buffer)
        self.stage.settle()
        return client

    def end(self, by_end: bool = False) -> None:
        """The function is told to end. Facts: whether it does, and what it leaves behind.

        With `by_end` it gets no byte, but the end: that makes a socket readable, too.
        """
        if by_end:
            self.ours.shutdown(socket.SHUT_WR)
        else:
            self.ours.sendall(b"!")
        self.conclude()

    def conclude(self) -> None:
        """Facts: whether the function ends in its time, and whether threads of it are left."""
        run = self.stage.run
        self.stage.settle()
        if not run.is_over and (run.threads.doubt or run.threads.have_limits()):
            fair_time.watch(lambda: run.is_over, IN_TIME)  # somebody has set itself a limit
        self.stage.finish()
        if run.is_over:
            self.stage.settle()
            self.stage.fact("threads", "still_there" if run.threads.left() else "ended")

    def look(self) -> None:
        """Facts: the two sockets that it was given are as they were."""
        self.stage.fact("listener", socket_state(self.listener, listening=True))
        self.stage.fact("stop", socket_state(self.stop))


WANTED = {1: HELLO, 2: HELLO + MANY_BYTES, 3: HELLO}
"""What each of the three gets back."""


def _echoes(stage: Stage) -> None:
    """Three clients, of which the last one speaks first. They are silent when the end comes.

    Before that, recv() gives what the second one sends byte by byte.
    """
    service = Service(stage)
    clients = [service.arrive(f"client {number}") for number in (1, 2, 3)]
    for client in reversed(clients):
        peers.in_pieces(client, [HELLO], stage)
    stage.let_time_pass()
    with short_reads_of_peer(clients[1]), reading.may_be_closed():  # from its next read on
        peers.in_pieces(clients[1], [MANY_BYTES[:1], MANY_BYTES[1:]], stage)
    came = [stage.read(client)[0] for client in clients]
    service.end()
    for number, client in enumerate(clients, 1):
        more, saw = stage.read(client)
        heard = came[number - 1] + more
        stage.fact(f"client_{number}.received", "all" if heard == WANTED[number] else heard[:40])
        stage.fact(f"client_{number}.saw", "closed" if saw in ("end", "reset") else saw)
    service.look()


def _nobody(stage: Stage, by_end: bool) -> None:
    """No client is there when the end comes. Afterwards one connects, and nobody meets it."""
    service = Service(stage)
    service.end(by_end)
    late = service.arrive("client")
    late.sendall(AGAIN)
    stage.hear(late, "client", end=True)


def _some_have_left(stage: Stage) -> None:
    """Clients come and go, one by a reset, before the end. Nobody is there then."""
    service = Service(stage)
    for number in range(12):
        client = service.arrive(f"client {number + 1}")
        peers.in_pieces(client, [HELLO], stage)
        if number == 3:
            peers.reset(client, stage)
        else:
            peers.half_close(client, stage)
            stage.hear(client, "a_last_one", end=True)
            stage.close(client)
    for _ in range(PASSING):
        stage.connect(stage.address, "passing client").close()
    stage.settle()
    last = service.arrive("client")
    peers.one_byte_at_a_time(last, AGAIN, stage)
    stage.hear(last, "client")
    stage.close(last)
    service.end()


def _has_ended(stage: Stage) -> None:
    """A client has ended its side, and has not read its echo yet. It must get all of it.

    It begins to read when it is known that the function ends: a silent client sees that.
    """
    service = Service(stage)
    client = service.arrive("client", RECEIVE_BUFFER)
    silent = service.arrive("silent client")
    with reading.may_be_closed():
        client.sendall(MUCH)
        peers.half_close(client, stage)
    service.ours.sendall(b"!")
    record.waiting.watch(readable(silent), NOTICED, LOOK_EVERY)
    came, saw = stage.read(client)
    service.conclude()
    stage.fact("client.echo", "all" if came == MUCH else "not_all")
    stage.fact("client.saw", "closed" if saw in ("end", "reset") else saw)


def _does_not_read(stage: Stage) -> None:
    """Two clients send much, and read nothing. Another one is served beside them. Then: the end."""
    service = Service(stage)
    for _ in range(2):
        flooder = service.arrive("one that does not read", peers.TINY_BUFFER)
        flooder.settimeout(0)
        with suppress(OSError):
            while flooder.send(FLOOD):
                stage.settle()
    other = service.arrive("client")
    with reading.may_be_closed():
        other.sendall(HELLO)
    came, _ = stage.read(other)
    service.end()
    saw = stage.read(other)[1]
    stage.fact("client.received", came)
    stage.fact("client.saw", "closed" if saw in ("end", "reset") else saw)


_ENDS = {"ended": "returned", "returned": None, "threads": "ended"}

SCENARIOS = (
    Scenario(
        "three are silent",
        _echoes,
        {
            **_ENDS,
            "client_1.received": "all",
            "client_1.saw": "closed",
            "client_2.received": "all",
            "client_2.saw": "closed",
            "client_3.received": "all",
            "client_3.saw": "closed",
            "listener": "open",
            "stop": "open",
        },
    ),
    Scenario(
        "nobody is there",
        functools.partial(_nobody, by_end=True),
        {**_ENDS, "client.received": b"", "client.saw": "nothing_more"},
    ),
    Scenario(
        "they have left",
        _some_have_left,
        {
            "a_last_one.received": HELLO,
            "a_last_one.saw": "end",
            "client.received": AGAIN,
            **_ENDS,
        },
    ),
    Scenario(
        "one has ended its side",
        _has_ended,
        {**_ENDS, "client.echo": "all", "client.saw": "closed"},
    ),
    Scenario(
        "one does not read",
        _does_not_read,
        {**_ENDS, "client.received": HELLO, "client.saw": "closed"},
    ),
)
