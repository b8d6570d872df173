import gc
import itertools
import json
import math

import pytest

from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.http import json_body
from kerasnotes.serving.http.json_body import (
    BOM,
    parse,
    parse_object,
    shorten,
)

pytestmark = pytest.mark.once


def test_not_numbers_are_numbers():
    values = parse(b'{"a": [NaN, Infinity, -Infinity, 1.5]}')["a"]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, 1.5]


def test_a_mark_of_utf8_is_skipped():
    assert parse(BOM + b'{"a": 1}') == {"a": 1}
    assert math.isnan(parse(BOM + b"[NaN]")[0])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"x", "JSON Parse error: Invalid value. at offset: 0"),
        (b'{"a": 1,}', "JSON Parse error: Invalid value. at offset: 7"),
        (b'{"a": NaN', "JSON Parse error: Invalid value. at offset: 9"),
        (b'{"a": 1} b', "JSON Parse error: Invalid value. at offset: 9"),
        (b"{'a': 1}", "JSON Parse error: Invalid value. at offset: 1"),
        (b'"\xff"', "JSON Parse error: Invalid value. at offset: 0"),
        (b'[NaN, "\xff"]', "JSON Parse error: Invalid value. at offset: 0"),
        ("[1]".encode("utf-16"), "JSON Parse error: Invalid value."),
        (b"[" * 100_000, "JSON Parse error: Invalid value."),
        (b"[NaN," + b"[" * 100_000, "JSON Parse error: Invalid value."),
        (b"[NaN, " + b"9" * 10_000 + b"]", "JSON Parse error: Invalid value."),
        (b"[1e999]", "JSON Parse error: Invalid value."),
        (b"[NaN, 1e400]", "JSON Parse error: Invalid value."),
        (b"[NaN, -1E+0400]", "JSON Parse error: Invalid value."),
        (b"[NaN, 1" + b"0" * 309 + b".0]", "JSON Parse error: Invalid value."),
        (b"[NaN, 1" + b"0" * 250 + b"e99]", "JSON Parse error: Invalid value."),
        (BOM, "JSON Parse error: The document is empty"),
        (BOM * 2 + b"{}", "JSON Parse error: Invalid value. at offset: 0"),
        (BOM * 2 + b"[NaN]", "JSON Parse error: Invalid value."),
        (b" " + BOM + b"{}", "JSON Parse error: Invalid value. at offset: 1"),
    ],
    ids=map(str, itertools.count()),
)
def test_what_is_not_json_is_refused(body, text):
    with pytest.raises(ServingError) as caught:
        parse(body)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message.startswith(text)


def test_large_numbers_beside_a_nan_are_what_they_are():
    text = b"[NaN, 1e308, -1e+300, 1e-999, 1e-0400, 0." + b"1" * 300 + b"]"
    values = parse(text)[1:]
    assert values == [1e308, -1e300, 0.0, 0.0, pytest.approx(1 / 9)]


def test_marks_are_not_taken_off_one_by_one(monkeypatch):
    """A kilobyte of gzip holds three million of them."""
    calls = []
    loads = json_body.orjson.loads
    monkeypatch.setattr(
        json_body.orjson, "loads", lambda body: calls.append(1) or loads(body)
    )
    with pytest.raises(ServingError):
        parse(BOM * 10_000 + b"{}")
    assert len(calls) == 1


@pytest.mark.parametrize("item", [b"1", b"[1]", b'"x"', b"{}", b"[]", b"[[]]"])
def test_compressed_bodies_hold_few_values(item, monkeypatch):
    """Each takes seventy bytes, and a thousand fit into one that is sent."""
    monkeypatch.setattr(json_body, "UNPACKED", 2**17)
    few = b"[" + b",".join([item] * 2**14) + b"]"
    many = b"[" + b",".join([item] * 2**18) + b"]"
    assert len(parse(few, sent=0)) == 2**14
    assert len(parse(many)) == len(parse(many, sent=2**19)) == 2**18
    with pytest.raises(ServingError, match="Expected at most 131172") as caught:
        parse(many, sent=50)
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_only_objects_are_requests():
    assert parse_object(b'{"a": 1}') == {"a": 1}
    with pytest.raises(ServingError, match=r"JSON Value: \[1\] Is not object"):
        parse_object(b"[1]")


def test_long_bodies_are_read_without_the_collector_and_it_returns():
    body = json.dumps({"a": [[1.0]] * json_body.LARGE}).encode()
    assert gc.isenabled()
    assert len(parse(body)["a"]) == json_body.LARGE
    assert gc.isenabled()
    with pytest.raises(ServingError):
        parse(body[:-1])
    assert gc.isenabled()


def test_messages_show_the_start_of_a_value():
    assert shorten({"a": [1, 2.0, True, None, "x"]}) == (
        '{"a":[1,2.0,true,null,"x"]}'
    )
    assert shorten("y" * 10**7) == '"' + "y" * 99 + "..."
    assert len(shorten([[["z" * 1000] * 1000] * 1000] * 1000)) == 103
    assert shorten("\ud800") == '"?"'


@pytest.mark.parametrize("item", [b"{}", b"[]", b'{"a": [0]}'])
def test_bodies_of_too_many_parts_are_refused_unread(item, monkeypatch):
    monkeypatch.setattr(json_body.orjson, "loads", lambda body: 1 / 0)
    most = {b"{": 2**18, b"[": 2**21}[item[:1]]
    body = b'{"instances":[' + b",".join([item] * (most + 1)) + b"]}"
    with pytest.raises(ServingError, match=f"Expected at most {most} of") as e:
        parse(body)
    assert e.value.code is Code.INVALID_ARGUMENT


def test_images_of_three_million_numbers_are_read():
    """1024 x 1024 pixels as nested lists: a million of them."""
    row = b"[" + b",".join([b"[0,128,255]"] * 1024) + b"]"
    body = b'{"instances":[[' + b",".join([row] * 1024) + b"]]}"
    (image,) = parse(body)["instances"]
    assert (len(image), len(image[0]), image[-1][-1]) == (
        1024,
        1024,
        [0, 128, 255],
    )
