"""What a known mistake claims about the calls, and whether the record has them.

A claim of `words.toml` is one of these. `recv` stands for each call that reads, `send` for each
that is no sendall():

    "recv"            the function has made such a call
    "recv failed"     the call has raised an error of the system
    "no recv failed"  no such call was made
    "close elsewhere" a thread has closed a socket while another one worked with it

A mistake is named only where each of its claims is in the record, and the report quotes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpers.record.events import Event

_FAMILIES = {
    "recv": frozenset({"recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg"}),
    "send": frozenset({"send", "sendto", "sendmsg"}),
}


def quoted(claims: Iterable[str], calls: Sequence[Event]) -> tuple[Event, ...] | None:
    """The calls that bear the claims out; None if one has none."""
    found = []
    for claim in claims:
        wanted = claim.removeprefix("no ")
        if wanted == "close elsewhere":
            event = _closed_elsewhere(calls)
        else:
            event = next((each for each in reversed(calls) if _is(each, wanted)), None)
        if (event is None) is (wanted == claim):
            return None
        if event is not None:
            found.append(event)
    return tuple(found)


def _closed_elsewhere(calls: Sequence[Event]) -> Event | None:
    """A close() of a socket with which another thread has not done, or failed later."""
    for close in calls:
        if close.call == "close" and any(
            each.socket == close.socket and each.actor != close.actor and each.outcome != "done"
            for each in calls
        ):
            return close
    return None


def _is(event: Event, wanted: str) -> bool:
    name, _, outcome = wanted.partition(" ")
    if event.call not in _FAMILIES.get(name, {name}):
        return False
    return not outcome or event.outcome == outcome
