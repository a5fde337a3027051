import socket
import ssl


def ask_tls(address, name, authority, question):
    context = ssl.create_default_context(cafile=authority)
    plain = socket.create_connection(address)
    client = context.wrap_socket(plain, server_hostname=name, suppress_ragged_eofs=False)
    client.sendall(question)
    reply = b""
    while piece := client.recv(65536):
        reply += piece
    return reply
