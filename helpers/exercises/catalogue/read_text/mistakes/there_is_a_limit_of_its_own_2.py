def read_text(sock):
    with sock.makefile("rb") as file:
        return file.read(65536).decode()
