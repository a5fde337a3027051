import asyncio


async def ask_all(addresses, question, limit):
    replies = []
    for address in addresses:
        task = asyncio.create_task(ask(address, question))
        try:
            replies.append(await asyncio.wait_for(task, limit))
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
