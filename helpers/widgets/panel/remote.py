"""Up to three clients of one server, played by hand: plain sockets, no widget.

Rules of this file:

- Nothing here blocks. A socket is read when it is readable; a send takes what fits into the
  system's buffer; a connect, and the wait between two single bytes, end after `PATIENCE` s.
- The sockets are recorded, each client as an actor of its own: `client 1` has its lane in
  every ladder. No actor here is among the active ones of the record: nobody waits for a
  learner who has not clicked yet, and no deadlock is hidden behind one.
- `lock` guards the clients. A button's callback (main thread) and the panel's own thread
  take turns with it. The record's lock may be taken inside, never the other way round.
- What an action came to is kept as text in `Client.said`; no error leaves this file.

Theory of operation. The panel's own thread sleeps in `wait`, in a selector on the clients'
sockets and on a wake-up socket. The record tells `notice` of everything that happens; that
sets a flag, and writes one byte to the wake-up socket if the flag was down. So a thousand
calls cost one byte, and an idle panel costs nothing.
"""

from __future__ import annotations

import _socket
import itertools
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from helpers.addresses import is_ipv6
from helpers.peers import LINGER_ZERO
from helpers.record.events import Actor
from helpers.record.model import ActorState
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.wakeup import is_ready
from helpers.text import Utf8, counted, visible
from helpers.widgets.panel.views import takes_datagrams
from helpers.widgets.panel.words import SAID, STATE, VIEW

CLIENTS = 3
"""How many clients stand side by side."""

PATIENCE = 0.5
"""Seconds that a connect may take, and all the pauses between single bytes together.

On one machine each takes less than a thousandth. A press must not seem to do nothing.
"""

LONGEST_TEXT = 4096
"""Bytes that one press of Send sends at most, and all that is sent one byte at a time."""

READY = {"hi": b"hi", "안녕": "안녕".encode(), "100,000 bytes": b"x" * 100_000}
"""What is there to be sent with one press, by its name."""

READ_AT_ONCE = 65536
READS_AT_A_TURN = 16
"""A server that never stops sending does not keep the panel's thread from its other work."""

PIECES_SHOWN, PIECE_SHOWN = 6, 200
"""The received pieces that are kept, and the bytes of each."""

_orders = itertools.count(500)
"""Where two calls could come in any order, the servers' (1, 2, ...) are shown first."""


class Client:
    """One client, connected or not. `Remote.lock` guards all of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = ActorState(Actor(next(_orders), name, "thread"))
        self.sock: socket.socket | None = None
        self.said = ""
        """What the last action came to."""
        self.begin()

    def begin(self) -> None:
        """A new connection: nothing was sent or received on it."""
        self.stream = True
        """False where the server takes datagrams: these have no end, and no connection breaks."""
        self.half_closed = False
        """It has sent its end of the stream."""
        self.peer_ended = False
        """The server's end of the stream was read, or the connection was reset."""
        self.lost = False
        """The connection was reset."""
        self.pieces: deque[tuple[str, int]] = deque(maxlen=PIECES_SHOWN)
        """What the last receives gave, one line each, as Python prints it; and after how many
        presses each came."""
        self.receives = 0
        self.text = Utf8(PIECES_SHOWN)
        """What was received as characters."""
        self.sent = self.received = 0
        """Bytes of this connection."""


class Remote:
    """The clients of one server, and the wait for whatever happens."""

    def __init__(self, server: ActorState) -> None:
        self.server = server
        self.lock = threading.RLock()
        self.clients = tuple(
            Client(VIEW("client", number=number)) for number in range(1, CLIENTS + 1)
        )
        self.onlooker = ActorState(Actor(next(_orders), "panel", "thread"))
        """The panel's own thread, when it waits for the server to come to rest."""
        self.reader: int | None = None
        """The thread that calls `wait`. It is not told of what it does itself."""
        self._hand = 0
        """Lamport time of the last press: one hand presses the buttons of all clients."""
        self.presses = 0
        self.seen = 0
        """Lamport time up to which the last look has shown the calls."""
        self.mark: int | None = None
        """What was shown when the last press was made. What comes after it is new."""
        self.wants_anew = False
        """A new ladder is to begin with the next look."""
        self._changed = False
        self._over = False

    # What happens

    def listen(self) -> None:
        """From now on `notice` is called."""
        self.onlooker.ready_to_wait()
        record.watchers.subscribe(self.notice)

    def notice(self) -> None:
        """Something happened. Takes no lock: the record may call it with its own one held."""
        if not self._changed and threading.get_ident() != self.reader:
            self._changed = True
            self.onlooker.poke()

    def begin_anew(self) -> None:
        """The learner wants a new ladder."""
        self.wants_anew = True
        self.notice()

    @property
    def has_changed(self) -> bool:
        """Whether something happened since `begin_look`."""
        return self._changed

    def begin_look(self) -> None:
        """Whatever happened up to now is about to be looked at."""
        self._changed = False

    def wait(self, timeout: float | None) -> None:
        """Wait until something happens or can be read, or `timeout` seconds have passed."""
        waker = self.onlooker.ready_to_wait()
        with selectors.DefaultSelector() as selector:
            selector.register(waker, selectors.EVENT_READ)
            with self.lock:
                for client in self.clients:
                    if client.sock is not None and not client.peer_ended:
                        selector.register(client.sock, selectors.EVENT_READ)
            selector.select(timeout)
        waker.drain()

    def read(self) -> bool:
        """Receive what is there, without waiting. Returns whether there was something."""
        with self.lock:
            got_something = any([self._read(client) for client in self.clients])
        if got_something:
            self._changed = True
        return got_something

    def _read(self, client: Client) -> bool:
        got_something = False
        with record.actors.acting_as(client.state):
            for _ in range(READS_AT_A_TURN):
                sock = client.sock
                if sock is None or client.peer_ended or not is_ready(sock.fileno(), False):
                    break
                # It is there to be read, so its send was before: no wait is to be shown.
                client.state.follow(self.server.clock)
                got_something = True
                self._receive(client, sock)
        return got_something

    def _receive(self, client: Client, sock: socket.socket) -> None:
        try:
            data = sock.recv(READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError as error:
            client.peer_ended = client.lost = client.stream
            client.said = _failed("recv()", error)
            return
        client.received += len(data)
        client.receives += 1
        shown = repr(data[:PIECE_SHOWN])
        if len(data) > PIECE_SHOWN:
            shown = STATE("cut", shown=shown, bytes=counted(len(data), "byte"))
        client.pieces.append((shown, self.presses))
        client.text.feed(data)
        if not data:
            client.peer_ended = client.stream

    # What the learner does

    def connect(self, client: Client, address: Any) -> None:
        """Make a socket and connect it."""
        with self._acting(client):
            if client.sock is not None or self._over or address is None:
                return
            client.begin()
            client.stream = not takes_datagrams(address)
            kind = () if client.stream else (socket.SOCK_DGRAM,)
            family = _family(address)
            plain = family == socket.AF_INET and client.stream
            sock = socket.socket() if plain else socket.socket(family, *kind)
            info = info_of(sock)
            if info is not None:
                info.name = client.name
            # The plain settimeout: how the panel avoids to block is not part of the story.
            _socket.socket.settimeout(sock, PATIENCE)
            try:
                sock.connect(address)
            except OSError as error:
                sock.close()
                client.said = _failed("connect()", error)
                return
            _socket.socket.settimeout(sock, 0)
            client.sock = sock
            client.said = ""

    def send(self, client: Client, data: bytes, one_byte_at_a_time: bool) -> None:
        """Send the bytes: in one call, or in one call for each byte."""
        with self._acting(client):
            sock = client.sock
            if sock is None or client.half_closed:
                return
            if not data and client.stream:
                client.said = SAID["empty"]
            elif one_byte_at_a_time and len(data) > LONGEST_TEXT:
                client.said = _too_much("too many calls", data)
            elif len(data) > LONGEST_TEXT and data not in READY.values():
                client.said = _too_much("too long", data)
            else:
                self._send(client, sock, data, 1 if one_byte_at_a_time and data else len(data))

    def _send(self, client: Client, sock: socket.socket, data: bytes, size: int) -> None:
        sent = 0
        limit = time.monotonic() + PATIENCE
        while True:
            piece = data[sent : sent + size]
            try:
                done = sock.send(piece)
            except BlockingIOError:
                done = 0
            except OSError as error:
                client.said = _failed("send()", error)
                return
            sent += done
            client.sent += done
            if done < len(piece):
                of = counted(len(data), "byte")
                client.said = SAID("full", sent=f"{sent:,}", bytes=of)
                return
            if sent >= len(data):
                break
            # The server does with this byte what it can, before the next one comes.
            record.waiting.settle([self.server], max(0.0, limit - time.monotonic()))
            self._read(client)
        which = "sent" if size == len(data) else "sent in calls"
        client.said = SAID(which, bytes=counted(sent, "byte"), calls=f"{len(data):,}")

    def half_close(self, client: Client) -> None:
        """Send the end of the stream (FIN), and stay able to receive."""
        with self._acting(client):
            if client.sock is None or client.half_closed or not client.stream:
                return
            client.half_closed = True
            client.said = ""
            try:
                client.sock.shutdown(socket.SHUT_WR)
            except OSError as error:
                client.said = _failed("shutdown()", error)

    def close(self, client: Client, reset: bool = False) -> None:
        """Close the socket; with `reset`, so that the server gets RST instead of FIN."""
        with self._acting(client):
            if client.sock is None:
                return
            reset = reset and client.stream
            if reset:
                with suppress(OSError):  # macOS refuses it when both sides have ended
                    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
            client.sock.close()
            client.sock = None
            client.said = SAID["reset by you" if reset else "closed by you"]

    @contextmanager
    def _acting(self, client: Client) -> Iterator[None]:
        with self.lock:
            try:
                with record.actors.acting_as(client.state):
                    # The learner acts after all that he has seen and done: the picture shows it so.
                    client.state.follow(max(self.server.clock, self._hand))
                    self.presses += 1
                    self.mark = max(client.state.clock, self.seen)
                    yield
            finally:
                self._hand = max(self._hand, client.state.clock)
                self.notice()

    def end(self) -> None:
        """Close all that is open. Nothing can be done with it afterwards."""
        with self.lock:
            self._over = True
            record.watchers.unsubscribe(self.notice)
            for client in self.clients:
                if client.sock is not None:
                    self.close(client)
                    client.said = SAID["closed by the panel"]
                client.state.end()
            self.onlooker.end()


def _family(address: Any) -> int:
    if isinstance(address, tuple):
        return socket.AF_INET6 if is_ipv6(address) else socket.AF_INET
    return int(socket.AF_UNIX)


def _too_much(why: str, data: bytes) -> str:
    return SAID(why, bytes=counted(len(data), "byte"), most=f"{LONGEST_TEXT:,}")


def _failed(call: str, error: OSError) -> str:
    """`ConnectionRefusedError: Connection refused`, without a number that systems differ in."""
    told = visible(f"{type(error).__name__}: {error.strerror or error}")
    return SAID("failed", call=call, error=told)
