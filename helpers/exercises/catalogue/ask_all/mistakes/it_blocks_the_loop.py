import asyncio
import socket


async def ask_all(addresses, question, limit):
    asked = [asyncio.wait_for(ask(address, question), limit) for address in addresses]
    return await asyncio.gather(*asked, return_exceptions=True)


async def ask(address, question):
    with socket.create_connection(address) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        reply = b""
        while data := sock.recv(4096):
            reply += data
        return reply
