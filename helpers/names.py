"""Names that only this program knows: a lesson, and a check, ask nobody's name server.

    with made_up_names({"shop.example": ["::1", "127.0.0.1"]}):
        socket.create_connection(("shop.example", 8888))

Rules of this file:

- A made-up name has the addresses that it was given. A name below a domain that a standard keeps
  free for examples and tests (RFC 6761, 6.2, 6.4, 6.5), and that was not given, has none. Every
  other name and each number is looked up as before: other threads of the program may need it.
- The answers are the system's own. It is asked for each address, and told to ask no name server
  (AI_NUMERICHOST): so families, protocols and errors are those that a learner gets elsewhere.
- It is replaced where all others come by: `socket.getaddrinfo` of Python, which asyncio, urllib and
  `create_connection` call, calls the one of `_socket`.
"""

from __future__ import annotations

import _socket
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from helpers.words import HELPERS

Question: TypeAlias = tuple[Any, ...]
"""Host, port, family, type, protocol and flags that were asked for; numbers left out are 0."""

_KEPT_FREE = (".example", ".invalid", ".test")


@contextmanager
def made_up_names(names: Mapping[str, Sequence[Any]]) -> Iterator[list[Question]]:
    """Give host names addresses, in this program and until the block ends.

    `names` has a list of IP addresses for each name, in the order of the answer. The list may be
    empty. A tuple in it is an entry of the answer, as it is. Gives the list of the questions about
    these names, which grows. Raises ValueError for what is neither an IP address nor a tuple.
    """
    book = {_plain(name): [*addresses] for name, addresses in names.items()}
    for address in (each for addresses in book.values() for each in addresses):
        if not isinstance(address, tuple):
            _check(address)
    answers = _Answers(book)
    module: Any = _socket
    before = module.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex
    module.getaddrinfo = answers.getaddrinfo
    socket.gethostbyname, socket.gethostbyname_ex = answers.gethostbyname, answers.gethostbyname_ex
    try:
        yield answers.questions
    finally:
        module.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex = before


def _check(address: Any) -> None:
    try:
        _socket.getaddrinfo(address, None, flags=socket.AI_NUMERICHOST)
    except (OSError, TypeError) as error:
        raise ValueError(HELPERS("refused.no address", given=repr(address))) from error


def _plain(host: Any) -> str:
    """A host as it is compared: upper and lower case are the same (RFC 4343)."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else host
    return text.lower().rstrip(".") if isinstance(text, str) else ""


class _Answers:
    """The lookups of the system, with some names of our own before them."""

    def __init__(self, book: Mapping[str, list[Any]]) -> None:
        self.questions: list[Question] = []
        self._book = book
        self._getaddrinfo = _socket.getaddrinfo
        self._gethostbyname = socket.gethostbyname
        self._gethostbyname_ex = socket.gethostbyname_ex

    def _is_ours(self, host: Any) -> bool:
        name = _plain(host)
        return name in self._book or name.endswith(_KEPT_FREE)

    def getaddrinfo(
        self, host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        """As `socket.getaddrinfo`. Raises gaierror, too."""
        if not self._is_ours(host):
            return self._getaddrinfo(host, port, family, type, proto, flags)
        self.questions.append((host, port, int(family), int(type), int(proto), int(flags)))
        rest = (port, family, type, proto, flags | socket.AI_NUMERICHOST)
        if _plain(host) not in self._book:
            return self._getaddrinfo(host, *rest)  # the error of a name that nobody has
        found: list[Any] = []
        refused: OSError | None = None
        for each in self._book[_plain(host)]:
            if isinstance(each, tuple):
                found += [each] if family in (0, each[0]) else []
                continue
            try:
                found += self._getaddrinfo(each, *rest)
            except socket.gaierror as error:  # of another family than was asked for
                refused = error
        if refused is not None and not found:
            raise refused
        return found

    def gethostbyname(self, host: Any) -> str:
        """As `socket.gethostbyname`: it knows IPv4, and gives one address."""
        if not self._is_ours(host):
            return self._gethostbyname(host)
        return str(self.getaddrinfo(host, None, socket.AF_INET)[0][4][0])

    def gethostbyname_ex(self, host: Any) -> tuple[str, list[str], list[str]]:
        """As `socket.gethostbyname_ex`."""
        if not self._is_ours(host):
            return self._gethostbyname_ex(host)
        found = self.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
        return _plain(host), [], [str(entry[4][0]) for entry in found]
