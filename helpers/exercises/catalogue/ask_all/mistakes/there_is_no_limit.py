import asyncio


async def ask_all(addresses, question, limit):
    return await asyncio.gather(*(ask(a, question) for a in addresses), return_exceptions=True)


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
