import queue
import socket
import threading


def chat_server(listener):
    # Longer than 40 lines: all of it in one function, as many write it.
    clients = {}
    lock = threading.Lock()

    def talk(conn):
        lines = clients[conn][0]
        sender = threading.Thread(target=send_all, args=(conn, lines))
        with conn:
            sender.start()
            try:
                read_all(conn)
            except OSError:
                pass
            with lock:
                del clients[conn]
            end(conn)
            lines.put(b"")
            sender.join()

    def read_all(conn):
        rest = b""
        while data := conn.recv(4096):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if len(line) > 999:
                    return
                give_others(conn, line.strip() + b"\n")
            if len(rest) > 999:
                return

    def give_others(conn, line):
        with lock:
            for other, entry in clients.items():
                if other is not conn:
                    entry[0].put(line)
                    entry[1] += len(line)
                    if entry[1] > 65536:
                        end(other)

    def send_all(conn, lines):
        try:
            while line := lines.get():
                conn.sendall(line)
                with lock:
                    if conn in clients:
                        clients[conn][1] -= len(line)
        except OSError:
            end(conn)

    def end(conn):
        try:
            conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    while True:
        conn, _ = listener.accept()
        with lock:
            clients[conn] = [queue.SimpleQueue(), 0]
        threading.Thread(target=talk, args=(conn,)).start()
