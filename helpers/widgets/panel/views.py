"""Which views a panel shows of its server, and in which order. Only this file knows them.

To show one more, put it into `views_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from helpers.addresses import address_key, address_text
from helpers.kernel.view import KernelView, kernel_view
from helpers.ladder.timeline import Timeline
from helpers.live.server import LiveServer
from helpers.record.record import record
from helpers.text import visible
from helpers.view import View
from helpers.widgets.panel.words import VIEW

ROWS_SHOWN = 12
"""Rows of the kernel's table. Linux keeps the closed ones for 60 s (TIME_WAIT)."""

Names = Mapping[tuple[Any, Any], str]
"""The name of a socket, by its own address and that of its peer (None: it has none)."""


@dataclass(frozen=True)
class PanelView:
    """A view as the panel shows it. One that has a picture can be read as text too."""

    name: str
    view: View
    live_only: bool = False
    """It differs from run to run, so only a live page shows it."""


def views_of(live: LiveServer, timeline: Timeline, names: Names) -> tuple[PanelView, ...]:
    """What there is to see of the server now. `timeline` has its calls."""
    where = PanelView(VIEW["server"], live.snapshot())
    address = live.known_address
    if takes_datagrams(address):
        kernel = PanelView(VIEW["sockets"], KernelView((), (VIEW["datagrams"],)), live_only=True)
    elif isinstance(address, tuple):
        sockets = named(kernel_view(address[:2]), names)
        kernel = PanelView(VIEW["sockets"], sockets, live_only=True)
    else:
        kernel = PanelView(VIEW["sockets"], KernelView((), (VIEW["no address"],)), live_only=True)
    # The ladder comes last, as it grows.
    return where, kernel, PanelView(VIEW["ladder"], timeline)


def takes_datagrams(address: Any) -> bool:
    """Whether a recorded UDP socket of the server's has this address, and nobody listens there."""
    key = address_key(address)
    return key in record.wire.datagrams.by_address and not record.wire.listeners_at(address)


def named(view: KernelView, names: Names) -> KernelView:
    """The kernel's table with the names of the sockets, as far as they are known."""
    known = {(address_text(own), address_text(peer)): name for (own, peer), name in names.items()}
    rows = tuple(
        replace(row, name=visible(known.get((row.local, row.remote), row.name)))
        for row in view.rows[:ROWS_SHOWN]
    )
    more = len(view) - len(rows)
    notes = (VIEW.counted("more", more),) if more else ()
    return KernelView(rows, (*view.notes, *notes))
