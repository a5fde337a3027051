"""`python -m helpers.classroom.board`: the class board on this machine."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock, Timeout
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from helpers.classroom.board.app import SERVER, Board, application, csv_files
from helpers.classroom.board.store import Store
from helpers.course.progress_store import data_folder

if TYPE_CHECKING:
    from helpers.classroom.board.hub import Hub

PORT = 8765

ABOUT = """The class board: votes and progress of a class, live.

It listens on this machine only, unless --host names another address: 0.0.0.0 is every network
that this machine is in. What it keeps lies in one folder, and goes on when it is started again."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 1 if the board could not be started."""
    given = _parser().parse_args(arguments)
    try:
        folder = given.data or data_folder() / "board"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (
            FileLock(folder / "board.lock", timeout=0),
            closing(Store(folder / "board.sqlite")) as store,
        ):
            if given.export is not None:
                return _export(store, given.export)
            if given.forget:
                store.delete_all()
                print("All learners and votes are deleted.")
                return 0
            return asyncio.run(_serve(store, given))
    except Timeout:
        print(f"A board runs with this data already: {folder}", file=sys.stderr)
    except ImportError as error:
        print(f"The board needs a package that is not here: {error.name}", file=sys.stderr)
    except KeyError as error:
        print(f"No Hub has started this board: {error} is not set.", file=sys.stderr)
    except (OSError, ssl.SSLError) as error:
        print(f"The board cannot be started: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m helpers.classroom.board",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, default=PORT, help=f"({PORT}; 0: any free one)")
    parser.add_argument("--data", type=Path, help="folder of what is kept")
    parser.add_argument("--cert", type=Path, help="certificate (PEM): the board speaks TLS")
    parser.add_argument("--key", type=Path, help="the key of the certificate (PEM)")
    parser.add_argument("--hub", action="store_true",
                        help="as a service of a JupyterHub, which starts it")  # fmt: skip
    parser.add_argument("--export", type=Path, metavar="FOLDER",
                        help="write events.csv and votes.csv there, and end")  # fmt: skip
    parser.add_argument("--forget", action="store_true",
                        help="delete all learners and votes, and end")  # fmt: skip
    return parser


def _export(store: Store, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in csv_files(store):
        (folder / name).write_text(text, encoding="utf-8-sig", newline="")
        print(folder / name)
    return 0


ON_A_HUB = """The class board is open, as a service of the hub. Learners run, once:
    from helpers import classroom
    classroom.join()
Its pages are services/board/wall and services/board/teacher."""
"""What stands in the hub's log: neither code nor key, which nobody needs there."""


async def _serve(store: Store, given: argparse.Namespace) -> int:
    logging.getLogger("tornado").setLevel(logging.ERROR)
    context = None
    if given.cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(given.cert, given.key)
    sockets = bind_sockets(given.port, given.host, backlog=1024)  # a class that joins together
    board = Board(store, _hub() if given.hub else None)
    server = HTTPServer(application(board), ssl_options=context, **SERVER)
    server.add_sockets(sockets)
    scheme = "https" if context else "http"
    port = sockets[0].getsockname()[1]
    print(ON_A_HUB if given.hub else told(store, scheme, given.host, port), flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows: Control-C raises KeyboardInterrupt
            break
    await ended.wait()
    server.stop()
    board.close()
    await server.close_all_connections()
    return 0


def _hub() -> Hub:
    """The Hub that has started this. Raises KeyError if none has."""
    from helpers.classroom.board.hub import Hub  # only a hub has JupyterHub

    return Hub()


def told(store: Store, scheme: str, host: str, port: int) -> str:
    """What the teacher reads when the board has started."""
    here = f"{scheme}://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    places = [f"{scheme}://{each}:{port}" for each in _addresses()] if host == "0.0.0.0" else [here]
    lines = [f"    classroom.join({place!r}, code={store.code!r}, name='...')" for place in places]
    return "\n".join(
        [
            "The class board is open. Learners run, once:",
            "    from helpers import classroom",
            *lines,
            f"Project:     {here}/wall",
            f"Only yours:  {here}/teacher#{store.key}",
            "Control-C ends it. What it has is kept.",
        ]
    )


def _addresses() -> list[str]:
    """The IPv4 addresses under which other machines can reach this one."""
    return [
        each.address
        for found in psutil.net_if_addrs().values()
        for each in found
        if each.family == socket.AF_INET and not each.address.startswith("127.")
    ] or ["127.0.0.1"]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
