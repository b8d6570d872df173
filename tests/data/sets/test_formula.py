"""Formulae as data: what is computed, what is refused before it is run."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.load import load
from kerasnotes.data.sets.expressions import Expression
from kerasnotes.data.sets.feynman import FEYNMAN

pytestmark = pytest.mark.once

X, Y = np.random.default_rng(0).uniform(0.2, 0.9, (2, 50))
WRITTEN_OUT = {
    "exp(sin(pi*x)+y**2)": np.exp(np.sin(np.pi * X) + Y**2),
    "-x + +y - 2e0*x/y": -X + Y - 2 * X / Y,
    "2**-x**2": 2 ** (-(X**2)),
    "log(x)*sqrt(y) + abs(x - y)": np.log(X) * np.sqrt(Y) + np.abs(X - Y),
    "tanh(x)/cosh(y) - sinh(x)*e": np.tanh(X) / np.cosh(Y) - np.sinh(X) * np.e,
    "atan(tan(x)) + asin(y)*acos(x)": X + np.arcsin(Y) * np.arccos(X),
}
HOSTILE = [
    "",
    "x +",
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "x.real",
    "x[0]",
    "[x for x in (1, 2)]",
    "(lambda: x)()",
    "open(x)",
    "exp(x, y)",
    "exp(*x)",
    "exp(x=y)",
    "sin",
    "'a'*9",
    "True + x",
    "1j*x",
    "x if y else 1",
    "x == y",
    "x @ y",
    "x // y",
    "x ^ 2",
    "(y := x)",
    "x\0",
    "f'{x}'",
    "x; y",
    "-" * 400 + "x",
    "(" * 300 + "x",
    "x+" * 240 + "x",
    "x" * 501,
]


@pytest.mark.parametrize("text", WRITTEN_OUT)
def test_a_formula_is_what_numpy_says(text):
    found = Expression(text)({"x": X, "y": Y})
    np.testing.assert_allclose(found, WRITTEN_OUT[text], rtol=1e-12)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(UsageError) as caught:
        Expression(text)
    assert caught.value.expected
    assert caught.value.received
    assert caught.value.hint


def test_no_number_takes_for_ever():
    found = Expression("9**9**9**9 + 10**400*x")({"x": X})
    assert np.isinf(found).all()
    assert np.isinf(Expression("1" + "0" * 400)({})).all()


def load_it(source, **given):
    return load(DataConfig(source=source, **given))


def test_the_set_is_what_it_says():
    data = load_it("formula")
    assert data.spec.input.names == ("x", "y")
    (column,) = data.spec.target.columns
    assert column.name == "f"
    x, y = map(np.array, zip(*[data.test[i] for i in range(50)], strict=True))
    exact = np.exp(np.sin(np.pi * x[:, 0]) + x[:, 1] ** 2)
    np.testing.assert_allclose(y[:, 0], exact, rtol=1e-5)
    assert abs(x).max() <= 1
    again = load_it("formula")
    assert again.fingerprint == data.fingerprint
    other = load_it("formula:;seed=1")
    assert other.fingerprint != data.fingerprint


def test_options_follow_a_semicolon():
    data = load_it("formula:f*2 + g;rows=100,low=2,high=3,noise=0.5")
    sizes = [len(data.split(n)) for n in ("train", "validation", "test")]
    assert sum(sizes) == 100
    assert data.spec.input.names == ("f", "g")
    assert data.spec.target.columns[0].name == "f_"
    x, y = map(np.array, zip(*(data.train[i] for i in range(50)), strict=True))
    assert x.min() >= 2
    residual = y[:, 0] - (2 * x[:, 0] + x[:, 1])
    assert 0.3 < residual.std() < 0.7


@pytest.mark.parametrize("number", FEYNMAN)
def test_physics_has_values_and_units(number):
    told = FEYNMAN[number]
    data = load_it(f"formula:{number};rows=200")
    columns = data.spec.input.columns
    assert {c.name: c.units for c in columns} == {
        name: part[0] for name, part in told.variables.items()
    }
    assert data.spec.target.columns[0].units == told.units
    assert set(Expression(told.text).names) == set(told.variables)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("formula:3", "has variables"),
        ("formula:log(x)", "has no value for"),
        ("formula:x;rows=1", "rows"),
        ("formula:x;roes=100", "roes"),
        ("formula:x;low=2,high=1", "Nothing lies between"),
        ("formula:x;low=2", "Nothing lies between"),
        ("formula:I.12.2", "did you mean `I.26.2`"),
        ("formula:" + "+".join(f"x{i}" for i in range(21)), "has variables"),
    ],
)
def test_what_cannot_be_drawn_is_refused(source, told):
    with pytest.raises(UsageError) as caught:
        load_it(source)
    assert told in str(caught.value)


def test_settings_that_make_no_sense_are_refused():
    for given in ({"target": "x"}, {"labels": "classes"}):
        with pytest.raises(UsageError):
            load_it("formula", **given)
