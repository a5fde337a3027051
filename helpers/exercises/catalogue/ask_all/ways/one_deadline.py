import asyncio
import contextlib


async def ask_all(addresses, question, limit):
    """One moment for all of them: they begin together."""
    deadline = asyncio.get_running_loop().time() + limit
    return await asyncio.gather(*[ask(each, question, deadline) for each in addresses])


@contextlib.asynccontextmanager
async def connected(address):
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask(address, question, deadline):
    try:
        async with asyncio.timeout_at(deadline), connected(address) as (reader, writer):
            writer.write(question)
            writer.write_eof()
            reply = bytearray()
            while data := await reader.read(65536):
                reply += data
            return bytes(reply)
    except Exception as error:
        return error
