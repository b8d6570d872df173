"""`kn serve` under load, on loopback: a table of what it does.

    python -m tests.bench.serving [--only batching|latency|image|malformed|
                   swap|start|memory|isolation] [--rival-python PYTHON]
                   [--requests N]

Starts each server itself, one at a time, and sends a bounded number of
requests. Rivals (LitServe, KServe) run in PYTHON, if they are installed
there.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from tests.bench.load import make_request, run_load
from tests.bench.saved_function import load_function
from tests.serving.bombs import bombs
from tests.serving.malformed import HALF, ways
from tests.serving.running import ask, serving

WHAT = (
    "batching",
    "latency",
    "image",
    "malformed",
    "swap",
    "start",
    "memory",
    "isolation",
)
CONNECTIONS = 64
ROUNDS = 3
INPUTS = 64
SWAPS = 20
MALFORMED = 0.3


def kn(*args):
    """Runs `kn`, which must succeed."""
    subprocess.run(
        [sys.executable, "-m", "kerasnotes_cli.main", *map(str, args)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def train(note, folder):
    """Returns the export of a briefly trained note; the first time trains."""
    run = folder / note
    if not (run / "run.json").exists():
        print(f"  training {note} ...", flush=True)
        kn("fit", note, "--epochs", 1, "--out", run)
        kn("export", run)
    return run / "export" / note


# === Batching ===


def bench_batching(folder, args):
    base = train("mlp", folder)
    x = np.random.default_rng(0).integers(0, 17, (INPUTS, 8, 8, 1))
    bodies = [
        json.dumps({"instances": row[None].astype(float).tolist()}).encode()
        for row in x
    ]
    work = bodies, load_function(str(base / "1"))(x.astype("float32"))
    rows = {}
    for name, options in (
        ("kn serve, batching", ()),
        ("kn serve, --batch-size 1", ("--batch-size", 1)),
    ):
        with serving(f"m={base}", *options) as server:
            rows[name] = measure_rate(server.url, work, args.requests)
    for name, module, batch in (
        ("LitServe", "rival_litserve", 1),
        ("LitServe, batching", "rival_litserve", CONNECTIONS),
        ("KServe", "rival_kserve", 1),
    ):
        with rival(args.rival_python, module, base / "1", batch) as url:
            if url is None:
                print(f"  {name}: not installed in {args.rival_python}")
                continue
            requests = args.requests // 4
            rows[name] = measure_rate(url, work, requests)
    for name, (rate, p50, p99) in rows.items():
        print(
            f"  {name:<28}{rate:9.0f} requests/s   p50 {p50:7.2f} ms   "
            f"p99 {p99:7.2f} ms"
        )
    ours, alone = (rows[name][0] for name in list(rows)[:2])
    others = [row[0] for row in list(rows.values())[2:]]
    print(f"  batching is {ours / alone:.1f} times as fast as none")
    if others:
        print(f"  and {ours / max(others):.1f} times the fastest rival")
    return rows


def measure_rate(url, work, requests):
    """Returns median requests a second, p50 and p99 in ms; checks answers."""
    url, (bodies, expected) = f"{url}/v1/models/m:predict", work
    sent = [make_request(url, body) for body in bodies]
    wrong = []

    def check(tag, status, answer):
        if status != 200:
            wrong.append(status)
        elif tag is not None:
            got = np.array(json.loads(answer)["predictions"])
            if not np.allclose(got, expected[tag], atol=1e-5):
                wrong.append(answer)

    def feed():
        # Every tenth answer is read; all of them would slow the client.
        for i in range(requests):
            number = i * 7 % INPUTS
            yield sent[number], None if i % 10 else number

    found = []
    for _ in range(ROUNDS + 1):
        load = run_load(url, feed(), connections=CONNECTIONS, check=check)
        found.append((load.rate, load.percentile(50), load.percentile(99)))
    if wrong:
        raise SystemExit(f"{len(wrong)} wrong answers: {wrong[0]}")
    return tuple(np.median(found[1:], axis=0))


@contextlib.contextmanager
def rival(python, module, path, batch):
    """Yields the address of another server, or `None` without it."""
    name = module.removeprefix("rival_")
    known = subprocess.run(
        [python, "-c", f"import {name}"], stderr=subprocess.DEVNULL
    )
    if known.returncode:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [python, "-m", f"tests.bench.{module}", path, str(port), str(batch)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        wait_for_port(port)
        time.sleep(3)  # until its workers have loaded the model
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_port(port):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.1)
    raise SystemExit("a rival did not start")


# === Latency ===


def bench_latency(folder, args):
    base = train("mlp", folder)
    function = load_function(str(base / "1"))
    x = np.zeros((1, 8, 8, 1), "float32")
    body = json.dumps({"instances": x.tolist()}).encode()
    with serving(f"m={base}") as server:
        url = f"{server.url}/v1/models/m:predict"
        feed = [(make_request(url, body), None)] * 3000
        load = run_load(url, feed, connections=1)
    direct = time_calls(lambda: function(x), 3000) * 1e3
    p50 = load.percentile(50)
    print(
        f"  SavedModel in a loop {direct:.3f} ms, through kn serve "
        f"{p50:.3f} ms: {p50 - direct:+.3f} ms (median, one client)"
    )
    return {"direct_ms": direct, "served_ms": p50}


def time_calls(call, count):
    """Returns the median seconds of a call, the first tenth left out."""
    seconds = []
    for _ in range(count):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return float(np.median(seconds[count // 10 :]))


# === Images ===


def bench_image(folder, args):
    from PIL import Image

    base = train("unet", folder)
    picture = make_scene(512)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png")
    x = picture[None, :, :, None].astype("float32")
    function = load_function(str(base / "1"))
    with serving(f"m={base}") as server:
        url = f"{server.url}/v1/models/m:predict"
        request = make_request(
            url, file.getvalue(), "image/png", ("Accept: image/png",)
        )
        masks = []
        run = [(request, None)] * 40
        function(x)
        served = run_load(
            url, run, connections=1, check=lambda *a: masks.append(a[2])
        )
        p50 = served.percentile(50)
        time.sleep(1)
    mask = np.asarray(Image.open(io.BytesIO(masks[-1])))
    right = float((mask == function(x)[0].argmax(-1)).mean())
    bare = time_calls(lambda: function(x), 40) * 1e3
    print(
        f"  bare model call {bare:.1f} ms, PNG in and mask out {p50:.1f} ms: "
        f"{100 * (p50 / bare - 1):+.1f} %; {100 * right:.2f} % of pixels equal"
    )
    return {"bare_ms": bare, "served_ms": p50, "equal": right}


def make_scene(side):
    """Returns a smooth grey picture with some noise, `(side, side)`."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side] / side
    waves = (
        np.sin(9 * x + 3 * y)
        + np.cos(14 * y * x)
        + 0.1 * rng.normal(size=x.shape)
    )
    return np.clip(127 + 60 * waves, 0, 255).astype("uint8")


# === Hostile requests ===


def bench_malformed(folder, args):
    import psutil

    from tests.serving.conftest import write_half_plus_two, write_two

    for name, write in (
        ("half_plus_two", write_half_plus_two),
        ("two", write_two),
    ):
        if not (folder / name).exists():
            write(folder / name / "1")
    models = (folder / "half_plus_two", folder / "two")
    count, seconds, memory = args.requests * 5, 0.0, []
    with serving(*models, "--batch-size", 64) as server:
        mixture = Mixture(server.url)
        process = psutil.Process(server.process.pid)
        for _ in range(10):
            load = run_load(
                server.url,
                mixture.feed(count // 10),
                connections=32,
                check=mixture.check,
            )
            seconds += load.seconds
            memory.append(process.memory_info().rss / 1e6)
        code = server.stop()
    print(
        f"  {count} requests, {MALFORMED:.0%} wrong in {len(mixture.wrong)} "
        f"ways, {count / seconds:.0f}/s: {len(mixture.problems)} wrong "
        f"answers, {mixture.overloaded} of 503 and 504, memory "
        f"{memory[0]:.0f} MB after a tenth, {memory[-1]:.0f} MB at the end "
        f"({100 * (memory[-1] / memory[0] - 1):+.1f} %), exit code {code}"
    )
    for problem in mixture.problems[:5]:
        print("   ", problem)
    return {"problems": len(mixture.problems), "memory_mb": memory}


class Mixture:
    """Right requests, each with an answer of its own, and wrong ones."""

    def __init__(self, url):
        self.wrong = ways(url)
        self.right = [
            make_request(
                url + HALF, json.dumps({"instances": [n, 2 * n]}).encode()
            )
            for n in range(INPUTS)
        ]
        self.problems, self.overloaded = [], 0
        self.rng = np.random.default_rng(0)

    def feed(self, count):
        for bad in self.rng.random(count) < MALFORMED:
            if bad:
                number = self.rng.integers(len(self.wrong))
                name, request, statuses = self.wrong[number]
                yield request, (name, statuses)
            else:
                n = int(self.rng.integers(INPUTS))
                yield self.right[n], n

    def check(self, tag, status, answer):
        if status in (503, 504):
            self.overloaded += 1
        elif isinstance(tag, int):
            expected = {"predictions": [tag / 2 + 2, tag + 2]}
            if status != 200 or json.loads(answer) != expected:
                self.problems.append((tag, status, answer[:200]))
        elif status not in tag[1]:
            self.problems.append((tag, status, answer[:200]))


# === New versions ===


def bench_swap(folder, args):
    import psutil

    base, made = folder / "swapped", train("mlp", folder) / "1"
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(made, base / "1")
    x = np.zeros((1, 8, 8, 1)).tolist()
    body = json.dumps({"instances": x}).encode()
    with serving(f"m={base}", "--poll", 0.1) as server:
        url = f"{server.url}/v1/models/m:predict"
        request, halt = make_request(url, body), threading.Event()
        seen = []

        def endless():
            while not halt.is_set():
                yield request, None

        client = threading.Thread(
            target=lambda: seen.append(run_load(url, endless(), connections=16))
        )
        client.start()
        process, memory = psutil.Process(server.process.pid), []
        for number in range(2, SWAPS + 2):
            shutil.copytree(made, base / ".new", dirs_exist_ok=True)
            (base / ".new").rename(base / str(number))
            status = f"{server.url}/v1/models/m/versions/{number}"
            end = time.monotonic() + 60
            while not is_available(status):
                if time.monotonic() > end:
                    raise SystemExit(f"version {number} never came")
                time.sleep(0.05)
            memory.append(process.memory_info().rss / 1e6)
        halt.set()
        client.join()
    (load,) = seen
    failed = sum(n for status, n in load.statuses.items() if status != 200)
    print(
        f"  {SWAPS} versions swapped in under {load.rate:.0f} requests/s: "
        f"{failed} of {sum(load.statuses.values())} requests failed, slowest "
        f"{load.percentile(100):.0f} ms; memory {memory[1]:.0f} MB after two, "
        f"{memory[-1]:.0f} MB at the end"
    )
    return {"failed": failed, "memory_mb": memory}


def is_available(url):
    code, answer = ask(url)
    states = answer.get("model_version_status", [{}])
    return code == 200 and states[0]["state"] == "AVAILABLE"


# === Start ===


def bench_start(folder, args):
    base, seconds = train("mlp", folder), []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        with serving(f"m={base}"):
            seconds.append(time.perf_counter() - begin)
    print(f"  start to ready {np.median(seconds):.1f} s {np.round(seconds, 1)}")
    return {"seconds": seconds}


# === Memory of a request ===


def bench_memory(folder, args):
    from tests.serving.conftest import write_half_plus_two
    from tests.serving.memory import Memory

    half = folder / "half_plus_two"
    if not half.exists():
        write_half_plus_two(half / "1")
    rows = {}
    for note in ("mlp", "unet"):
        base = train(note, folder)
        with serving(half, f"{note}={base}") as server:
            memory = Memory(server.process.pid)
            send(server.url, next(iter(images_of(server.url, note))))
            idle = memory.now()
            for name, request in bombs(server.url, note):
                memory.forget_peak()
                status, seconds = send(server.url, request)
                peak = (memory.peak() - idle) / 1e6
                rows[f"{note}: {name}"] = status, seconds, peak
            time.sleep(2)
            kept = (memory.now() - idle) / 1e6
        print(f"  {note}: {kept:.0f} MB above idle 2 s after the last one")
        rows[f"{note}: kept"] = 0, 2.0, kept
    for what, place in (("memory", 2), ("time", 1)):
        print(f"  most {what}:")
        worst = sorted(rows, key=lambda name: -rows[name][place])[:5]
        for name in worst:
            status, seconds, peak = rows[name]
            print(f"    {peak:6.0f} MB {seconds:6.2f} s  {status}  {name}")
    return rows


def images_of(url, note):
    """Yields a small image for a model, as a request."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(make_scene(64)).save(file, "png")
    path = f"{url}/v1/models/{note}:predict"
    yield make_request(path, file.getvalue(), "image/png")


def send(url, request):
    """Sends one request; returns its status, and seconds."""
    seen = []
    load = run_load(
        url,
        [(request, None)],
        connections=1,
        check=lambda tag, status, body: seen.append(status),
    )
    return seen[0], load.seconds


# === One model beside another ===


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
    from PIL import Image

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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=WHAT)
    parser.add_argument("--rival-python", default=sys.executable)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--work", type=Path, help="Keeps the models there.")
    parser.add_argument("--out", type=Path, default="bench-serving.json")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder, report = args.work or Path(made), {}
        folder.mkdir(exist_ok=True, parents=True)
        for what in WHAT:
            if args.only in (None, what):
                print(f"{what}:", flush=True)
                report[what] = globals()[f"bench_{what}"](folder, args)
    args.out.write_text(json.dumps(report, indent=2) + "\n")
    print(f"Numbers in {args.out}")


if __name__ == "__main__":
    main()
