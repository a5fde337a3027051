def read_text(sock):
    buffer = bytearray(10)
    data = b""
    while count := sock.recv_into(buffer):
        data += buffer[:count]
    return str(data, "utf-8")
