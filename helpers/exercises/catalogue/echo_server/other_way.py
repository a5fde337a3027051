import asyncio


def echo_server(listener):
    """Echo to every client of listener, several at a time, until stopped."""
    asyncio.run(serve_all(listener))


async def serve_all(listener):
    server = await asyncio.start_server(serve_client, sock=listener)
    await server.serve_forever()


async def serve_client(reader, writer):
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # this client broke off; the others go on
    finally:
        writer.close()
