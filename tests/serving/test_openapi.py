"""The description names what there is; schemathesis tries it out."""

import json

import pytest

from kerasnotes.serving import openapi
from kerasnotes.serving.drawing.sampling_plan import read_request
from kerasnotes.serving.page.playground import Handler

from .stub_core import StubCore, plain_model

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def described():
    found = openapi.describe(StubCore(plain_model()))
    return json.loads(json.dumps(found))


def refs(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from refs(each)


def test_every_reference_leads_somewhere(described):
    found = set(refs(described))
    schemas = described["components"]["schemas"]
    assert found == {f"#/components/schemas/{name}" for name in schemas}


def test_what_programs_may_ask_of_the_page_is_described(described):
    routes = {route.path for route in Handler(StubCore()).router.routes}
    paths = {path.replace("{model}", "{name}") for path in described["paths"]}
    assert {path for path in routes if path.startswith("/api/")} <= paths


def test_a_drawings_request_is_described_by_its_options(described):
    told = described["components"]["schemas"]["Sample"]["properties"]
    defaults = {name: each["default"] for name, each in told.items()}
    assert read_request(json.dumps(defaults).encode()) == read_request(b"{}")
