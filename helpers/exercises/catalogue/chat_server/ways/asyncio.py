import asyncio


def chat_server(listener):
    """Send each line of a client to all the others, until stopped."""
    asyncio.run(serve_all(listener))


async def serve_all(listener):
    writers = set()

    async def talk(reader, writer):
        writers.add(writer)
        try:
            while True:
                line = await reader.readuntil(b"\n")
                if len(line) > 1000:
                    break
                for other in writers - {writer}:
                    other.write(line)
                    if other.transport.get_write_buffer_size() > 65536:
                        other.transport.abort()
                        writers.discard(other)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writers.discard(writer)
            writer.close()

    server = await asyncio.start_server(talk, sock=listener, limit=999)
    await server.serve_forever()
