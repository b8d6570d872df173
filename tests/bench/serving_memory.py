"""What 64 KB on the wire cost `kn serve`, in memory and in time."""

import io
import time

from PIL import Image

from tests.bench.load import make_request, run_load
from tests.bench.served_models import make_scene, train
from tests.serving.bombs import bombs
from tests.serving.memory import Memory
from tests.serving.running import serving


def bench_memory(folder, args):
    from tests.serving.conftest import write_half_plus_two

    half = folder / "half_plus_two"
    if not half.exists():
        write_half_plus_two(half / "1")
    rows = {}
    for note in ("mlp", "unet"):
        base = train(note, folder)
        with serving(half, f"{note}={base}") as server:
            memory = Memory(server.process.pid)
            send(server.url, small_image(server.url, note))
            idle = memory.now()
            for name, request in bombs(server.url, note):
                if note == "unet" and name.startswith("gzip"):
                    continue  # as with the other model
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


def small_image(url, note):
    """Returns a small image for a model, as a request."""
    file = io.BytesIO()
    Image.fromarray(make_scene(64)).save(file, "png")
    path = f"{url}/v1/models/{note}:predict"
    return make_request(path, file.getvalue(), "image/png")


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
