import socket


def send_message(sock, data):
    with memoryview(data).cast("B") as view:
        sock.sendall(socket.htonl(len(view)).to_bytes(4, __import__("sys").byteorder))
        sock.sendall(view)
