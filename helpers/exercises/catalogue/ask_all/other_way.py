import asyncio


async def ask_all(addresses, question, limit):
    """Ask all servers together. Return their replies, or errors, in the order of addresses."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(address, question, limit)) for address in addresses]
    return [task.result() for task in tasks]


async def ask(address, question, limit):
    try:
        async with asyncio.timeout(limit):
            reader, writer = await asyncio.open_connection(*address)
            try:
                writer.write(question)
                writer.write_eof()
                return await reader.read()
            finally:
                writer.transport.abort()
    except OSError as error:  # TimeoutError is one, too
        return error
