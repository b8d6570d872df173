"""Wrong requests in more than two hundred ways, and right ones among them."""

import json

import pytest

from tests.bench.load import make_request, run_load
from tests.serving.malformed import HALF, malformed_requests
from tests.serving.running import serving

pytestmark = [pytest.mark.once, pytest.mark.large]


def test_every_mistake_is_told_and_no_answer_is_wrong(saved_models):
    pytest.importorskip("uvloop")
    models = [saved_models / name for name in ("half_plus_two", "two")]
    with serving(*models) as server:
        wrong = malformed_requests(server.url)
        assert len(wrong) >= 200
        right = make_request(
            server.url + HALF, json.dumps({"instances": [1.0, 5.0]}).encode()
        )
        requests = []
        for name, request, statuses in wrong:
            requests += [(request, (name, statuses)), (right, None)]
        problems = []

        def check(tag, status, body):
            if tag is None:
                if (status, body) != (200, b'{"predictions":[2.5,4.5]}'):
                    problems.append(("a right one", status, body))
                return
            name, statuses = tag
            if status not in statuses or b"Traceback" in body:
                problems.append((name, status, body[:200]))

        load = run_load(server.url, requests, connections=16, check=check)
        assert problems == []
        assert sum(load.statuses.values()) == len(requests)
        assert server.stop() == 0
    assert "Traceback" not in "".join(server.lines)
