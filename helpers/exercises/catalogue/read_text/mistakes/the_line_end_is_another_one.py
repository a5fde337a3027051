def read_text(sock):
    with sock.makefile("r", encoding="utf-8") as file:
        return file.read()
