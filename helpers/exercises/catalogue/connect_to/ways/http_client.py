from http.client import HTTPConnection


def connect_to(host, port):
    connection = HTTPConnection(host, port)
    connection.connect()
    return connection.sock
