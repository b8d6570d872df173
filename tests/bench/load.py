"""A client that sends a bounded number of requests over loopback.

    python -m tests.bench.load URL BODY.json [--connections 64]
                   [--requests 20000] [--content-type application/json]

Raw sockets on uvloop: a client library in Python would be slower than the
servers that it is to measure. Only addresses of this machine are asked.
"""

import argparse
import asyncio
import collections
import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclasses.dataclass
class Load:
    """What a load test saw.

    Args:
        check: Called with each request's tag, its answer's status and body.
        seconds: All of it took.
        latencies: Seconds of each request.
        statuses: Answers by HTTP status; 0 where none came.
    """

    check: Callable = lambda tag, status, body: None
    seconds: float = 0.0
    latencies: list = dataclasses.field(default_factory=list)
    statuses: collections.Counter = dataclasses.field(
        default_factory=collections.Counter
    )

    @property
    def rate(self):
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share):
        """Latency in milliseconds that `share` per cent stay below."""
        return float(np.percentile(self.latencies, share)) * 1e3


class _Connection(asyncio.Protocol):
    """One keep-alive connection: sends, waits for the answer, sends."""

    def __init__(self, client):
        self.client, self.load = client, client.load
        self.data = bytearray()
        self.length = self.tag = self.sent = None

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        found = next(self.client.feed, None)
        if found is None:
            self.client.ended = True
            self.transport.close()
            return
        request, self.tag = found
        self.sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data):
        self.data += data
        if self.length is None:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.data[:end]).lower()
            self.start = end + 4
            found = head.partition(b"content-length:")[2]
            self.length = self.start + int(found.split(b"\r\n", 1)[0])
            self.last = b"connection: close" in head
        if len(self.data) < self.length:
            return
        now = time.perf_counter()
        self.answered(int(self.data[9:12]), bytes(self.data[self.start :]))
        self.load.latencies.append(now - self.sent)
        del self.data[:]
        self.length = self.sent = None
        if self.last:
            self.transport.close()
        else:
            self.send()

    def answered(self, status, body):
        self.load.statuses[status] += 1
        self.load.check(self.tag, status, body)

    def connection_lost(self, error):
        if self.sent is not None:
            # The server closed without an answer.
            self.answered(0, b"")
        self.client.lost()


class _Client:
    """Keeps one connection up until there is nothing left to send."""

    def __init__(self, parts, feed, load):
        self.parts, self.feed, self.load = parts, feed, load
        self.loop = asyncio.get_running_loop()
        self.done, self.ended = self.loop.create_future(), False

    async def connect(self):
        await self.loop.create_connection(
            lambda: _Connection(self), self.parts.hostname, self.parts.port
        )

    def lost(self):
        if self.ended:
            self.done.set_result(None)
        else:
            self.again = self.loop.create_task(self.connect())


def make_request(
    url, body, content_type="application/json", headers=(), method="POST"
):
    """Returns the bytes of one request."""
    parts = urlsplit(url)
    lines = [
        f"{method} {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run_load(url, requests, *, connections, check=None):
    """Sends requests, `connections` at a time, and waits for the answers.

    Args:
        url: Of the server; loopback only.
        requests: Finite iterable of `(bytes, tag)`.
        connections: At the same time.
        check: Called with tag, status and body of each.
    """
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK:
        raise SystemExit(f"{parts.hostname} is not this machine")
    import uvloop

    async def main():
        load = Load(check) if check else Load()
        feed = iter(requests)
        clients = [_Client(parts, feed, load) for _ in range(connections)]
        begin = time.perf_counter()
        for client in clients:
            await client.connect()
        await asyncio.gather(*(client.done for client in clients))
        load.seconds = time.perf_counter() - begin
        return load

    return uvloop.run(main())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("body", type=Path)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--content-type", default="application/json")
    args = parser.parse_args()
    request = make_request(args.url, args.body.read_bytes(), args.content_type)
    load = run_load(
        args.url,
        [(request, None)] * args.requests,
        connections=args.connections,
    )
    print(
        json.dumps(
            {
                "requests_per_second": round(load.rate, 1),
                "p50_ms": round(load.percentile(50), 3),
                "p99_ms": round(load.percentile(99), 3),
                "statuses": dict(load.statuses),
            }
        )
    )


if __name__ == "__main__":
    main()
