"""Who may ask, and which protocol answers."""

import asyncio
import json

import httpx
import pytest

from kerasnotes.serving.app import LOOPBACK, Application
from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.process.worker import is_loopback

pytestmark = pytest.mark.once
KEY = "s3cret"
CLOSED = (
    "/v1/models",
    "/V1/models",
    "/v1/models/m",
    "//v1/models",
    "/v2",
    "/v2/models",
    "/v2/models/m/infer",
    "/v2/health/live/",
    "/v2/health/../models",
    "/metrics",
    "/monitoring/prometheus/metrics",
    "/openapi.json",
    "/api/models",
    "/api/models/m/sample",
    "/healthz/",
    "/%76%31/models",
    "/nope",
)
OPEN = ("/", "/healthz", "/v2/health/live", "/static/style.css")


def ask(
    path,
    method="GET",
    headers=None,
    host="localhost:8501",
    cors=False,
    **options,
):
    """Returns the answer of an application without any model."""
    core = InferenceServer([], poll=0, cors=cors)

    async def main():
        app = Application(core, **options)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(
                method, f"http://{host}{path}", headers=headers
            )

    return asyncio.run(main())


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {KEY}"},
        {"authorization": f"Bearer {KEY}x"},
        {"authorization": "Bearer "},
        {"x-api-key": ""},
        {"cookie": f"key={KEY}"},
    ],
    ids=str,
)
def test_without_the_key_nothing_is_told(path, headers):
    for method in ("GET", "POST", "HEAD", "PUT"):
        answer = ask(path, method, headers, api_key=KEY)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        if method != "HEAD":
            assert answer.json() == {"error": "A valid API key is needed."}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY}"},
        {"x-api-key": KEY},
    ],
    ids=str,
)
def test_the_key_opens(headers):
    answer = ask("/v1/models", headers=headers, api_key=KEY)
    assert (answer.status_code, answer.json()) == (200, {"models": []})


@pytest.mark.parametrize("path", OPEN)
def test_probes_and_the_page_need_no_key(path):
    assert ask(path, api_key=KEY).status_code == 200


def test_a_browsers_question_needs_no_key():
    """It cannot send one; the request that follows must."""
    headers = {"origin": "http://a.example"}
    answer = ask("/v1/models/m:predict", "OPTIONS", headers, api_key=KEY)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/v1/models/m:predict", "/v2/models/m/infer"])
def test_pages_elsewhere_may_ask_with_a_key(path):
    headers = {"origin": "http://a.example"}
    answer = ask(path, "OPTIONS", headers, cors=True, api_key=KEY)
    assert answer.status_code == 200
    allowed = answer.headers["access-control-allow-headers"]
    assert "Authorization" in allowed
    refused = ask(path, "POST", headers, cors=True, api_key=KEY)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*"
    refused = ask(path, "POST", headers, api_key=KEY)
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("localhost:8501", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8501", 200),
        ("[::1]", 200),
        ("evil.example", 421),
        ("evil.example:8501", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("testserver", 421),
    ],
)
def test_names_of_this_server(host, code):
    """A page elsewhere may have its name point here (DNS rebinding)."""
    for path in ("/", "/healthz", "/v1/models", "/v2", "/api/models"):
        assert ask(path, host=host, hosts=LOOPBACK).status_code == code
        assert ask(path, host=host).status_code == 200


@pytest.mark.parametrize(
    "names", [[], ["localhost"] * 2, ["a", "b"], ["localhost,b"]]
)
@pytest.mark.parametrize("hosts", [None, LOOPBACK])
def test_a_request_has_one_host(names, hosts):
    """A proxy might look at another one than this server does."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/healthz",
        "headers": [(b"host", name.encode()) for name in names],
    }
    app = Application(InferenceServer([], poll=0), hosts=hosts)
    asyncio.run(app(scope, None, send))
    assert sent[0]["status"] == 400
    told = f"Expected one Host header, received {len(names)}."
    if len(names) == 1:
        told = "Expected one name as Host, received several."
    assert json.loads(sent[1]["body"]) == {"error": told}


def test_two_keys_are_no_key():
    headers = [("authorization", f"Bearer {KEY}")] * 2
    assert ask("/v1/models", headers=headers, api_key=KEY).status_code == 401


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.7", False),
        ("a.example", False),
    ],
)
def test_loopback(host, expected):
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/v1/models", '"models"'),
        ("/v2", '"extensions"'),
        ("/healthz", '"ready":false'),
        ("/metrics", ":tensorflow:serving:request_count"),
        ("/openapi.json", '"openapi"'),
        ("/api/models", '"models"'),
        ("/", "<!doctype html>"),
    ],
)
def test_each_path_has_its_protocol(path, part):
    answer = ask(path)
    assert answer.status_code == 200
    assert part in answer.text


def test_other_paths_and_websockets_are_refused():
    assert ask("/nope").json() == {"error": "Not Found"}
    assert ask("/nope").status_code == 404
    answer = ask("/metrics", "POST")
    assert answer.json() == {"error": "Method Not Allowed"}
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert ask("/healthz", "HEAD").status_code == 200

    async def main():
        sent = []

        async def send(message):
            sent.append(message)

        app = Application(InferenceServer([], poll=0))
        await app({"type": "websocket"}, None, send)
        return sent

    assert asyncio.run(main()) == [{"type": "websocket.close", "code": 1008}]
