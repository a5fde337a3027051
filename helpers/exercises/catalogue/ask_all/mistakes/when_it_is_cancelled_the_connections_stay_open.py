import asyncio


async def ask_all(addresses, question, limit):
    return await asyncio.gather(*(ask(address, question, limit) for address in addresses))


async def ask(address, question, limit):
    writer = None
    try:
        async with asyncio.timeout(limit):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(question)
            writer.write_eof()
            reply = await reader.read()
    except OSError as error:
        reply = error
    if writer is not None:
        writer.transport.abort()
    return reply
