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

import numpy as np

from tests.bench.load import make_request, run_load
from tests.bench.saved_function import load_function
from tests.bench.served_models import make_scene, train
from tests.bench.serving_isolation import bench_isolation
from tests.bench.serving_memory import bench_memory
from tests.serving.malformed import HALF, malformed_requests
from tests.serving.running import ask, serving

CONNECTIONS = 64
ROUNDS = 3
INPUTS = 64
SWAPS = 20
MALFORMED = 0.3


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
        self.wrong = malformed_requests(url)
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


BENCHES = {
    "batching": bench_batching,
    "latency": bench_latency,
    "image": bench_image,
    "malformed": bench_malformed,
    "swap": bench_swap,
    "start": bench_start,
    "memory": bench_memory,
    "isolation": bench_isolation,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=BENCHES)
    parser.add_argument("--rival-python", default=sys.executable)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--work", type=Path, help="Keeps the models there.")
    parser.add_argument("--out", type=Path, default="bench-serving.json")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder, report = args.work or Path(made), {}
        folder.mkdir(exist_ok=True, parents=True)
        for what, bench in BENCHES.items():
            if args.only in (None, what):
                print(f"{what}:", flush=True)
                report[what] = bench(folder, args)
    args.out.write_text(json.dumps(report, indent=2) + "\n")
    print(f"Numbers in {args.out}")


if __name__ == "__main__":
    main()
