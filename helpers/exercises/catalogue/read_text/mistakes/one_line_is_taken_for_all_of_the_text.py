def read_text(sock):
    with sock.makefile("r", encoding="utf-8", newline="") as file:
        return file.readline()
