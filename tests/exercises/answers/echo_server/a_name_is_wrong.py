import threading

def serve(conn):
    with conn:
        while data := conn.recv(4096):
            conn.sendall(dat)

def echo_server(listener):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],)).start()
