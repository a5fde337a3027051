import asyncio


async def ask_all(addresses, question, limit):
    asked = [ask(address, question, limit) for address in addresses]
    return await asyncio.gather(*asked, return_exceptions=True)


async def ask(address, question, limit):
    reader, writer = await asyncio.wait_for(asyncio.open_connection(*address), limit)
    try:
        writer.write(question)
        writer.write_eof()
        reply = b""
        while data := await asyncio.wait_for(reader.read(4096), limit):
            reply += data
        return reply
    finally:
        writer.transport.abort()
