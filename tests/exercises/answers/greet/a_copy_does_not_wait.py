import select


def greet(listener):
    with listener.dup() as copy:
        copy.setblocking(False)
        for _ in range(3):
            select.select([copy], [], [])
            conn, address = copy.accept()
            with conn:
                conn.sendall(f"your port is {address[1]}\n".encode())
