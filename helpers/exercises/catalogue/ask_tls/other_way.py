import socket
import ssl


def ask_tls(address, name, authority, question):
    """Send question over TLS, and return the whole reply of the server with this name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    client = context.wrap_socket(
        socket.socket(), server_hostname=name, suppress_ragged_eofs=False
    )
    with client, client.makefile("rb") as file:
        client.connect(address)
        client.sendall(question)
        return file.read()
