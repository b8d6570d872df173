"""What 64 KB on the wire can cost a server: memory, and everybody's time."""

import json
import sys
import time
from pathlib import Path

import pytest

from tests.bench.load import make_request, run_load
from tests.bench.serving_memory import small_image
from tests.serving.bombs import WIRE, bombs
from tests.serving.malformed import HALF
from tests.serving.memory import Memory
from tests.serving.running import serving

pytestmark = [
    pytest.mark.once,
    pytest.mark.large,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
EXPORT = Path(__file__).parent.parent / "fixtures/before_the_move/export"
MOST = 256 * 10**6
ANSWERED = (200, 400, 413, 415, 429)
SECONDS = 10
"""Two on an idle machine (`tests.bench.serving --only memory`); tests run on
busy ones."""
LEFT = 96 * 10**6
"""Bytes that a server may keep of all of it: the C library's and Python's
own stock."""


def test_no_request_of_64_kilobytes_takes_much(saved_models):
    pytest.importorskip("uvloop")
    models = [saved_models / name for name in ("half_plus_two", "two")]
    with serving(*models, f"mlp={EXPORT}") as server:
        body = json.dumps({"instances": [1.0]}).encode()
        right = make_request(server.url + HALF, body)
        problems = []

        def ask(request):
            received = []
            load = run_load(
                server.url,
                [(request, None)],
                connections=1,
                check=lambda tag, status, body: received.append(status),
            )
            return received[0], load.seconds

        requests = list(bombs(server.url, "mlp"))
        ask(right)
        ask(small_image(server.url, "mlp"))
        memory = Memory(server.process.pid)
        idle = memory.now()
        for name, request in requests:
            assert len(request) <= WIRE + 1000, name
            memory.forget_peak()
            status, seconds = ask(request)
            peak = memory.peak() - idle
            if peak > MOST or seconds > SECONDS or status not in ANSWERED:
                problems.append((name, status, seconds, peak / 1e6))
        assert not problems
        end = time.monotonic() + 10
        while memory.now() > idle + LEFT and time.monotonic() < end:
            time.sleep(0.1)
        assert memory.now() <= idle + LEFT
        assert ask(right)[0] == 200
        assert server.stop() == 0
    assert "Traceback" not in "".join(server.lines)
