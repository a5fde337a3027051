import select
import time


def read_exactly_by(sock, n, deadline):
    """Return exactly n bytes from sock. Raise TimeoutError at the deadline."""
    buffer = bytearray(n)
    rest = memoryview(buffer)
    while rest:
        left = deadline - time.monotonic()
        ready, _, _ = select.select([sock], [], [], left) if left > 0 else ([], [], [])
        if not ready:
            raise TimeoutError(f"{len(rest)} of {n} bytes did not come in time")
        count = sock.recv_into(rest)
        if count == 0:
            raise EOFError(f"the peer ended, and {len(rest)} of {n} bytes are missing")
        rest = rest[count:]
    return bytes(buffer)
