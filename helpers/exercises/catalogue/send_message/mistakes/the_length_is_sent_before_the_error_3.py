def send_message(sock, data):
    length = len(data) if isinstance(data, str) else memoryview(data).nbytes
    sock.sendall(length.to_bytes(4, "big"))
    sock.sendall(data)
