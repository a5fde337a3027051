import socket

last = None

def free_listener():
    global last
    if last:
        last.close()
    last = socket.socket()
    last.bind(("127.0.0.1", 0))
    return last, last.getsockname()[1]
