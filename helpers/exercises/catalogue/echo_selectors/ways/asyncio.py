import asyncio

LIMIT = 65536


class Echo(asyncio.BufferedProtocol):
    """It reads into one buffer, and only when all that was read has been sent."""

    def __init__(self, transports):
        self.transports = transports

    def connection_made(self, transport):
        self.transport = transport
        self.transports.add(transport)
        transport.set_write_buffer_limits(0)
        self.buffer = bytearray(LIMIT)
        self.is_full = False

    def get_buffer(self, sizehint):
        return self.buffer

    def buffer_updated(self, count):
        self.transport.write(bytes(self.buffer[:count]))
        if self.is_full:
            self.transport.pause_reading()

    def pause_writing(self):
        self.is_full = True

    def resume_writing(self):
        self.is_full = False
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def eof_received(self):
        return False

    def connection_lost(self, error):
        self.transports.discard(self.transport)


def echo_selectors(listener):
    """asyncio waits with a selector, too."""
    asyncio.run(serve(listener))


async def serve(listener):
    loop = asyncio.get_running_loop()
    transports = set()
    server = await loop.create_server(lambda: Echo(transports), sock=listener)
    try:
        await server.serve_forever()
    finally:
        for transport in transports:
            transport.abort()
