import asyncio


async def ask_all(addresses, question, limit):
    tasks = [asyncio.create_task(asyncio.wait_for(ask(a, question), limit)) for a in addresses]
    if tasks:
        await asyncio.wait(tasks)
    return [task.exception() or task.result() for task in tasks]


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
