import socketserver


def open_listener(backlog):
    class Server(socketserver.ThreadingTCPServer):
        request_queue_size = backlog

    return Server(("127.0.0.1", 0), socketserver.StreamRequestHandler).socket
