"""The end of a server, over real sockets: nobody who was let in is reset."""

import asyncio
import socket

import pytest
import uvicorn

from kerasnotes.serving.process import draining
from kerasnotes.serving.process.draining import Connection, DrainingServer

pytestmark = pytest.mark.once
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"


async def app(scope, receive, send):
    """Reads the body, takes its time, and answers."""
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(0.1)
    headers = [(b"content-length", b"2")]
    await send(
        {"type": "http.response.start", "status": 200, "headers": headers}
    )
    await send({"type": "http.response.body", "body": b"ok"})


class Running:
    """A server on a free port, and clients that block."""

    def __init__(self, limit=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            http=Connection,
            lifespan="off",
            limit_concurrency=limit,
            timeout_graceful_shutdown=20,
        )
        config.load()
        self.server = DrainingServer(config)
        self.server.lifespan = config.lifespan_class(config)
        self.address = self.listener.getsockname()

    async def start(self):
        await self.server.startup(sockets=[self.listener])

    def connect(self, data=b""):
        client = socket.create_connection(self.address, timeout=20)
        client.sendall(data)
        return client

    async def stop(self):
        await self.server.shutdown([self.listener])


def drain(prepare, limit=None):
    """Runs a server, a client's part without a pause, and its end."""

    async def main():
        running = Running(limit)
        await running.start()
        clients = await prepare(running)
        await running.stop()
        return running, [read(client) for client in clients]

    return asyncio.run(main())


def read(client):
    """Returns all that came until the server closed."""
    parts = []
    with client:
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


def is_last(answer):
    return (
        answer.startswith(b"HTTP/1.1 200")
        and b"connection: close" in answer
        and answer.endswith(b"ok")
    )


def test_connections_that_only_the_system_accepted_are_answered():
    async def prepare(running):
        # The server's loop does not run between here and its end.
        return [running.connect(GET) for _ in range(5)]

    running, answers = drain(prepare)
    assert all(map(is_last, answers))
    with pytest.raises(ConnectionRefusedError):
        running.connect()


def test_a_request_on_an_idle_connection_is_answered():
    async def prepare(running):
        clients = [running.connect() for _ in range(5)]
        await asyncio.sleep(0.05)
        for client in clients:
            client.sendall(GET)
        return clients

    assert all(map(is_last, drain(prepare)[1]))


@pytest.mark.parametrize("part", [GET[:9], POST, POST + b"."])
def test_a_request_in_parts_is_answered(part):
    async def prepare(running):
        client = running.connect(part)
        await asyncio.sleep(0.05)
        rest = (GET if part in GET else POST + b"..")[len(part) :]
        loop = asyncio.get_running_loop()
        loop.call_later(0.3, client.sendall, rest)
        return [client]

    assert all(map(is_last, drain(prepare)[1]))


def test_requests_one_behind_the_other_are_answered():
    async def prepare(running):
        client = running.connect(GET * 3)
        await asyncio.sleep(0.05)
        return [client]

    _, [answer] = drain(prepare)
    assert answer.count(b"HTTP/1.1 200") == 3
    assert answer.count(b"connection: close") == 1
    assert answer.endswith(b"ok")


def test_connections_that_say_nothing_are_closed(monkeypatch):
    monkeypatch.setattr(draining, "LINGER", 0.05)

    async def prepare(running):
        clients = [running.connect(), running.connect(GET)]
        await asyncio.sleep(0.3)
        return clients

    _, [silent, answered] = drain(prepare)
    assert silent == b""
    assert answered.startswith(b"HTTP/1.1 200")


def test_those_too_many_are_told_so():
    async def prepare(running):
        clients = [running.connect() for _ in range(3)]
        await asyncio.sleep(0.05)
        clients[2].sendall(GET)
        await asyncio.sleep(0.05)
        for client in clients[:2]:
            client.close()
        return clients[2:]

    _, [answer] = drain(prepare, limit=3)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503")
    assert b"content-type: application/json" in head
    assert body == b'{"error": "Too many connections are open."}'
