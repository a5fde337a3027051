import socket
import ssl


def ask_tls(address, name, authority, question):
    context = ssl.create_default_context(cafile=authority)
    plain = socket.create_connection(address)
    client = context.wrap_socket(plain, server_hostname=name, suppress_ragged_eofs=False)
    client.sendall(question)
    with client.makefile("rb") as file:
        reply = file.read()
    client.unwrap()
    client.close()
    return reply
