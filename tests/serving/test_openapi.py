"""The description names what there is; schemathesis tries it out."""

import json

import pytest

from kerasnotes.serving import openapi
from kerasnotes.serving.drawing.sampling_plan import read_request
from kerasnotes.serving.page.playground import Playground

from .stub_core import StubCore, plain_model

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def described():
    description = openapi.describe(StubCore(plain_model()))
    return json.loads(json.dumps(description))


def refs(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from refs(each)


def test_every_reference_leads_somewhere(described):
    assert set(refs(described)) == {
        f"#/components/{kind}/{name}"
        for kind, parts in described["components"].items()
        for name in parts
    }


def test_what_the_file_leaves_open_is_filled_in(described):
    assert "filled in" not in json.dumps(described)
    model = described["components"]["parameters"]["Model"]
    assert model["schema"]["examples"] == [plain_model().name]
    # What was filled in for one server is not another's.
    other = openapi.describe(StubCore())
    model = other["components"]["parameters"]["Model"]
    assert model["schema"]["examples"] == []


def test_what_programs_may_ask_of_the_page_is_described(described):
    routes = {route.path for route in Playground(StubCore()).routes}
    paths = {path.replace("{model}", "{name}") for path in described["paths"]}
    assert {path for path in routes if path.startswith("/api/")} <= paths


def test_a_drawings_request_is_described_by_its_options(described):
    properties = described["components"]["schemas"]["Sample"]["properties"]
    defaults = {name: each["default"] for name, each in properties.items()}
    assert read_request(json.dumps(defaults).encode()) == read_request(b"{}")
