import asyncio


async def serve(sock):
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    while True:
        data, client_address = await loop.sock_recvfrom(sock, 65535)
        try:
            await loop.sock_sendto(sock, data, client_address)
        except OSError as error:
            print("no answer for", client_address, error)


def udp_echo(sock):
    asyncio.run(serve(sock))
