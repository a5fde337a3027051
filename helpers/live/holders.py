"""Which live server holds an address that another one wants.

Rules of this file: it looks, and changes nothing. It says only what it knows: a server that is not
recorded in its listener holds an unknown address.
"""

from __future__ import annotations

import errno
import weakref
from typing import TYPE_CHECKING, Any

from helpers.addresses import address_text
from helpers.live.words import HOLDS
from helpers.record.record import record
from helpers.text import visible

if TYPE_CHECKING:
    from helpers.live.run import Run

_runs: weakref.WeakSet[Run] = weakref.WeakSet()
"""The runs that have begun. A run is kept by its thread, as long as that is alive."""


def enter(run: Run) -> None:
    """The run is about to begin."""
    _runs.add(run)


def told_of_holder(error: BaseException, but: Run | None = None) -> str:
    """What to say of an "address in use": which live server holds it. Else nothing."""
    if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE:
        return ""
    wanted = _wanted()
    holders = [run for run in list(_runs) if run is not but and run.is_alive()]
    for run in sorted(holders, key=lambda each: each.actor.actor.order, reverse=True):
        held = run.actor.address
        if held is not None and _port(held) == _port(wanted):
            return _sentences(run, "address", address_text(held, none=HOLDS["it"]))
        if held is None and run.actor.stopping:
            return _sentences(run, "perhaps")
    return ""


def _wanted() -> Any:
    """The address of the last bind() that failed."""
    for event in reversed(record.events()):
        if event.call == "bind" and event.outcome == "failed" and event.arguments:
            return event.arguments[0]
    return None


def _port(address: Any) -> Any:
    return address[1] if isinstance(address, tuple) and len(address) > 1 else address


def _sentences(run: Run, holds: str, address: str = "") -> str:
    if not run.actor.stopping:
        return HOLDS(holds, name=run.name, address=address)
    earlier = HOLDS(f"{holds} earlier", name=run.name, address=address)
    return " ".join(filter(None, [earlier, line_text(run), HOLDS["until then"]]))


def line_text(run: Run) -> str:
    """`It is in line 5: conn.recv(1)`, or nothing where that is not known."""
    place = next(reversed(run.standing_now().places), None)
    if place is None or place.line is None:
        return ""
    index = place.line - place.first
    if not 0 <= index < len(place.source):
        return ""  # the source has been replaced since the thread began
    return HOLDS("line", line=place.line, source=visible(place.source[index].strip()))
