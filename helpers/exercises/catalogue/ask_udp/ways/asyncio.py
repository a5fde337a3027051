import asyncio
import random
import struct


class Asking(asyncio.DatagramProtocol):
    def __init__(self, number):
        self.number = number
        self.answer = asyncio.get_running_loop().create_future()
        self.refused = asyncio.Event()

    def datagram_received(self, data, source):
        if data[:2] == self.number and not self.answer.done():
            self.answer.set_result(data[2:])

    def error_received(self, error):
        self.refused.set()


async def ask(address, question, attempts, wait):
    number = struct.pack("!H", random.randrange(65536))
    loop = asyncio.get_running_loop()
    transport, asking = await loop.create_datagram_endpoint(
        lambda: Asking(number), remote_addr=address
    )
    try:
        for _ in range(attempts):
            asking.refused.clear()
            transport.sendto(number + question)
            refused = asyncio.ensure_future(asking.refused.wait())
            await asyncio.wait(
                [asking.answer, refused], timeout=wait, return_when=asyncio.FIRST_COMPLETED
            )
            refused.cancel()
            if asking.answer.done():
                return asking.answer.result()
    finally:
        transport.close()
        await asyncio.sleep(0)
    raise TimeoutError("no answer")


def ask_udp(address, question, attempts, wait):
    return asyncio.run(ask(address, question, attempts, wait))
