import os
import socket
from contextlib import suppress


async def echo_async(reader, writer):
    try:
        with socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno())) as sock:
            sock.setblocking(True)
            while data := sock.recv(4096):
                sock.sendall(data)
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
