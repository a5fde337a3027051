import socket
import ssl


def ask_tls(address, name, authority, question):
    context = ssl.create_default_context(cafile=authority)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with socket.create_connection(address) as sock:

        def until_done(step, *arguments):
            while True:
                try:
                    return step(*arguments)
                except ssl.SSLWantReadError:
                    sock.sendall(outgoing.read())
                    data = sock.recv(65536)
                    incoming.write(data) if data else incoming.write_eof()
                finally:
                    if outgoing.pending:
                        sock.sendall(outgoing.read())

        until_done(tls.do_handshake)
        until_done(tls.write, question)
        reply = b""
        while piece := until_done(tls.read, 65536):
            reply += piece
        return reply
