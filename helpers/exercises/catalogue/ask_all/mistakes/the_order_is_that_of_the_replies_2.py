import asyncio


async def ask_all(addresses, question, limit):
    replies = []

    async def note(address):
        try:
            replies.append(await asyncio.wait_for(ask(address, question), limit))
        except OSError as error:
            replies.append(error)

    await asyncio.gather(*map(note, addresses))
    return replies


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
