"""What the standard library builds on sockets works while they are recorded."""

from __future__ import annotations

import asyncio
import http.client
import http.server
import importlib.util
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import urllib.request
import xmlrpc.client
import xmlrpc.server
from contextlib import ExitStack
from multiprocessing.connection import Client, Listener
from pathlib import Path

import pytest
from load import busy_cores
from servers import HERE

from helpers import LiveServer
from helpers.record.record import record

pytestmark = pytest.mark.usefixtures("recorded")


def calls_of(call: str, actor: str) -> int:
    """How many such calls this actor has made."""
    return sum(each.call == call and each.actor.name == actor for each in record.events())


# --- TLS ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate and its key in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    openssl = shutil.which("openssl")
    if openssl is not None:
        made = ["-keyout", str(path), "-out", str(path) + ".cert", "-subj", "/CN=localhost"]
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *made],
            check=True,
            capture_output=True,
        )
        path.write_text(path.read_text() + Path(f"{path}.cert").read_text())
        return path
    package = importlib.util.find_spec("test")
    for folder in package.submodule_search_locations or () if package else ():
        for found in (Path(folder) / "certdata/keycert.pem", Path(folder) / "keycert.pem"):
            if found.exists():
                return found
    pytest.skip("neither openssl nor the certificates of Python's own tests are installed")


@pytest.fixture
def contexts(certificate: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return server, client


@pytest.mark.parametrize("wrap_the_listener", [False, True])
def test_tls_works_and_is_never_called_a_deadlock(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], wrap_the_listener: bool
) -> None:
    rounds = 5

    def server() -> None:
        with ExitStack() as stack:
            listener = stack.enter_context(socket.create_server(HERE))
            addresses.append(listener.getsockname())
            if wrap_the_listener:
                listener = stack.enter_context(contexts[0].wrap_socket(listener, server_side=True))
            ready.set()
            for _ in range(rounds):
                conn, _ = listener.accept()
                if not wrap_the_listener:
                    conn = contexts[0].wrap_socket(conn, server_side=True)
                with conn:
                    while data := conn.recv(1024):
                        conn.sendall(data)

    ready = threading.Event()
    addresses: list[tuple[str, int]] = []
    with busy_cores(), LiveServer(server) as live:
        ready.wait()
        for _ in range(rounds):
            raw = socket.create_connection(addresses[0])
            with contexts[1].wrap_socket(raw, server_hostname="localhost") as client:
                assert isinstance(client, ssl.SSLSocket)
                assert isinstance(client, socket.socket)
                for _ in range(5):
                    client.sendall(b"secret")
                    assert client.recv(1024) == b"secret"
                assert b"secret" in {each.data for each in record.events()}
        live.result()
    assert not record.wire.endpoints


# --- asyncio ------------------------------------------------------------------------------------


def test_asyncio_works_and_its_own_pair_of_sockets_is_not_recorded() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    async def main() -> bytes:
        async with await asyncio.start_server(handle, *HERE) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello")
            answer = await reader.readexactly(5)
            writer.close()
            await writer.wait_closed()
            return answer

    assert asyncio.run(main()) == b"hello"
    assert calls_of("accept", "cell") >= 1
    assert calls_of("socketpair", "cell") == 0
    assert not record.wire.endpoints


def test_asyncio_works_with_sockets_of_the_learners_own() -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        here, there = socket.socketpair()
        with here, there:
            here.setblocking(False)
            there.setblocking(False)
            await loop.sock_sendall(here, b"hello")
            return await loop.sock_recv(there, 10)

    assert asyncio.run(main()) == b"hello"


# --- servers ------------------------------------------------------------------------------------


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.mark.parametrize("kind", [http.server.HTTPServer, http.server.ThreadingHTTPServer])
def test_http_works_and_the_server_prints_to_its_log(
    kind: type[http.server.HTTPServer], capsys: pytest.CaptureFixture[str]
) -> None:
    with kind(HERE, Quiet) as web, LiveServer(web.serve_forever) as live:
        host, port = live.address[:2]
        for _ in range(5):
            with urllib.request.urlopen(f"http://{host}:{port}/page", timeout=10) as answer:
                assert answer.read() == b"/page"
        connection = http.client.HTTPConnection(host, port)
        connection.request("GET", "/again")
        assert connection.getresponse().read() == b"/again"
        connection.close()
        live.settle()
        assert live.log.count('"GET /page HTTP/1.1" 200') == 5
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("kind", [socketserver.TCPServer, socketserver.ThreadingTCPServer])
def test_socketserver_works(kind: type[socketserver.TCPServer]) -> None:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(line.upper())

    with kind(HERE, Handler) as server:
        for _ in range(3):
            live = LiveServer(server.handle_request).start()
            with socket.create_connection(live.address) as client, client.makefile("rw") as file:
                file.write("one\n")
                file.flush()
                assert file.readline() == "ONE\n"
            live.result()
    assert not record.wire.endpoints


def test_datagrams_of_socketserver_work() -> None:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            sock.sendto(data.upper(), self.client_address)

    with (
        socketserver.UDPServer(HERE, Handler) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        live = LiveServer(server.handle_request).start()
        client.sendto(b"hello", server.server_address)
        assert client.recv(100) == b"HELLO"
        live.result()


def test_xmlrpc_works() -> None:
    with xmlrpc.server.SimpleXMLRPCServer(HERE, logRequests=False) as server:
        server.register_function(pow)
        live = LiveServer(server.handle_request).start()
        host, port = live.address
        with xmlrpc.client.ServerProxy(f"http://{host}:{port}") as proxy:
            assert proxy.pow(2, 5) == 32
        live.result()


def test_connections_of_multiprocessing_work() -> None:
    with Listener(HERE) as listener:

        def server() -> None:
            with listener.accept() as conn:
                conn.send(conn.recv() * 2)

        with LiveServer(server) as live, Client(listener.address) as client:
            client.send("ab")
            assert client.recv() == "abab"
            live.result()


@pytest.mark.posix_only
def test_a_child_may_take_over_the_connection() -> None:
    here, there = socket.socketpair()
    with here:
        with there, subprocess.Popen(["cat"], stdin=there, stdout=there) as cat:
            there.close()
            here.sendall(b"meow")
            assert here.recv(10) == b"meow"
            here.shutdown(socket.SHUT_WR)
            assert here.recv(10) == b""
        assert cat.returncode == 0
