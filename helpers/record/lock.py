"""The one lock of the record, and what finalizers have left to be done.

Rules of this file:

- It guards the wire, the active actors, those who watch, and the start of the log. It is held
  for bookkeeping only, never across a wait.
- Whoever holds it takes no other lock.
- Its holder may take it again. A finalizer may run anywhere, also while the lock is held, and
  those of makefile() and of asyncio close their sockets, which takes the lock.
- The recorder's own finalizers take no lock at all. They leave a message (`tell`), and whoever
  takes the lock next reads it first.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class DrainingLock:
    """`with lock.hold():` reads the messages, then holds the lock.

    It gives a plain RLock to the `with` statement. With an `__enter__` of its own, Ctrl-C could
    come between taking the lock and the statement that gives it back.
    """

    __slots__ = ("_lock", "_messages")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._messages: deque[Callable[[], None]] = deque()

    def hold(self) -> threading.RLock:
        """The lock, to be taken at once. What was told before this is done before."""
        if self._messages and not self._lock._is_owned():  # type: ignore[attr-defined]
            self._drain()
        return self._lock

    def _drain(self) -> None:
        """Not for who holds the lock already: it may be in the middle of a change."""
        with self._lock:
            while self._messages:
                self._messages.popleft()()

    def tell(self, message: Callable[[], None]) -> None:
        """Leave something to be done under the lock. Takes no lock: a finalizer may call it."""
        self._messages.append(message)

    def renew(self) -> None:
        """In a forked child: the thread that held the lock may not be there."""
        self._lock = threading.RLock()
