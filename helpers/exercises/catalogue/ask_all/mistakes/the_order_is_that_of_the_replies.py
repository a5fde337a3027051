import asyncio


async def ask_all(addresses, question, limit):
    replies = []
    for each in asyncio.as_completed([asyncio.wait_for(ask(a, question), limit) for a in addresses]):
        try:
            replies.append(await each)
        except OSError as error:
            replies.append(error)
    return replies


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
