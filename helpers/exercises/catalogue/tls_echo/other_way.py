import asyncio


def tls_echo(listener, context):
    """Echo over TLS to every client of listener, several at a time, until stopped."""
    asyncio.run(serve_all(listener, context))


async def serve_all(listener, context):
    server = await asyncio.start_server(serve_client, sock=listener, ssl=context)
    await server.serve_forever()


async def serve_client(reader, writer):
    try:
        while data := await reader.read(16384):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # this client broke off; the others go on
    finally:
        writer.close()
