"""Formulae found from values, and how they are written."""

import numpy as np
import pytest
import sympy

from kerasnotes.data.sets.expressions import Expression
from kerasnotes.notes.kan.symbolic.finding import Scale, Task, find
from kerasnotes.notes.kan.symbolic.numbers import nearest
from kerasnotes.notes.kan.symbolic.writing import (
    error_of,
    shortest,
    symbols_of,
    told,
)
from kerasnotes.notes.kan.twin import Twin

pytestmark = pytest.mark.once


def task(text, noise=0.0, low=1.0, high=3.0):
    rng = np.random.default_rng(3)
    names = Expression(text).names
    x = rng.uniform(low, high, (500, len(names)))
    x = x.astype("float32").astype("float64")
    y = Expression(text)(dict(zip(names, x.T, strict=True)))
    y = (y + noise * rng.normal(size=500)).astype("float32")
    y = y.astype("float64")[:, None]
    scale = Scale(x.mean(0), x.std(0), float(y.mean()), float(y.std()))
    return Task(x[:400], y[:400], x[400:], y[400:], names, "f", scale)


def never():
    return False


def same(formula, text):
    """Whether two formulae are one, far from where one was learned."""
    names = Expression(text).names
    x = np.random.default_rng(8).uniform(0.5, 9, (50, len(names)))
    columns = dict(zip(names, x.T, strict=True))
    one, other = (Expression(t)(columns) for t in (formula.text, text))
    np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("text", ["h*w/(2*pi)", "3*x**2-x", "Y/(2*(1+s))"])
def test_a_law_is_found_exactly(text):
    found = find(task(text), 1e-5, 0, never)
    assert found.holds
    assert found.rmse < 1e-5
    same(found, text)


def test_no_value_is_lost_by_writing_it_shorter():
    x = np.linspace(-2, 2, 40)[:, None]
    symbols = symbols_of(["x"], x)
    whole = sympy.log(symbols[0] ** 2) + sympy.log(symbols[0] ** 4)
    y = np.log(x**2) + np.log(x**4)
    found = shortest(whole, symbols, x, y, 1e-12)
    assert error_of(found, symbols, x, y) < 1e-12


def test_of_noise_as_good_as_the_network_is_enough():
    found = find(task("x*y", noise=0.02), 0.02, 0, never)
    assert found.holds
    assert found.rmse < 0.021
    same(found, "x*y")


def test_what_no_form_reaches_does_not_hold():
    found = find(task("x*y", noise=0.2), 1e-3, 0, never)
    assert found is None or not found.holds


def test_forms_that_are_given_are_taken():
    edges = Twin.random([1, 1], 3, 5, "squared", np.random.default_rng(0))
    given = task("sin(x)", low=-1.0, high=1.0)
    rows, _ = given.rows()
    edges = edges.refitted(rows.x, 5)
    kernel = edges.layers[0].bases(*edges.layers[0].seen(rows.x)[:2])[:, :, 0]
    edges.layers[0].base[:] = 0
    solved = np.linalg.lstsq(kernel, rows.y, rcond=None)[0]
    edges.layers[0].coefficients[:, 0] = solved
    found = find(given, 1.0, 0, never, edges, {(0, 0, 0): "tanh"})
    assert "tanh(" in found.text
    found = find(given, 1e-4, 0, never, edges)
    assert found.text == "sin(x)"


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (0.15915494309, 1 / (2 * sympy.pi)),
        (-2.0, -2),
        (0.3989422804, 1 / sympy.sqrt(2 * sympy.pi)),
        (4.7123889803, 3 * sympy.pi / 2),
        (0.0, 0),
    ],
)
def test_numbers_are_written_short(value, exact):
    assert sympy.simplify(nearest(value) - exact) == 0
    assert nearest(0.2384717) is None


def test_it_is_read_by_people_and_programs():
    x = np.array([[0.5, -1.0, 2.0], [1.5, 2.0, 3.0]])
    symbols = symbols_of(["mean radius", "exp", "2nd"], x)
    assert [s.name for s in symbols] == ["mean_radius", "exp_", "x_2nd"]
    assert [s.is_positive for s in symbols] == [True, None, True]
    a, b, c = symbols
    whole = sympy.sin(a) * sympy.exp(1) / sympy.sqrt(c) + sympy.Abs(b)
    found = told(whole, symbols, "F")
    names = dict(zip(("mean_radius", "exp_", "x_2nd"), x.T, strict=True))
    expected = np.sin(x[:, 0]) * np.e / np.sqrt(x[:, 2]) + np.abs(x[:, 1])
    np.testing.assert_allclose(Expression(found.text)(names), expected)
    space = {}
    exec(found.python, space)
    np.testing.assert_allclose(space["F"](*x.T), expected)
    assert found.latex.startswith("F = ")
    assert "\\sin" in found.latex
