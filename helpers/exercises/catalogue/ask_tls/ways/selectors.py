import selectors
import socket
import ssl


def ask_tls(address, name, authority, question):
    context = ssl.create_default_context(cafile=authority)
    with selectors.DefaultSelector() as selector, socket.create_connection(address) as plain:
        plain.setblocking(False)
        with context.wrap_socket(
            plain,
            server_hostname=name,
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
        ) as client:
            key = selector.register(client, selectors.EVENT_READ)

            def until_done(step, *arguments):
                while True:
                    try:
                        return step(*arguments)
                    except ssl.SSLWantReadError:
                        selector.modify(client, selectors.EVENT_READ)
                    except ssl.SSLWantWriteError:
                        selector.modify(client, selectors.EVENT_WRITE)
                    selector.select()

            until_done(client.do_handshake)
            rest = memoryview(question)
            while rest:
                rest = rest[until_done(client.send, rest) :]
            reply = b""
            while piece := until_done(client.recv, 65536):
                reply += piece
            return reply
