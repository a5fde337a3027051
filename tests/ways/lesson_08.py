"""Lesson 08: an echo server, in other ways."""

from __future__ import annotations

import contextlib
import select
import selectors
import socket
import socketserver
import threading
from concurrent.futures import ThreadPoolExecutor


def by_pool(listener: socket.socket) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        while True:
            conn, _ = listener.accept()
            pool.submit(serve, conn)


def serve(conn: socket.socket) -> None:
    with conn:
        try:
            while data := conn.recv(65536):
                conn.sendall(data)
        except OSError:
            return


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        try:
            while data := self.request.recv(65536):
                self.request.sendall(data)
        except ConnectionError:
            pass


class ThreadingServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


def by_socketserver(listener: socket.socket) -> None:
    server = ThreadingServer(listener.getsockname(), Echo, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.serve_forever(poll_interval=None)  # type: ignore[arg-type]


def by_selectors(listener: socket.socket) -> None:
    """Each client has a buffer of what it has not taken yet, and is not read while it is full."""
    waiting: dict[socket.socket, bytearray] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        try:
            while True:
                for key, events in selector.select():
                    if key.fileobj is listener:
                        conn, _ = listener.accept()
                        conn.setblocking(False)
                        waiting[conn] = bytearray()
                        selector.register(conn, selectors.EVENT_READ)
                        continue
                    conn = key.fileobj  # type: ignore[assignment]
                    try:
                        if events & selectors.EVENT_READ:
                            data = conn.recv(65536)
                            if not data:
                                raise EOFError
                            waiting[conn] += data
                        if waiting[conn]:
                            with contextlib.suppress(BlockingIOError):
                                del waiting[conn][: conn.send(waiting[conn])]
                        wanted = selectors.EVENT_WRITE if waiting[conn] else selectors.EVENT_READ
                        selector.modify(conn, wanted)
                    except (EOFError, ConnectionError):
                        selector.unregister(conn)
                        del waiting[conn]
                        conn.close()
        finally:
            for conn in waiting:
                conn.close()


def echoed(conn: socket.socket) -> bool:
    """Echo what has come; False if nothing will come any more."""
    try:
        data = conn.recv(4096)
        conn.sendall(data)
    except ConnectionError:
        return False
    return bool(data)


def by_poll(listener: socket.socket) -> None:
    """poll() itself. A client that does not read gets its bytes when it does."""
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    conns: dict[int, socket.socket] = {}
    try:
        while True:
            for fd, _ in poller.poll():
                if fd == listener.fileno():
                    conn, _ = listener.accept()
                    conns[conn.fileno()] = conn
                    poller.register(conn, select.POLLIN)
                    continue
                if not echoed(conns[fd]):
                    poller.unregister(fd)
                    conns.pop(fd).close()
    finally:
        for conn in conns.values():
            conn.close()


def by_epoll(listener: socket.socket) -> None:
    """epoll forgets a descriptor that is closed: here nobody unregisters it."""
    conns: dict[int, socket.socket] = {}
    with select.epoll() as poller:
        poller.register(listener, select.EPOLLIN)
        try:
            while True:
                for fd, _ in poller.poll():
                    if fd == listener.fileno():
                        conn, _ = listener.accept()
                        conns[conn.fileno()] = conn
                        poller.register(conn, select.EPOLLIN)
                        continue
                    if not echoed(conns[fd]):
                        conns.pop(fd).close()
        finally:
            for conn in conns.values():
                conn.close()


def by_files(listener: socket.socket) -> None:
    def serve_client(conn: socket.socket) -> None:
        with conn, conn.makefile("rwb", buffering=0) as file:
            try:
                while data := file.read(4096):
                    view = memoryview(data)
                    while view:
                        view = view[file.write(view) :]
            except ConnectionError:
                pass

    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


def by_two_threads(listener: socket.socket) -> None:
    """A buffer that the kernel fills, and several threads in accept()."""

    def serve_all() -> None:
        buffer = bytearray(4096)
        view = memoryview(buffer)
        while True:
            conn, _ = listener.accept()
            with conn:
                try:
                    while count := conn.recv_into(buffer):
                        conn.sendall(view[:count])
                except ConnectionError:
                    pass

    for _ in range(4):
        threading.Thread(target=serve_all, daemon=True).start()
    serve_all()


def without_catching(listener: socket.socket) -> None:
    """A reset ends the thread with an error that nobody sees; the service goes on."""

    def serve_client(conn: socket.socket) -> None:
        with conn:
            while data := conn.recv(4096):
                conn.sendall(data)

    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve_client, args=(conn,), daemon=True).start()


WAYS = {
    "echo_server": {
        "ThreadPoolExecutor": by_pool,
        "socketserver": by_socketserver,
        "selectors": by_selectors,
        "makefile": by_files,
        "threads in accept()": by_two_threads,
        "an error ends one thread": without_catching,
        **({"poll": by_poll} if hasattr(select, "poll") else {}),
        **({"epoll": by_epoll} if hasattr(select, "epoll") else {}),
    },
}
