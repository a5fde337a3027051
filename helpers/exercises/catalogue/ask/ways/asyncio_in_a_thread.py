import asyncio
from concurrent.futures import ThreadPoolExecutor


def ask(address, question):
    async def talk():
        reader, writer = await asyncio.open_connection(*address)
        try:
            writer.write(question)
            writer.write_eof()
            return await reader.read()
        finally:
            writer.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, talk()).result()
