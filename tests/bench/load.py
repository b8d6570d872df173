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
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclasses.dataclass
class Load:
    """What a load test saw."""

    seconds: float
    latencies: list[float]
    statuses: collections.Counter
    bodies: list[bytes]

    @property
    def rate(self):
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share):
        """Latency in milliseconds that `share` per cent stay below."""
        return float(np.percentile(self.latencies, share)) * 1e3


class _Connection(asyncio.Protocol):
    """One keep-alive connection: sends, waits for the answer, sends."""

    def __init__(self, feed, load, done):
        self.feed, self.load, self.done = feed, load, done
        self.data = bytearray()
        self.length = None

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        request = next(self.feed, None)
        if request is None:
            self.transport.close()
            return
        self.sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data):
        self.data += data
        if self.length is None:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.data[:end]).lower()
            found = head.partition(b"content-length:")[2]
            self.length = end + 4 + int(found.split(b"\r\n", 1)[0])
        if len(self.data) < self.length:
            return
        self.load.latencies.append(time.perf_counter() - self.sent)
        status = int(self.data[9:12])
        self.load.statuses[status] += 1
        if len(self.load.bodies) < 3:
            self.load.bodies.append(bytes(self.data))
        del self.data[: self.length]
        self.length = None
        self.send()

    def connection_lost(self, error):
        if not self.done.done():
            self.done.set_result(error)


def make_request(url, body, content_type="application/json", headers=()):
    """Returns the bytes of one POST request."""
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run_load(url, requests, *, connections):
    """Sends requests, `connections` at a time, and waits for the answers.

    Args:
        url: Of the server; loopback only.
        requests: An iterable of bytes, finite.
        connections: At the same time.
    """
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK:
        raise SystemExit(f"{parts.hostname} is not this machine")
    import uvloop

    async def main():
        feed = iter(requests)
        load = Load(0.0, [], collections.Counter(), [])
        loop = asyncio.get_running_loop()
        ends = [loop.create_future() for _ in range(connections)]
        begin = time.perf_counter()
        for end in ends:
            await loop.create_connection(
                lambda end=end: _Connection(feed, load, end),
                parts.hostname,
                parts.port,
            )
        await asyncio.gather(*ends)
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
        args.url, [request] * args.requests, connections=args.connections
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
