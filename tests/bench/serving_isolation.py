"""A small model's requests beside another's large ones."""

import contextlib
import io
import json
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from tests.bench.load import make_request, run_load
from tests.bench.served_models import make_scene, train
from tests.serving.running import serving

LOADER = """
import asyncio, sys
request, count = sys.stdin.buffer.read(), 0
async def ask():
    global count
    while True:
        reader, writer = await asyncio.open_connection("{host}", {port})
        writer.write(request)
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        size = head.lower().partition(b"content-length: ")[2]
        await reader.readexactly(int(size.split(b"\\r\\n")[0]))
        writer.close()
        count += 1
async def main():
    await asyncio.gather(*(ask() for _ in range({connections})))
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print(count)
"""
"""A client that asks again and again; tells how often it was answered."""


def bench_isolation(folder, args):
    mlp, unet = train("mlp", folder), train("unet", folder)
    body = json.dumps({"instances": np.zeros((1, 8, 8, 1)).tolist()}).encode()
    rows = {}
    with serving(f"mlp={mlp}", f"unet={unet}") as server:
        url = f"{server.url}/v1/models"
        small = make_request(f"{url}/mlp:predict", body)
        run_paced(server.url, small, 1)
        rows["idle"] = run_paced(server.url, small, 10)
        for name, request in large_requests(url):
            with beside(server.url, request) as answered:
                time.sleep(1)
                rows[name] = run_paced(server.url, small, 15)
            print(f"  {name}: {answered()} answered")
    idle = rows["idle"][1]
    for name, (p50, p99, slowest, count) in rows.items():
        print(
            f"  {name:<24} p50 {p50:7.2f} ms  p99 {p99:7.2f} ms "
            f"({p99 / idle:5.1f} times idle)  slowest {slowest:7.1f} ms, "
            f"{count} requests"
        )
    return rows


def large_requests(url):
    """Yields large requests to a U-Net, by what they hold."""
    for side in (512, 1024):
        picture = make_scene(side)
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "png")
        yield (
            f"PNG {side}, mask",
            make_request(
                f"{url}/unet:predict",
                file.getvalue(),
                "image/png",
                ("Accept: image/png",),
            ),
        )
    values = picture[None, :512, :512, None].tolist()
    yield (
        "JSON 512, probabilities",
        make_request(
            f"{url}/unet:predict", json.dumps({"instances": values}).encode()
        ),
    )


def run_paced(url, request, seconds, pause=0.01):
    """Sends a request, waits, and so on: p50, p99, slowest in ms, count."""
    end = time.monotonic() + seconds

    def feed():
        while time.monotonic() < end:
            time.sleep(pause)
            yield request, None

    load = run_load(url, feed(), connections=1)
    if set(load.statuses) != {200}:
        raise SystemExit(f"answers: {dict(load.statuses)}")
    p50, p99, slowest = map(load.percentile, (50, 99, 100))
    return p50, p99, slowest, len(load.latencies)


@contextlib.contextmanager
def beside(url, request, connections=16):
    """Sends a request again and again from another process."""
    parts = urlsplit(url)
    program = LOADER.format(
        host=parts.hostname, port=parts.port, connections=connections
    )
    client = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    client.stdin.write(request)
    client.stdin.close()
    found = []
    try:
        yield lambda: found[0]
    finally:
        client.send_signal(signal.SIGINT)
        found.append(client.stdout.read().decode().strip())
        client.wait()
        client.stdout.close()
