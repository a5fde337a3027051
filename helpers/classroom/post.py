"""One HTTP request to the board, on a plain socket: no ladder shows it."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from helpers.classroom.protocol import LARGEST_BODY
from helpers.sockets.attempts import PLAIN

TIME_LIMIT = 5.0
"""Seconds for each step of a request. Chosen: a board in the same room answers in hundredths."""


class Refused(Exception):
    """The board's answer is a no. `status` is that of HTTP."""

    def __init__(self, status: int, says: str) -> None:
        super().__init__(says)
        self.status = status


class Away(Exception):
    """No board answers at this address, or what answers is no board."""


class Untrusted(Away):
    """What answers shows a certificate that this machine does not trust. Nothing was sent."""


def bearer(token: str) -> str:
    """The header `Authorization` for a token of the board."""
    return f"Bearer {token}"


def post(
    address: str,
    path: str,
    told: dict[str, Any],
    authorization: str = "",
    limit: float = TIME_LIMIT,
) -> dict[str, Any]:
    """Send JSON, and return the JSON of the answer.

    Raises Refused, Untrusted and Away, and nothing else.
    """
    try:
        parts = urlsplit(address)
        connection = _Connection(parts.scheme, parts.hostname or "", parts.port, limit)
        try:
            headers = {"Content-Type": "application/json"}
            if authorization:
                headers["Authorization"] = authorization
            body = json.dumps(told).encode()
            connection.request("POST", parts.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            answer = json.loads(response.read(LARGEST_BODY))
        finally:
            connection.close()
        if not isinstance(answer, dict):
            raise Away("what answers is no board")
    except ssl.SSLCertVerificationError as error:
        raise Untrusted(error.verify_message) from error
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        raise Away(str(error) or type(error).__name__) from error
    if response.status != 200:
        raise Refused(response.status, str(answer.get("says", ""))[:200])
    return answer


class _Connection(http.client.HTTPConnection):
    """`HTTPConnection` with a socket of the class that no recorder knows."""

    def __init__(self, scheme: str, host: str, port: int | None, limit: float) -> None:
        self._tls = scheme == "https"
        super().__init__(host, port or (443 if self._tls else 80), timeout=limit)

    def connect(self) -> None:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, where in found:
            try:
                self.sock = self._connected(PLAIN(family, kind, protocol), where)
                return
            except OSError as error:
                last = error
        raise last

    def _connected(self, sock: socket.socket, where: Any) -> socket.socket:
        try:
            sock.settimeout(self.timeout)
            sock.connect(where)
            if self._tls:
                context = ssl.create_default_context()
                return context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise
        return sock
