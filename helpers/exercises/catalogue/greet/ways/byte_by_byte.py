import socket


def _greeting(port):
    return f"your port is {port}\n".encode()


def greet(listener):
    ports = []
    while len(ports) < 3:
        conn, (_, port) = listener.accept()
        for byte in _greeting(port):
            conn.send(bytes([byte]))
        conn.shutdown(socket.SHUT_RDWR)
        conn.close()
        ports.append(port)
    return ports
