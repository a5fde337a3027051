import asyncio


def _greeting(port):
    return f"your port is {port}\n".encode()


def greet(listener):
    async def serve():
        loop = asyncio.get_running_loop()
        for _ in range(3):
            conn, (_, port) = await loop.sock_accept(listener)
            with conn:
                await loop.sock_sendall(conn, _greeting(port))

    listener.setblocking(False)
    asyncio.run(serve())
    listener.setblocking(True)
