"""An address that the learner asks for: which sockets it stands for.

No question to the system: the ends of a socket in, an answer out.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Any, TypeAlias

from helpers.addresses import address_text, ip_of
from helpers.kernel.saying import NOTE, REFUSED
from helpers.text import cut, distinct, visible

End: TypeAlias = tuple[str, int]
"""The host and the port of one end, as the system's own lists give them."""


@dataclass(frozen=True, slots=True)
class Address:
    """What the learner asked for."""

    host: IPv4Address | IPv6Address
    """0.0.0.0 and :: stand for any host."""
    port: int
    peer: Address | None = None
    """The other end, where one connection is meant."""

    def __str__(self) -> str:
        text = address_text((str(self.host), self.port))
        return NOTE("pair", address=text, peer=self.peer) if self.peer else text

    def is_at(self, end: End) -> bool:
        """Whether it stands for this end."""
        host, port = end
        return port == self.port and (self.host.is_unspecified or ip_of(host) == self.host)

    def stands_for(self, local: End, remote: End, state: str) -> bool:
        """Whether it stands for the socket with these ends."""
        at_local, at_remote = self.is_at(local), self.is_at(remote)
        if self.peer is not None:
            return (at_local and self.peer.is_at(remote)) or (at_remote and self.peer.is_at(local))
        if at_local or at_remote:
            return True
        at = ip_of(local[0])
        on_every_interface = at is not None and at.is_unspecified
        return state == "LISTEN" and local[1] == self.port and on_every_interface


def parsed(argument: tuple[Any, ...]) -> Address:
    """The address that `('127.0.0.1', 8080)`, or a pair of such tuples, stands for.

    Raises ValueError for a tuple that is no address.
    """
    if len(argument) == 2 and all(isinstance(end, tuple) for end in argument):
        local, remote = map(_parsed_end, argument)
        return Address(local.host, local.port, remote)
    return _parsed_end(argument)


def _parsed_end(argument: tuple[Any, ...]) -> Address:
    if not 2 <= len(argument) <= 4:
        raise ValueError(REFUSED("length", count=len(argument)))
    host, port = argument[:2]
    if type(port) is not int or not 1 <= port <= 65535:
        raise ValueError(REFUSED("port", given=described(port)))
    ip = ip_of(host or "0.0.0.0") if isinstance(host, str) else None
    if ip is None:
        raise ValueError(REFUSED("host", given=described(host)))
    return Address(ip, port)


def described(value: object) -> str:
    """A value in an error message: its type, and the value itself where that is short."""
    kind = type(value).__name__
    if type(value) in (int, bool, float, str, bytes):
        try:
            return REFUSED("value", kind=kind, value=cut(visible(repr(value)), 40))
        except ValueError:  # an int of more than 4,300 digits
            return REFUSED("huge", kind=kind)
    return "None" if value is None else REFUSED("object", kind=distinct(kind))
