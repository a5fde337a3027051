import socket
import ssl


def ask_tls(address, name, authority, question):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=authority)
    context.load_default_certs()
    with socket.create_connection(address) as plain:
        with context.wrap_socket(plain, server_hostname=name, suppress_ragged_eofs=False) as client:
            client.sendall(question)
            reply = b""
            while piece := client.recv(65536):
                reply += piece
            return reply
