import asyncio


async def ask_all(addresses, question, limit):
    replies = []
    for start in range(0, len(addresses), 20):
        some = addresses[start : start + 20]
        asked = [asyncio.wait_for(ask(address, question), limit) for address in some]
        replies += await asyncio.gather(*asked, return_exceptions=True)
    return replies


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
