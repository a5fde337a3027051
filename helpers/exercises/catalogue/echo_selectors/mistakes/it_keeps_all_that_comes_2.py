import asyncio


def echo_selectors(listener):
    asyncio.run(serve(listener))


async def serve(listener):
    writers = set()

    async def echo(reader, writer):
        writers.add(writer)
        try:
            while data := await reader.read(4096):
                writer.write(data)
        except OSError:
            pass
        finally:
            writers.discard(writer)
            writer.close()

    server = await asyncio.start_server(echo, sock=listener)
    try:
        await server.serve_forever()
    finally:
        for writer in writers:
            writer.close()
