import asyncio


async def ask_all(addresses, question, limit):
    replies = [b""] * len(addresses)

    async def note(place, address):
        replies[place] = await asyncio.wait_for(ask(address, question), limit)

    for place, address in enumerate(addresses):
        asyncio.create_task(note(place, address))
    return replies


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
