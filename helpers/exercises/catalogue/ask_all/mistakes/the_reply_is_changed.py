import asyncio


async def ask_all(addresses, question, limit):
    asked = [asyncio.wait_for(ask(address, question), limit) for address in addresses]
    return await asyncio.gather(*asked, return_exceptions=True)


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return (await reader.read()).strip(b'\0')
    finally:
        writer.transport.abort()
