import queue
import threading


def answer(sock, letters):
    while True:
        data, address = letters.get()
        try:
            sock.sendto(data, address)
        except OSError:
            continue


def udp_echo(sock):
    letters = queue.Queue()
    threading.Thread(target=answer, args=(sock, letters), daemon=True).start()
    while True:
        letters.put(sock.recvfrom(65535))
