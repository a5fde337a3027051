import socket


def probe(addresses, limit):
    result = []
    for host, port in addresses:
        s = socket.socket()
        try:
            s.settimeout(limit)
            s.connect((host, port))
        except TimeoutError:
            result += ["silent"]
        except ConnectionRefusedError:
            result += ["refused"]
        else:
            result += ["open"]
        finally:
            s.close()
    return result
