import socket
import ssl


def ask_tls(address, name, authority, question):
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = False
    with socket.create_connection(address) as plain:
        with context.wrap_socket(plain, suppress_ragged_eofs=False) as client:
            client.sendall(question)
            reply = b""
            while piece := client.recv(65536):
                reply += piece
            return reply
