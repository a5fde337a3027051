import asyncio
import ssl


def ask_tls(address, name, authority, question):
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    async def talk():
        reader, writer = await asyncio.open_connection(
            *address, ssl=context, server_hostname=name
        )
        try:
            writer.write(question)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()

    return asyncio.run(talk())
