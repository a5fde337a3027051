import socket

last = ()

def open_two():
    global last
    for each in last:
        each.close()
    last = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
    return last
