"""The page's files and what it is told, without a browser."""

import asyncio
import base64
import contextlib
import io
import json

import httpx
import numpy as np
import pytest
from PIL import Image

from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.page.page_files import PageFiles
from kerasnotes.serving.page.playground import AT_ONCE, Playground
from kerasnotes.serving.page.rows import MOST
from kerasnotes.use.recipe import read_recipe
from tests.serving.stub_core import (
    PATTERN,
    StubCore,
    diffusion_model,
    forecast_model,
    image_model,
    mask_model,
    measured_model,
    plain_model,
    sequence_model,
    table_model,
    translation_model,
)

pytestmark = pytest.mark.once
JSON = {"content-type": "application/json"}
SAMPLE = "/api/models/noisy/sample"
IMAGE = {"name": "image", "kind": "image", "shape": [8, 8, 1], "dtype": "uint8"}


@pytest.fixture
def core():
    return StubCore(
        image_model(doubt=True),
        table_model(),
        measured_model(),
        forecast_model(),
        sequence_model(),
        translation_model(),
        mask_model(),
        diffusion_model(),
        plain_model(),
        failing=["broken"],
    )


@pytest.fixture
def ask(core):
    def send(path, method="GET", **options):
        async def go():
            transport = httpx.ASGITransport(Playground(core))
            async with httpx.AsyncClient(
                transport=transport, base_url="http://test"
            ) as client:
                return await client.request(method, path, **options)

        return asyncio.run(go())

    return send


def lines_of(answer):
    return [json.loads(line) for line in answer.text.splitlines()]


def picture_of(event):
    return Image.open(io.BytesIO(base64.b64decode(event["image"])))


# === Files ===


def test_the_page_and_everything_it_names(ask):
    page = ask("/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for name, kind in {
        "app.js": "text/javascript",
        "style.css": "text/css",
        "icon.svg": "image/svg+xml",
    }.items():
        assert f"static/{name}" in page.text
        answer = ask(f"/static/{name}")
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_modules_that_are_imported_are_there(ask):
    imported, open_ = set(), ["app.js"]
    while open_:
        name = open_.pop()
        if name in imported:
            continue
        imported.add(name)
        text = ask(f"/static/{name}").text
        assert text, name
        open_ += [
            line.rsplit('"./', 1)[1].split('"')[0]
            for line in text.splitlines()
            if ' from "./' in line
        ]
    served = {name for name in PageFiles().names() if name.endswith(".js")}
    assert imported == served


def test_nothing_of_another_host_and_no_markup_from_text():
    files = PageFiles()
    for name in files.names():
        text = files.text(name).replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, name
        assert "https://" not in text, name
        for word in ("innerHTML", "insertAdjacentHTML", "eval(", 'style="'):
            assert word not in text, (name, word)


def test_the_policy_forbids_scripts_from_elsewhere(ask):
    policy = ask("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy


def test_an_unchanged_file_is_not_sent_again(ask):
    first = ask("/static/app.js")
    again = ask(
        "/static/app.js", headers={"if-none-match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert not again.content


@pytest.mark.parametrize(
    "path",
    [
        "/static/../playground.py",
        "/static/..%2fplayground.py",
        "/static/%2e%2e/playground.py",
        "/static//etc/passwd",
        "/static/",
        "/static/app.js/",
        "/static/APP.JS",
        "/static/playground.py",
        "/api/",
        "/api/models/noisy",
        "/index.html",
    ],
)
def test_no_path_leads_elsewhere(ask, path):
    answer = ask(path)
    assert answer.status_code == 404
    assert answer.json() == {"error": "Not Found"}


# === Models ===


def test_each_model_gets_its_surface(ask):
    models = {m["name"]: m for m in ask("/api/models").json()["models"]}
    assert {name: m["surface"] for name, m in models.items()} == {
        "lines": "image",
        "table": "table",
        "homes": "table",
        "power": "series",
        "swings": "sequence",
        "backwards": "translation",
        "masks": "segmentation",
        "noisy": "generator",
        "half_plus_two": "json",
        "broken": "none",
    }
    lines = models["lines"]
    assert lines["uncertainty"]
    assert not lines["encoded"]
    assert lines["limits"] == [0.0, 16.0]
    assert lines["whole"]
    homes = models["homes"]
    assert homes["categories"] == [["Bath", "Ely"], []]
    assert homes["values"] == ["price (USD)"]
    assert models["table"]["categories"] == [[], [], []]
    # NaN is no number that JSON knows.
    assert lines["metrics"] == {"accuracy": 0.875}
    assert models["broken"]["error"] == "the graph is damaged"
    x = models["half_plus_two"]["signatures"]["serving_default"]["inputs"]["x"]
    assert x == {"dtype": "float32", "shape": [None]}


HOURS = "date,load,holiday\n" + "".join(
    f"2024-01-01 {hour:02}:00,{10.1 + hour},0\n" for hour in range(5)
)
PLAN = "2024-01-01 05:00,,1\n2024-01-01 06:00,,0\n"
SWINGS = "swing,step,height,load\na,2,0.3,5\na,1,0.1,4\nb,1,7,8\n"
CSV = {"content-type": "text/csv"}


def test_rows_mean_what_they_mean_to_kn_predict(ask):
    told = next(
        m for m in ask("/api/models").json()["models"] if m["name"] == "power"
    )
    assert told["planned"] == ["holiday"]
    assert told["bands"] == [{"low": [-1.0, -2.0], "high": [1.0, 2.5]}]
    text = HOURS + PLAN
    answer = ask(
        "/api/models/power/rows", "POST", content=text, headers=CSV
    ).json()
    window = [[12.1, 0.0], [13.1, 0.0], [14.1, 0.0]]
    assert answer == {
        "instance": {"series": window, "future": [[1.0], [0.0]]},
        "past": window,
        "times": ["2024-01-01 05:00:00", "2024-01-01 06:00:00"],
    }


def test_rows_of_a_sequence_are_put_in_order(ask):
    rows = SWINGS.rpartition("b,")[0]
    answer = ask(
        "/api/models/swings/rows", "POST", content=rows, headers=CSV
    ).json()
    assert answer == {"instance": [[0.1, 4.0], [0.3, 5.0]]}


@pytest.mark.parametrize(
    ("path", "text", "code", "words"),
    [
        ("power", HOURS, 400, "does not tell what is known ahead"),
        ("power", "a,b\n1,2\n", 400, "The text lacks columns"),
        ("power", "", 400, "Expected"),
        ("power", b"\x00\xff\x00", 400, ""),
        ("power", "x" * (MOST + 1), 413, "exceeds"),
        ("swings", "height\n1\n", 400, "The text lacks columns"),
        ("swings", SWINGS, 400, "holds 2 sequences, by its column `swing`"),
        ("lines", HOURS, 400, "asked by no rows"),
        ("nobody", HOURS, 404, "not found"),
    ],
)
def test_rows_that_mean_nothing_to_a_model(ask, path, text, code, words):
    place = f"/api/models/{path}/rows"
    answer = ask(place, "POST", content=text, headers=CSV)
    assert answer.status_code == code
    assert words in answer.json()["error"]
    assert "/tmp" not in answer.text
    refused = ask(place, "POST", content=text, headers=JSON)
    assert refused.status_code == 415


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"spec": 5},
        {"spec": {"name": "x"}},
        {"spec": {"name": "x", "inputs": [IMAGE], "targets": [IMAGE, IMAGE]}},
        {"spec": {"name": "x", "inputs": [IMAGE], "targets": []}},
        {"spec": {"name": "x", "inputs": [], "targets": [IMAGE]}},
        {"spec": {"name": "x", "inputs": "image", "targets": [5]}},
        {"spec": {**image_model().card["spec"], "classes": [1, 2]}},
        {"spec": {**image_model().card["spec"], "classes": ["one"]}},
        {"spec": {**image_model().card["spec"], "shape": 8}},
        {"spec": {**image_model().card["spec"], "value_range": ["a", 1]}},
        {"task": "generation", "spec": image_model().card["spec"]},
        {"metrics": [1], "note": 5, "summary": None},
        {"summary": "half a letter: \ud800"},
    ],
)
def test_an_odd_description_leaves_the_editor(ask, core, card):
    core.servables["lines"].card = card
    models = ask("/api/models").json()["models"]
    assert models[0]["surface"] in ("json", "image")
    assert len(models) == len(core.names())


# === Drawing ===


def test_a_picture_forms_line_by_line(ask, core):
    body = {"count": 3, "seed": 4, "steps": 6, "frames": 4, "class": "white"}
    answer = ask(SAMPLE, "POST", json=body)
    assert answer.headers["content-type"] == "application/x-ndjson"
    *progress, last = lines_of(answer)
    assert [event["done"] for event in progress if "image" in event] == [
        0,
        2,
        4,
    ]
    assert {event["total"] for event in progress} == {6}
    assert last["event"] == "done"
    assert last["class"] == "white"
    assert last["used"]["steps"] == 6
    # One frame of paper round each board, six times its size.
    pixels = np.asarray(picture_of(last))
    board = np.asarray((PATTERN[..., 0] + 1) / 2 * 255, "uint8")
    np.testing.assert_array_equal(pixels[2:50:6, 2:50:6], board)
    noise = np.asarray(picture_of(progress[0]))
    assert noise.shape == pixels.shape
    assert not np.array_equal(noise, pixels)
    assert core.calls == [("denoise", 3)] * 6


def test_the_png_carries_the_recipe_of_kn_sample(ask, tmp_path):
    body = {"count": 2, "seed": 4, "sampler": "ddim", "eta": 0.5, "class": 1}
    last = lines_of(ask(SAMPLE, "POST", json=body))[-1]
    path = tmp_path / "picture.png"
    path.write_bytes(base64.b64decode(last["image"]))
    recipe = read_recipe(path)
    request = recipe.request()
    assert (request.count, request.seed, request.label) == (2, 4, 1)
    assert (request.sampler, request.eta, request.steps) == ("ddim", 0.5, 20)
    assert recipe.model_dump(mode="json") == last["recipe"]


def test_without_a_digest_of_weights_there_is_no_recipe(ask, core):
    del core.servables["noisy"].card["weights"]
    last = lines_of(ask(SAMPLE, "POST", json={}))[-1]
    assert last["event"] == "done"
    assert last["recipe"] is None


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        (SAMPLE, {"content": "{", "headers": JSON}, 400),
        (SAMPLE, {"json": {"steps": 51}}, 400),
        (SAMPLE, {"json": {"sampler": "none"}}, 400),
        (SAMPLE, {"content": "{}"}, 415),
        (SAMPLE, {"content": " " * 20_000, "headers": JSON}, 413),
        ("/api/models/lines/sample", {"json": {}}, 400),
        ("/api/models/other/sample", {"json": {}}, 404),
        ("/api/models/broken/sample", {"json": {}}, 404),
    ],
)
def test_errors_are_told_before_anything_is_drawn(
    ask, core, path, options, status
):
    answer = ask(path, "POST", **options)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert not core.calls
    name = path.split("/")[3]
    label = name if name in core.names() else ""
    assert core.metrics.observed[0][0] == label
    assert core.metrics.observed[0][3] != "OK"


def test_only_post_draws(ask):
    assert ask(SAMPLE).status_code == 405


@pytest.mark.parametrize("error", [ValueError("secret"), None])
def test_an_error_on_the_way_ends_the_lines(ask, core, error):
    from kerasnotes.serving.engine.errors import Code, ServingError

    def fail(tensors):
        raise error or ServingError(Code.UNAVAILABLE, "gone")

    core.servables["noisy"].functions["denoise"] = fail
    last = lines_of(ask(SAMPLE, "POST", json={}))[-1]
    words = "Internal error." if error else "gone"
    assert last == {"event": "error", "error": words}
    assert core.metrics.observed[0][3] == (
        "INTERNAL" if error else "UNAVAILABLE"
    )


def _scope():
    path = SAMPLE
    return {
        "type": "http", "method": "POST", "path": path, "root_path": "",
        "raw_path": path.encode(), "query_string": b"", "scheme": "http",
        "headers": [(b"content-type", b"application/json")],
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "server": ("test", 80), "client": ("test", 1), "http_version": "1.1",
    }  # fmt: skip


async def _drawn(handler, stop_after):
    """Draws, and closes the connection after so many lines."""
    sent, closed = [], asyncio.Event()
    bodies = [{"type": "http.request", "body": b'{"steps": 50}'}]

    async def receive():
        if bodies:
            return bodies.pop()
        await closed.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if len(sent) > stop_after:
            closed.set()
        await asyncio.sleep(0)

    await handler(_scope(), receive, send)
    return sent


def test_a_closed_connection_ends_the_drawing(core):
    handler = Playground(core)
    asyncio.run(_drawn(handler, stop_after=3))
    assert 0 < len(core.calls) < 40
    assert handler.drawing == 0
    assert core.metrics.observed[0][3] == "ABORTED"


def test_too_many_drawings_are_refused(core):
    handler = Playground(core)
    handler.drawing = AT_ONCE
    (start, body) = asyncio.run(_drawn(handler, 10))
    assert start["status"] == 429
    assert b"try again" in body["body"]
    assert not core.calls


def test_drawings_at_once_are_counted_in_a_burst(core):
    handler = Playground(core)

    async def burst():
        many = [_drawn(handler, 1000) for _ in range(3 * AT_ONCE)]
        return await asyncio.gather(*many)

    statuses = [sent[0]["status"] for sent in asyncio.run(burst())]
    assert statuses.count(200) == AT_ONCE
    assert statuses.count(429) == 2 * AT_ONCE
    assert handler.drawing == 0


def test_a_place_is_free_again_if_the_answer_never_begins(core):
    handler = Playground(core)
    bodies = [{"type": "http.request", "body": b"{}"}]

    async def receive():
        return bodies.pop() if bodies else {"type": "http.disconnect"}

    async def send(message):
        raise OSError("closed")

    with contextlib.suppress(OSError, BaseExceptionGroup):
        asyncio.run(handler(_scope(), receive, send))
    assert not bodies
    assert handler.drawing == 0


def test_a_body_that_does_not_come_draws_nothing(core):
    core.limits = Limits(timeout=0.02)
    handler, sent = Playground(core), []

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    asyncio.run(asyncio.wait_for(handler(_scope(), receive, send), 20))
    assert sent[0]["status"] == 408


@pytest.mark.parametrize(
    "odd",
    [
        {"metrics": {"a": 10**400, "b": 0.5, "c": True}},
        {"sampler": {"default": [1]}},
        {"sampler": {"schedule": {"name": "cosine", "num_timesteps": 10**9}}},
        {"classes": 5, "note": [], "summary": {}, "versions": 7},
    ],
)
def test_an_odd_description_is_one_models_trouble(ask, core, odd):
    card = core.servables["noisy"].card
    for key, value in odd.items():
        whole = isinstance(value, dict) and isinstance(card.get(key), dict)
        card[key] = {**card[key], **value} if whole else value
    models = ask("/api/models").json()["models"]
    assert [each["name"] for each in models] == core.names()
    (noisy,) = [each for each in models if each["name"] == "noisy"]
    assert noisy["surface"] == ("json" if "sampler" in odd else "generator")
    if "metrics" in odd:
        assert noisy["metrics"] == {"b": 0.5}
    if "sampler" in odd:
        assert ask(SAMPLE, "POST", json={}).status_code == 400


def test_what_nobody_thought_of_is_one_models_trouble(
    ask, core, monkeypatch, caplog
):
    from kerasnotes.serving.page import playground

    def describe(servable):
        if servable.name == "noisy":
            raise TypeError("odd")
        return {"name": servable.name, "surface": "json"}

    monkeypatch.setattr(playground, "describe", describe)
    models = ask("/api/models").json()["models"]
    odd = [each for each in models if each["surface"] == "none"]
    assert [each["name"] for each in odd] == ["noisy", "broken"]
    assert odd[0]["error"] == "Its description cannot be read."
    assert "noisy cannot be shown" in caplog.text
