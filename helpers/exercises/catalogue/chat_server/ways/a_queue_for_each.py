import queue
import socket
import threading


def chat_server(listener):
    """A queue of lines for each client, and a count of the bytes that wait."""
    # Longer than 40 lines: all of it in one function, as many write it.
    lock = threading.Lock()
    waiting = {}  # of each conn its queue, and how many bytes are in it

    def send_all(conn, lines):
        try:
            while line := lines.get():
                conn.sendall(line)
                with lock:
                    if conn in waiting:
                        waiting[conn][1] -= len(line)
        except OSError:
            end(conn)

    def end(conn):
        try:
            conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def give_others(conn, line):
        with lock:
            for other, entry in waiting.items():
                if other is not conn:
                    entry[1] += len(line)
                    entry[0].put(line)
                    if entry[1] > 65536:
                        end(other)

    def talk(conn):
        lines = queue.SimpleQueue()
        sender = threading.Thread(target=send_all, args=(conn, lines))
        with conn, conn.makefile("rb") as file:
            with lock:
                waiting[conn] = [lines, 0]
            sender.start()
            try:
                while (line := file.readline(1001)).endswith(b"\n") and len(line) <= 1000:
                    give_others(conn, line)
            except OSError:
                pass
            with lock:
                del waiting[conn]
            end(conn)
            lines.put(b"")
            sender.join()

    while True:
        conn, _ = listener.accept()
        threading.Thread(target=talk, args=(conn,)).start()
