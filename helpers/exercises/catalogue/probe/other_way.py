import socket


def probe(addresses, limit):
    """Return "open", "refused" or "silent" for each address: one connect, at most `limit` s."""
    return [probe_one(address, limit) for address in addresses]


def probe_one(address, limit):
    """Return what one address does."""
    try:
        socket.create_connection(address, timeout=limit).close()
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silent"
    return "open"
