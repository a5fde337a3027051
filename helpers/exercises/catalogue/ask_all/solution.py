import asyncio


async def ask_all(addresses, question, limit):
    """Ask all servers together. Return their replies, or errors, in the order of addresses."""
    asked = [asyncio.wait_for(ask(address, question), limit) for address in addresses]
    return await asyncio.gather(*asked, return_exceptions=True)


async def ask(address, question):
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(question)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.transport.abort()  # closes also where the question was not sent to its end
