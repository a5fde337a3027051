"""Which live servers run, and which cell started each: a cell that runs again replaces its own.

Only the thread of the cells touches what is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.live import printed

if TYPE_CHECKING:
    from helpers.live.server import LiveServer

running: list[LiveServer] = []
"""The servers that were started and not stopped."""
by_cell: dict[str, list[LiveServer]] = {}
"""The running servers, by the cell that started them."""
_cell: str | None = None
_cells_with_servers: set[str] = set()
"""The cells that have ever started one."""


def enter(server: LiveServer) -> None:
    """The server is about to start, in the cell that runs now."""
    running.append(server)
    if _cell is not None:
        by_cell.setdefault(_cell, []).append(server)
        _cells_with_servers.add(_cell)
    printed.divert()


def remove(server: LiveServer) -> None:
    """The server is over. One that is not here is no error."""
    if server in running:
        running.remove(server)
    for servers in by_cell.values():
        if server in servers:
            servers.remove(server)
    printed.restore_if_unused()


def cell_begins(cell: str) -> bool:
    """A cell is about to run: the servers that it started before make room.

    Returns whether it has started any, also such as have ended.
    """
    global _cell
    _cell = cell
    for server in by_cell.pop(cell, []):
        server.discard()
    if running:
        printed.divert()  # the cell before may have replaced the streams
    return cell in _cells_with_servers


def stop_all() -> None:
    """Stop every server that is still running, whatever it says."""
    global _cell
    _cell = None
    by_cell.clear()
    for server in list(running):
        server.discard()
