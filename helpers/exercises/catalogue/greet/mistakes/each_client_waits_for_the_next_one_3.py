import contextlib


def greet(listener):
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            conn, address = listener.accept()
            stack.enter_context(conn)
            conn.sendall(b"your port is %d\n" % address[1])
