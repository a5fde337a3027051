import socketserver


def free_listener():
    server = socketserver.TCPServer(
        ("127.0.0.1", 0), socketserver.BaseRequestHandler, bind_and_activate=False
    )
    server.server_bind()
    return server.socket, server.server_address[1]
