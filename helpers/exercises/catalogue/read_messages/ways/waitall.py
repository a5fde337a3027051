import socket
import struct


def read_messages(sock, limit):
    def exactly(n):
        data = b""
        while len(data) < n:
            piece = sock.recv(n - len(data), socket.MSG_WAITALL)
            if not piece:
                break
            data += piece
        return data

    while header := exactly(4):
        if len(header) < 4:
            raise EOFError
        (length,) = struct.unpack(">L", header)
        if length > limit:
            raise ValueError
        message = exactly(length)
        if len(message) != length:
            raise EOFError
        yield message
