import asyncio


async def ask_all(addresses, question, limit):
    replies = []
    for address in addresses:
        asyncio.create_task(ask(address, question)).add_done_callback(lambda task: replies.append(task.result()))
    await asyncio.sleep(0)
    return replies


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
