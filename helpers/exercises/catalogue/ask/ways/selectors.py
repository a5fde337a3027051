import selectors
import socket


def ask(address, question):
    rest, reply = memoryview(question), bytearray()
    with socket.create_connection(address) as sock, selectors.DefaultSelector() as selector:
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            for _, ready in selector.select():
                if ready & selectors.EVENT_WRITE:
                    rest = rest[sock.send(rest) :]
                    if not rest:
                        sock.shutdown(socket.SHUT_WR)
                        selector.modify(sock, selectors.EVENT_READ)
                if ready & selectors.EVENT_READ:
                    piece = sock.recv(65536)
                    if not piece:
                        return bytes(reply)
                    reply += piece
