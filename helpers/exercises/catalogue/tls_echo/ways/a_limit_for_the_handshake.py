import threading


def tls_echo(listener, context):
    while True:
        plain, address = listener.accept()
        threading.Thread(target=work, args=(plain, context), daemon=True).start()


def work(plain, context):
    try:
        plain.settimeout(30)
        with context.wrap_socket(plain, server_side=True) as conn:
            conn.settimeout(None)
            with conn.makefile("rwb", buffering=0) as file:
                while data := file.read(8192):
                    conn.sendall(data)
                conn.unwrap()
    except OSError:
        pass
    finally:
        plain.close()
