"""The methods of a socket by what they do: which of them receive, send, connect, set up."""

from __future__ import annotations

RECEIVING = frozenset({"recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into"})
SENDING = frozenset({"send", "sendall", "sendto", "sendmsg"})
"""sendfile() is not among them: a recorded socket sends a file with send()."""
CONNECTING = frozenset({"connect", "connect_ex"})
SETTING_UP = frozenset({"socket", "setsockopt", "settimeout", "setblocking", "bind", "listen"})
