"""Rows of a table by column name, and what is said of what is none."""

import json

import pytest

from kerasnotes.serving.engine.errors import ServingError
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.v1.handler import TensorFlowServing
from kerasnotes.serving.v1.json_format import read_predict
from tests.serving.asking import Core, ask, half_plus_two
from tests.serving.stub_core import measured_model

pytestmark = pytest.mark.once
MODEL = measured_model()
PREDICT = "/v1/models/homes:predict"


def read(value, model=MODEL):
    body = json.dumps(value).encode()
    tensors = read_predict(body, model, Limits(max_rows=3)).tensors
    return {name: array.tolist() for name, array in tensors.items()}


def refused(value, model=MODEL):
    with pytest.raises(ServingError) as caught:
        read(value, model)
    return caught.value.message


def test_rows_by_column_name_are_what_the_signature_takes():
    wanted = {
        "features": [[1234.5], [2.0]],
        "categories": [[b"Ely"], [b"Bath"]],
    }
    rows = [{"size": 1234.5, "town": "Ely"}, {"town": "Bath", "size": 2}]
    assert read({"instances": rows}) == wanted
    plain = [
        {"features": [1234.5], "categories": ["Ely"]},
        {"features": [2], "categories": ["Bath"]},
    ]
    assert read({"instances": plain}) == wanted


@pytest.mark.parametrize(
    ("value", "text"), [(None, b""), (True, b"true"), (2134, b"2134")]
)
def test_categories_are_written_as_in_tables(value, text):
    found = read({"instances": [{"size": 1, "town": value}]})
    assert found["categories"] == [[text]]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"size": 1}, "Row 1 lacks town."),
        (
            {"size": 1, "town": "Ely", "age": 3},
            "Row 1: age is no column of the model; expected town, size.",
        ),
        (
            {"size": "1", "town": "Ely"},
            'Row 1, column size: expected a number, received "1".',
        ),
        (
            {"size": [1], "town": "Ely"},
            "Row 1, column size: expected a number, received [1].",
        ),
        (
            {"size": None, "town": "Ely"},
            "Row 1, column size: expected a number, received null.",
        ),
        (
            {"size": 1, "town": 1.5},
            "Row 1, column town: expected a text, one of categories, "
            "received 1.5.",
        ),
        ([1], "Row 1: expected an object of columns, received [1]."),
    ],
)
def test_what_is_wrong_with_a_named_row_is_said(row, message):
    rows = [{"size": 1, "town": "Ely"}, row]
    assert refused({"instances": rows}) == message


@pytest.mark.parametrize(
    "request_body",
    [
        {"instances": [{"features": [1.0], "categories": [True]}]},
        {"inputs": {"features": [[1.0]], "categories": [[True]]}},
    ],
)
def test_what_is_no_category_is_said_with_its_column(request_body):
    assert refused(request_body) == (
        "Row 0, column town: expected a text, one of categories, received true."
    )


FORMS = [
    (b'{"instances": [{"size": 1, "town": "Ely"}, {"size": %s, "town": ""}]}'),
    (
        b'{"instances": [{"features": [1], "categories": ["Ely"]}, '
        b'{"features": [%s], "categories": [""]}]}'
    ),
    b'{"inputs": {"features": [[1], [%s]], "categories": [["Ely"], [""]]}}',
]


@pytest.mark.parametrize("body", FORMS)
@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_no_finite_number_is_refused_in_every_form(body, value):
    answer = ask(TensorFlowServing(Core(MODEL)), "POST", PREDICT, body % value)
    assert answer.status == 400
    assert answer.error == (
        "Row 1, column size: expected a finite number, received "
        f"{value.decode()}."
    )


def test_unknown_categories_are_told_beside_the_answer():
    app = TensorFlowServing(Core(MODEL))
    towns = ["Ely", "bath", 5, True, None, " Bath ", "a,b", "bath"]
    rows = [{"size": 1, "town": town} for town in towns]
    answer = ask(app, "POST", PREDICT, {"instances": rows})
    assert answer.status == 200
    assert list(answer.json) == ["predictions"]
    assert answer.headers["x-unknown-categories"] == (
        "town=bath, town=5, town=true, town=, town=a%2Cb"
    )
    known = ask(app, "POST", PREDICT, {"instances": rows[:1]})
    assert "x-unknown-categories" not in known.headers


def test_a_key_that_comes_twice_in_a_row_is_refused():
    body = b'{"instances": [{"size": 3, "size": 4, "town": "Ely"}]}'
    answer = ask(TensorFlowServing(Core(MODEL)), "POST", PREDICT, body)
    assert answer.status == 400
    assert '"size" is given twice' in answer.error


def test_rows_are_counted_first_and_other_models_have_no_columns():
    row = {"size": 1, "town": "Ely"}
    assert "at most 3 examples" in refused({"instances": [row] * 4})
    told = refused({"instances": [row]}, half_plus_two())
    assert "does not have named input" in told
