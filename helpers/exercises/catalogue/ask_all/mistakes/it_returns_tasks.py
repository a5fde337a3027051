import asyncio


async def ask_all(addresses, question, limit):
    tasks = [asyncio.create_task(ask(address, question)) for address in addresses]
    await asyncio.wait(tasks, timeout=limit)
    return tasks


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
