"""The methods of a socket by what they do: which of them receive, send, connect, set up."""

from __future__ import annotations

RECEIVING = frozenset(
    {"recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into", "read"}
)
"""read() and write() are those of a TLS socket."""
SENDING = frozenset({"send", "sendall", "sendto", "sendmsg", "write"})
"""sendfile() is not among them: a recorded socket sends a file with send()."""
AGREEING = frozenset({"do_handshake", "unwrap"})
"""In these both ends of a TLS connection send, and none of it is data of the program's."""
CONNECTING = frozenset({"connect", "connect_ex"})
SETTING_UP = frozenset({"socket", "setsockopt", "settimeout", "setblocking", "bind", "listen"})
