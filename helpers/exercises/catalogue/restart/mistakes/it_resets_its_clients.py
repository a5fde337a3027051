import socket
import struct
import sys


def restart(port):
    listener = socket.create_server(("127.0.0.1", port))
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    return listener
