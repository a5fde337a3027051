"""What a known mistake claims about the calls, and whether the record has them.

A claim of `words.toml` is a call, or one of these about it. `recv` stands for each call that reads,
`send` for each that sends and is no sendall():

    "recv"               the function has made such a call, on whatever socket
    "one recv"           not more than one on each socket
    "recv end"           the call gave b'': the end of the stream
    "recv failed"        the call has raised an error
    "recv waiting"       the call waited still when all peers had done all that they do
    "shutdown(SHUT_WR)"  it was made with this constant as its first argument
    "close elsewhere"    a thread has closed a socket while another one worked with it
    "no recv end"        the record has no such call

A mistake is named only where each of its claims is in the record, and the report quotes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from helpers.record.events import Constant, Event

Shown = tuple[Event, ...]
"""The calls that show a claim; one for most, two where one came in between another."""

FAMILIES = {
    "recv": frozenset({"recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "read"}),
    "send": frozenset({"send", "sendto", "sendmsg", "write"}),
}
OF_A_FAMILY = {call: name for name, calls in FAMILIES.items() for call in calls}
"""The call that stands for each of these."""


def quoted(claims: Iterable[str], found: Mapping[str, Shown]) -> tuple[Shown, ...] | None:
    """The calls that bear the claims out, of what is `claimable`; None if one is not borne out."""
    shown = []
    for claim in claims:
        wanted = claim.removeprefix("no ")
        if (wanted in found) is (wanted != claim):
            return None
        if wanted in found:
            shown.append(found[wanted])
    return tuple(shown)


def claimable(calls: Sequence[Event]) -> dict[str, Shown]:
    """All that can be claimed of these calls, and which of them shows it: the latest one."""
    found: dict[str, Shown] = {}
    count: Counter[tuple[str, int]] = Counter()
    for call in calls:
        name = OF_A_FAMILY.get(call.call, call.call)
        shows = [name, f"{name} {call.outcome}"] if call.outcome != "done" else [name]
        if call.arguments and _is_named(call.arguments[0]):
            shows.append(f"{name}({call.arguments[0]})")
        if name == "recv" and call.outcome == "done" and not call.size:
            shows.append("recv end")
        found.update(dict.fromkeys(shows, (call,)))
        count[name, call.socket] += 1
    for name in {name for name, _ in count}:
        if max(times for (each, _), times in count.items() if each == name) == 1:
            found[f"one {name}"] = found[name]
    if closed := _closed_elsewhere(calls):
        found["close elsewhere"] = closed
    return found


def _closed_elsewhere(calls: Sequence[Event]) -> Shown:
    """A close() of a socket with which another thread has not done, or failed later."""
    unfinished: dict[int, list[Event]] = {}
    for call in calls:
        if call.outcome != "done":
            unfinished.setdefault(call.socket, []).append(call)
    for close in calls:
        if close.call == "close" and not close.note:
            for other in unfinished.get(close.socket, ()):
                if other.actor != close.actor:
                    return (close, other)
    return ()


def _is_named(argument: object) -> bool:
    """Whether it is a constant of the module socket, such as SHUT_WR."""
    return isinstance(argument, Constant) and argument.isidentifier()
