"""Errors of routes, and who may ask from where."""

import asyncio

import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.routing import Route

from kerasnotes.serving.http.exchange import CORS
from kerasnotes.serving.http.routed import routed

pytestmark = pytest.mark.once
ORIGIN = {"origin": "http://page.example"}
PREFLIGHT = {
    **ORIGIN,
    "access-control-request-method": "GET",
    "access-control-request-headers": "x-api-key",
}


async def health(request):
    return JSONResponse({"status": "ok"})


async def broken(request):
    raise RuntimeError("a secret of the inside")


ROUTES = [
    Route("/", health),
    Route("/healthz", health),
    Route("/broken", broken),
    Route("/asked", health, methods=["POST"]),
]


def ask(method, path, headers=None, cors=False):
    """Returns the answer of an application of `ROUTES`."""
    transport = httpx.ASGITransport(
        routed(ROUTES, cors), raise_app_exceptions=False
    )

    async def main():
        async with httpx.AsyncClient(transport=transport) as client:
            url = f"http://localhost{path}"
            return await client.request(method, url, headers=headers)

    return asyncio.run(main())


@pytest.mark.parametrize("cors", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("POST", "/", 405, {"GET", "HEAD"}),
        ("DELETE", "/healthz", 405, {"GET", "HEAD"}),
        ("GET", "/asked", 405, {"POST"}),
        ("GET", "/healthz/", 404, None),
        ("GET", "//healthz", 404, None),
        ("GET", "/nothing", 404, None),
    ],
)
def test_errors_have_one_form(method, path, status, allowed, cors):
    answer = ask(method, path, ORIGIN, cors)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    (key,) = answer.json()
    assert key == "error"
    if allowed:
        assert set(answer.headers["allow"].split(", ")) == allowed
    assert ("access-control-allow-origin" in answer.headers) == cors


@pytest.mark.parametrize("cors", [False, True])
def test_nothing_of_the_inside_is_told(cors):
    answer = ask("GET", "/broken", ORIGIN, cors)
    assert answer.status_code == 500
    assert answer.json() == {"error": "Internal error."}
    assert ("access-control-allow-origin" in answer.headers) == cors


def test_a_mistake_is_raised_for_the_log():
    transport = httpx.ASGITransport(routed(ROUTES, False))

    async def main():
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get("http://localhost/broken")

    with pytest.raises(RuntimeError, match="a secret"):
        asyncio.run(main())


@pytest.mark.parametrize("headers", [{}, ORIGIN, PREFLIGHT], ids=len)
def test_pages_elsewhere_may_ask_whether_they_may(headers):
    refused = ask("OPTIONS", "/healthz", headers)
    assert refused.status_code == 405
    assert refused.json() == {"error": "Method Not Allowed"}
    answer = ask("OPTIONS", "/healthz", headers, cors=True)
    assert (answer.status_code, answer.content) == (200, b"")
    for name, value in CORS:
        assert answer.headers[name.decode()] == value.decode()


def test_what_is_right_is_answered():
    assert ask("GET", "/healthz").json() == {"status": "ok"}
    answer = ask("HEAD", "/healthz")
    assert (answer.status_code, answer.content) == (200, b"")
    answer = ask("GET", "/healthz", ORIGIN, cors=True)
    assert answer.headers["access-control-allow-origin"] == "*"
