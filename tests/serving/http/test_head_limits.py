"""Heads that are long, slow or never come, over real sockets."""

import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from kerasnotes.serving.http import head_limits as http_limits
from kerasnotes.serving.http.head_limits import MOST_HEAD, LimitedProtocol

pytestmark = pytest.mark.once
PATIENCE = 0.3


async def app(scope, receive, send):
    """Answers with the length of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
    body = b"%d" % size
    headers = [(b"content-length", b"%d" % len(body))]
    await send(
        {"type": "http.response.start", "status": 200, "headers": headers}
    )
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port():
    config = uvicorn.Config(
        app, port=0, http=LimitedProtocol, lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def connect(port, monkeypatch):
    monkeypatch.setattr(http_limits, "HEAD_SECONDS", PATIENCE)
    with contextlib.ExitStack() as stack:

        def connect():
            connection = socket.create_connection(
                ("127.0.0.1", port), timeout=10
            )
            return stack.enter_context(connection)

        yield connect


def read(connection):
    """Returns everything until the server closes, and how long it took."""
    begin, parts = time.monotonic(), []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts), time.monotonic() - begin


POST = b"POST / HTTP/1.1\r\nHost: x\r\n"


def test_requests_are_answered_on_one_connection(connect):
    connection = connect()
    large = 3 * MOST_HEAD
    for size in (0, 5, large, 0):
        head = POST + b"Content-Length: %d\r\n\r\n" % size
        connection.sendall(head + b"." * size)
        answer = b""
        while b"\r\n\r\n%d" % size not in answer:
            answer += connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
    # In parts, and one behind the other.
    connection.sendall(POST[:9])
    time.sleep(0.05)
    connection.sendall(POST[9:] + b"Transfer-Encoding: chunked\r\n\r\n3\r\n...")
    time.sleep(2 * PATIENCE)
    connection.sendall(b"\r\n0\r\n\r\n" + POST + b"Connection: close\r\n\r\n")
    answer, _ = read(connection)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.endswith(b"0")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * MOST_HEAD + b" HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * MOST_HEAD,
        b"GET / HTTP/1.1\r\nA: " + b"a" * MOST_HEAD + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 12_000 + b"\r\n",
        POST + b"Content-Length: 9\r\nA: " + b"a" * MOST_HEAD + b"\r\n\r\n.",
    ],
    ids=["path", "endless", "value", "many", "body"],
)
@pytest.mark.parametrize("step", [1 << 20, 9000])
def test_long_heads_are_refused(connect, head, step):
    connection = connect()
    for start in range(0, len(head), step):
        connection.sendall(head[start : start + step])
        time.sleep(0.001)
    answer, seconds = read(connection)
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large")
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b'{"error": "The request\'s head is too large."}')
    assert seconds < PATIENCE


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        POST + b"Content-Length: x\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n.",
        POST + b"Transfer-Encoding: chunked\r\n\r\nx",
    ],
    ids=range(7),
)
def test_what_is_no_request_is_told_in_json(connect, garbage):
    connection = connect()
    connection.sendall(garbage)
    answer, _ = read(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"content-type: application/json" in head
    assert body == b'{"error": "Invalid HTTP request received."}'


def test_garbage_behind_a_request_takes_no_answer_from_it(connect):
    connection = connect()
    connection.sendall(POST + b"Content-Length: 2\r\n\r\n..garbage\r\n\r\n")
    answer, _ = read(connection)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b"\r\n\r\n2")


def test_heads_of_most_bytes_are_read(connect):
    connection = connect()
    text = b"a" * (MOST_HEAD - 200)
    connection.sendall(
        POST + b"Connection: close\r\nContent-Length: 99000\r\nA: " + text
    )
    connection.sendall(b"\r\n\r\n" + b"." * 99_000)
    answer, _ = read(connection)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"99000")


def test_headers_behind_a_body_are_bounded(connect):
    connection = connect()
    connection.sendall(
        POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n.\r\n0\r\n"
    )
    with contextlib.suppress(OSError):
        for _ in range(100):
            connection.sendall(b"A: " + b"a" * 9000 + b"\r\n")
            time.sleep(0.001)
        pytest.fail("a megabyte was taken")


@pytest.mark.parametrize("start", [b"", POST[:9], POST])
def test_slow_heads_are_given_up(connect, start):
    connection = connect()
    if start:
        connection.sendall(start)
    answer, seconds = read(connection)
    assert answer == b""
    assert 0.5 * PATIENCE < seconds < 10 * PATIENCE


def test_a_head_in_drops_is_given_up(connect):
    connection = connect()
    connection.sendall(POST)
    begin = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() < begin + 10 * PATIENCE:
            connection.sendall(b"a")
            time.sleep(PATIENCE / 10)
        pytest.fail("the connection is held")


def test_others_on_their_second_request_are_given_up_too(connect):
    connection = connect()
    connection.sendall(POST + b"\r\n")
    while not connection.recv(65536).endswith(b"0"):
        pass
    connection.sendall(POST)
    answer, seconds = read(connection)
    assert answer == b""
    assert seconds < 10 * PATIENCE
