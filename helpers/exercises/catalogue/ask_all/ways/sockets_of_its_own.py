import asyncio
import socket


async def ask_all(addresses, question, limit):
    """Without streams: the loop's own calls on a socket."""
    return await asyncio.gather(
        *(asyncio.wait_for(ask(address, question), limit) for address in addresses),
        return_exceptions=True,
    )


async def ask(address, question):
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, address)
        await loop.sock_sendall(sock, question)
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        while data := await loop.sock_recv(sock, 65536):
            reply += data
        return reply
