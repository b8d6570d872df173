"""Bodies that come late or never, and large ones in turn."""

import asyncio
import gzip
import json
import threading
import time

import pytest

from kerasnotes.serving.engine.errors import ServingError
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.http.exchange import HUGE, Call
from kerasnotes.serving.http.turn import Turn
from kerasnotes.serving.v1.handler import TensorFlowServing
from kerasnotes.serving.v2.handler import OpenInference
from tests.serving.asking import Core, ask, half_plus_two

pytestmark = pytest.mark.once
PREDICT = "/v1/models/half:predict"
BODY = b'{"instances": [1.0]}'


def send_late(parts, pause, timeout):
    """Sends each part after `pause` seconds; returns status and body."""
    app = TensorFlowServing(
        Core(half_plus_two(), limits=Limits(timeout=timeout))
    )
    parts, sent = list(parts), []

    async def receive():
        if not parts:
            await asyncio.Event().wait()
        await asyncio.sleep(pause)
        part = parts.pop(0)
        whole = bool(parts) or not part.endswith(b"}")
        return {"type": "http.request", "body": part, "more_body": whole}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": PREDICT, "headers": []}
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 20))
    return sent[0], json.loads(sent[1]["body"])


@pytest.mark.parametrize("parts", [[], [BODY[:5]], [b"", BODY[:5]]])
def test_a_body_that_does_not_come_is_given_up(parts):
    start, body = send_late(parts, 0, 0.05)
    assert start["status"] == 408
    assert body == {"error": "The body did not come within 0.05 s."}
    assert (b"connection", b"close") in start["headers"]


def test_the_time_is_that_of_the_whole_body():
    parts = [bytes([each]) for each in BODY]
    assert send_late(parts, 0.02, 0.1)[0]["status"] == 408


@pytest.mark.parametrize("parts", [[BODY], [BODY[:5], BODY[5:]], [b"", BODY]])
def test_a_body_may_come_in_parts(parts):
    for pause in (0, 0.01):
        start, body = send_late(parts, pause, 10)
        assert start["status"] == 200
        assert body == {"predictions": [2.5]}


def make_call(turn, body=b"", **headers):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    named = {k.replace("_", "-").encode(): v for k, v in headers.items()}
    return Call("POST", PREDICT, named, receive, 10**8, 10, turn)


def test_large_bodies_are_parsed_one_after_the_other():
    line = asyncio.Semaphore(1)
    lock, most = threading.Lock(), []

    def parse(body):
        most.append(lock.acquire(blocking=False))
        time.sleep(0.02)
        lock.release()

    async def parse_all(size):
        calls = [make_call(Turn(line, 10)) for _ in range(3)]
        work = [call.parse(parse, bytes(size)) for call in calls]
        await asyncio.gather(*work)

    asyncio.run(parse_all(HUGE))
    assert most == [True] * 3


def test_a_body_that_becomes_huge_keeps_its_turn_until_it_is_parsed():
    async def main():
        line = asyncio.Semaphore(1)
        body = gzip.compress(b" " * HUGE)
        first, second = (
            make_call(Turn(line, 0.05), body, content_encoding=b"gzip")
            for _ in range(2)
        )
        whole = await first.body()
        assert (len(whole), first.sent) == (HUGE, len(body))
        with pytest.raises(ServingError, match="Too many large bodies"):
            await second.body()
        assert await first.parse(len, whole) == HUGE
        assert len(await second.body()) == HUGE
        second.turn.give_back()
        assert not line.locked()

    asyncio.run(main())


@pytest.mark.parametrize("body", [b"1", b"no gzip"])
def test_no_turn_is_kept_by_small_or_damaged_bodies(body):
    app = TensorFlowServing(Core(half_plus_two()))
    packed = body if body == b"no gzip" else gzip.compress(body)
    answer = ask(app, "POST", PREDICT, packed, {"Content-Encoding": "gzip"})
    assert answer.status == 400
    assert not app._turns.locked()


def test_of_a_header_that_came_twice_both_values_count():
    async def receive():
        return {"type": "http.request", "body": BODY, "more_body": False}

    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"content-encoding", b"gzip")] * 2
    scope = {"type": "http", "method": "POST", "path": PREDICT}
    app = TensorFlowServing(Core(half_plus_two()))
    asyncio.run(app({**scope, "headers": headers}, receive, send))
    assert sent[0]["status"] == 415
    assert "gzip, gzip" in json.loads(sent[1]["body"])["error"]


def test_a_turn_that_does_not_come_is_given_up():
    app = TensorFlowServing(Core(half_plus_two(), limits=Limits(timeout=0.01)))

    async def hold():
        await app._turns.acquire()

    asyncio.run(hold())
    answer = ask(app, "POST", PREDICT, BODY + b" " * HUGE)
    assert (answer.status, answer.error) == (
        504,
        "Too many large bodies wait.",
    )


@pytest.mark.parametrize("protocol", [TensorFlowServing, OpenInference])
def test_preflights_are_answered_for_pages_that_may_ask(protocol):
    core = Core(half_plus_two())
    app = protocol(core)
    inference = protocol is OpenInference
    path = "/v2/models/half/infer" if inference else PREDICT
    origin = {"Origin": "http://page"}
    before = ask(app, "OPTIONS", path, headers=origin)
    assert before.status == (405 if inference else 200)
    assert "access-control-allow-origin" not in before.headers
    core.cors = True
    answer = ask(app, "OPTIONS", path, headers=origin)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert sorted(allowed) == [
        "Authorization",
        "Content-Type",
        "Inference-Header-Content-Length",
        "X-API-Key",
    ]
