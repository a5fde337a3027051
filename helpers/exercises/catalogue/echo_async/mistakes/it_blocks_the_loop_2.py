import os
import socket
from contextlib import suppress


async def echo_async(reader, writer):
    try:
        sock = socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno()))
        sock.settimeout(None)
        with sock, sock.makefile("rb", buffering=0) as file:
            while data := file.read(4096):
                sock.sendall(data)
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
