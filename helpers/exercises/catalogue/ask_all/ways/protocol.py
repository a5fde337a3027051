import asyncio


class Asking(asyncio.Protocol):
    def __init__(self, question):
        self.question, self.reply = question, b""
        self.answered = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        transport.write(self.question)
        transport.write_eof()

    def data_received(self, data):
        self.reply += data

    def connection_lost(self, error):
        if self.answered.done():
            return
        if error is None:
            self.answered.set_result(self.reply)
        else:
            self.answered.set_exception(error)


async def ask_all(addresses, question, limit):
    tasks = []
    async with asyncio.TaskGroup() as group:
        for address in addresses:
            tasks.append(group.create_task(ask(address, question, limit)))
    return [await task for task in tasks]


async def ask(address, question, limit):
    loop = asyncio.get_running_loop()
    transport = None
    try:
        async with asyncio.timeout(limit):
            transport, asking = await loop.create_connection(lambda: Asking(question), *address)
            return await asking.answered
    except OSError as error:
        return error
    finally:
        if transport:
            transport.abort()
