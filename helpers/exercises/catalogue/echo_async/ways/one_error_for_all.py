async def echo_async(reader, writer):
    try:
        try:
            while True:
                data = await reader.read(1024)
                if data == b"":
                    return
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
            await writer.wait_closed()
    except OSError as error:
        print("one client has broken off:", error)
