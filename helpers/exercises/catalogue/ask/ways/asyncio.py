import asyncio


def ask(address, question):
    async def talk():
        reader, writer = await asyncio.open_connection(*address)
        try:
            writer.write(question)
            await writer.drain()
            writer.write_eof()
            return await reader.read()
        finally:
            writer.close()

    return asyncio.run(talk())
