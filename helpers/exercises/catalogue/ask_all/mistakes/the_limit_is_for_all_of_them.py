import asyncio


async def ask_all(addresses, question, limit):
    asked = [ask(address, question) for address in addresses]
    return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), limit)


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
