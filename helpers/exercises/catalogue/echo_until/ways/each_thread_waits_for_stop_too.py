import select
import threading
import time


def echo_until(listener, stop):
    """Each thread waits for its client and for stop, which nobody reads: so all of them see it."""
    threads = []
    while stop not in select.select([listener, stop], [], [])[0]:
        conn, _ = listener.accept()
        conn.setblocking(False)
        threads.append(threading.Thread(target=serve, args=(conn, stop)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def serve(conn, stop):
    with conn:
        waiting, ended, until = b"", False, None
        try:
            while waiting or not ended:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    return
                reads = [] if waiting or ended else [conn]
                reads += [stop] if until is None else []
                ready = select.select(reads, [conn] if waiting else [], [], left)
                if until is None and stop in ready[0]:
                    until = time.monotonic() + 0.8
                if ready[1]:
                    waiting = waiting[conn.send(waiting) :]
                elif conn in ready[0]:
                    waiting = conn.recv(4096)
                    ended = not waiting
                elif until is not None and not waiting:
                    return
        except OSError:
            pass  # this client broke off
