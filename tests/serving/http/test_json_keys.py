"""One key twice in one object, wherever it stands and however it is written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasnotes.serving.engine.errors import ServingError
from kerasnotes.serving.http.json_body import LARGE, parse

pytestmark = pytest.mark.once
TWICE = [
    (b'{"a": 1, "a": 2}', "a"),
    (b'{"a" \n:1,"b":2,"a"\t: 1}', "a"),
    (b'[[{"x": {"k": [], "k": NaN}}]]', "k"),
    (b'{"a": {"b": 1}, "a": {"b": 1}}', "a"),
    # Written in two ways, and beside texts that look like keys.
    (b'{"a": "\\":", "\\u0061": "{:"}', "a"),
    (b'{"a": 1, "a": 1' + b"0" * 300 + b"}", "a"),
    (b'{"a": 1, "a": [' + b"0," * LARGE + b"0]}", "a"),
]


@pytest.mark.parametrize(("body", "key"), TWICE)
def test_a_key_that_comes_twice_is_named(body, key):
    with pytest.raises(ServingError) as caught:
        parse(body)
    told = f'JSON object: the key "{key}" is given twice.'
    assert caught.value.message == told


VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.text('a":{}\\ ', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text('a":{', max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([(",", ":"), (" , ", " : ")]))
def test_every_other_value_is_read(value, separators):
    assert parse(json.dumps(value, separators=separators).encode()) == value


def test_what_is_nested_too_deeply_is_no_defect(monkeypatch):
    def loads(*_, **__):
        raise RecursionError

    monkeypatch.setattr("kerasnotes.serving.http.json_keys.json.loads", loads)
    with pytest.raises(ServingError, match="nested too deeply"):
        parse(b'{"a": 1, "a": 2}')
