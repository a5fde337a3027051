import asyncio


async def ask_all(addresses, question, limit):
    return await asyncio.gather(*(one(address, question, limit) for address in addresses))


async def one(address, question, limit):
    try:
        return await asyncio.wait_for(ask(address, question), limit)
    except (ConnectionRefusedError, TimeoutError) as error:
        return error


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()
