import asyncio


async def ask_all(addresses, question, limit):
    """asyncio.wait() with a time limit. Whoever is not done then is cancelled, and waited for."""
    tasks = [asyncio.create_task(ask(address, question)) for address in addresses]
    if not tasks:
        return []
    try:
        done, late = await asyncio.wait(tasks, timeout=limit)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [TimeoutError() if task in late else task.exception() or task.result() for task in tasks]


async def ask(address, question):
    host, port = address
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read(-1)
    finally:
        writer.transport.abort()
