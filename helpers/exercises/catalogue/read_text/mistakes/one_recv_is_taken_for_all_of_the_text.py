def read_text(sock):
    return sock.recv(1024).decode(errors="replace")
