from concurrent.futures import ThreadPoolExecutor


def send_all(sock, data):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(all_while_it_blocks, sock, data).result()


def all_while_it_blocks(sock, data):
    timeout = sock.gettimeout()
    sock.settimeout(None)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[sock.send(rest) :]
    finally:
        sock.settimeout(timeout)
