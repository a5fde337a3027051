import asyncio


async def ask_all(addresses, question, limit):
    ten = asyncio.Semaphore(10)

    async def one(address):
        async with ten:
            return await asyncio.wait_for(ask(address, question), limit)

    return await asyncio.gather(*map(one, addresses), return_exceptions=True)


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
