import socket


def free_listener():
    with socket.create_server(("127.0.0.1", 0)) as another_program:
        port = another_program.getsockname()[1]
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", port))
        return listener, port
