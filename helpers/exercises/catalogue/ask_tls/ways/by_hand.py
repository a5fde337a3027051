import socket
import ssl


def ask_tls(address, name, authority, question):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    plain = socket.socket()
    try:
        plain.connect(address)
        client = context.wrap_socket(
            plain,
            server_hostname=name,
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
        )
    except BaseException:
        plain.close()
        raise
    try:
        client.do_handshake()
        client.sendall(question)
        pieces = []
        while True:
            piece = client.read(1024)
            if not piece:
                break
            pieces.append(piece)
        client.unwrap()
        return b"".join(pieces)
    finally:
        client.close()
