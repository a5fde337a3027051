kept = bytearray()


def read_messages(sock, limit):
    try:
        while data := sock.recv(4096):
            kept.extend(data)
            while len(kept) >= 4:
                length = int.from_bytes(kept[:4], "big")
                if length > limit:
                    raise ValueError("too long")
                if len(kept) < 4 + length:
                    break
                message = bytes(kept[4 : 4 + length])
                del kept[: 4 + length]
                yield message
        if kept:
            raise EOFError("not complete")
    except (OSError, EOFError, ValueError):
        kept.clear()
        raise
