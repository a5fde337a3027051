import asyncio


async def ask_all(addresses, question, limit):
    asked = [ask(address, question, limit) for address in addresses]
    return await asyncio.gather(*asked, return_exceptions=True)


async def ask(address, question, limit):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), limit)
    finally:
        writer.transport.abort()
