import asyncio


async def one(address, limit):
    try:
        async with asyncio.timeout(limit):
            _, writer = await asyncio.open_connection(*address)
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silent"
    writer.close()
    await writer.wait_closed()
    return "open"


def probe(addresses, limit):
    async def every():
        return [await one(address, limit) for address in addresses]

    return asyncio.run(every())
