"""What a selector or a poll object watches, so that each wait costs the same, however much that is.

Rules of this file:

- Whether all of it is recorded is counted as it is registered, and not at each wait.
- The descriptors themselves are looked at only when somebody asks for them.
"""

from __future__ import annotations

import selectors
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from helpers.record.socket_info import info_of
from helpers.record.streams import Endpoint
from helpers.record.wakeup import Waker

_IMPLEMENTATION: Any = selectors._BaseSelectorImpl
_plain_register, _plain_unregister = _IMPLEMENTATION.register, _IMPLEMENTATION.unregister
_TALLY = "_recorder_tally"
_installs = 0


class Watched:
    """The descriptors, each with `write`, that are watched when somebody asks."""

    __slots__ = ("_look", "_same", "tells")

    def __init__(
        self,
        look: Callable[[], Iterable[tuple[int, bool]]],
        same: object,
        tells: Callable[[], bool] | None = None,
    ) -> None:
        self._look = look
        self._same = same
        """Equal for two waits on the same descriptors."""
        self.tells = tells
        """Whether there is something to tell of one of them. None: whoever is ready tells."""

    def __iter__(self) -> Iterator[tuple[int, bool]]:
        return iter(tuple(self._look()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Watched) and self._same == other._same

    def __hash__(self) -> int:
        return hash(self._same)


class Tally:
    """What is registered: which of it is not recorded, and how often that has changed."""

    def __init__(self, look: Callable[[], Iterable[Any]], count: Callable[[], int]) -> None:
        self._look = look
        self._count = count
        self.unrecorded: set[int] = set()
        self.changes = 0
        self.install = _installs
        self.looked_for_listener = -1
        """The number of changes when it was last looked through for a listener."""

    def registered(self, fd: int, owner: Any) -> None:
        self.changes += 1
        if info_of(owner) is None:
            self.unrecorded.add(fd)
        else:
            self.unrecorded.discard(fd)

    def unregistered(self, fd: int) -> None:
        self.changes += 1
        self.unrecorded.discard(fd)

    @property
    def all_recorded(self) -> bool:
        """Whether it is for sockets of the learner's, and for nothing else."""
        return not self.unrecorded and self._count() > 0

    def __iter__(self) -> Iterator[Any]:
        return iter(tuple(self._look()))


def keys(selector: selectors.BaseSelector) -> list[selectors.SelectorKey]:
    """What it watches now; nothing if it is closed. Another thread may change it meanwhile."""
    numbers = selector.get_map() or {}
    found = (numbers.get(number) for number in list(numbers))
    return [key for key in found if key is not None and type(key.fileobj) is not Waker]


def _map_of(selector: selectors.BaseSelector | None) -> Any:
    return (selector.get_map() if selector is not None else None) or {}


def _sockets_in(selector: selectors.BaseSelector | None) -> list[Any]:
    return [] if selector is None else [key.fileobj for key in keys(selector)]


def tally_of(selector: Any) -> Tally:
    """Its tally; made now if it was not registered with while the recorder is installed."""
    tally: Tally | None = selector.__dict__.get(_TALLY)
    if tally is None or tally.install != _installs:
        here = weakref.ref(selector)  # a cycle would keep it, and its descriptor, from going
        tally = Tally(lambda: _sockets_in(here()), lambda: len(_map_of(here())))
        for key in keys(selector):
            tally.registered(key.fd, key.fileobj)
        selector.__dict__[_TALLY] = tally
    return tally


def are_recorded(sockets: Collection[Any] | Tally) -> bool:
    """Whether it waits for sockets of the learner's, and for nothing else."""
    if isinstance(sockets, Tally):
        return sockets.all_recorded
    return bool(sockets) and all(info_of(each) is not None for each in sockets)


def ends_of(sockets: Iterable[Any]) -> Iterator[Endpoint]:
    """The ends of connections among these."""
    for each in sockets:
        info = info_of(each)
        if info is not None and info.endpoint is not None:
            yield info.endpoint


def _register(self: Any, fileobj: Any, events: int, data: Any = None) -> Any:
    key = _plain_register(self, fileobj, events, data)
    tally = self.__dict__.get(_TALLY)
    if tally is not None and type(fileobj) is not Waker:
        tally.registered(key.fd, fileobj)
    return key


def _unregister(self: Any, fileobj: Any) -> Any:
    key = _plain_unregister(self, fileobj)
    tally = self.__dict__.get(_TALLY)
    if tally is not None and type(fileobj) is not Waker:
        tally.unregistered(key.fd)
    return key


def install() -> None:
    """From now on each selector counts what it watches."""
    global _installs
    _installs += 1
    _IMPLEMENTATION.register, _IMPLEMENTATION.unregister = _register, _unregister


def uninstall() -> None:
    """Put the plain ones back."""
    _IMPLEMENTATION.register, _IMPLEMENTATION.unregister = _plain_register, _plain_unregister
