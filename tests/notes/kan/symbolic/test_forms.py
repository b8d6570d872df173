"""Forms: their slopes, and that a curve of each is found to be it."""

import numpy as np
import pytest

from kerasnotes.notes.kan.symbolic.forms import FORMS
from kerasnotes.notes.kan.symbolic.network import FormNetwork, Layer, Term
from kerasnotes.notes.kan.symbolic.univariate import fit

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
INSIDE = {
    "both": (0.6, -1.4),
    "rate": (-0.8, 0.0),
    "shift": (1.0, 0.7),
    "line": (1.0, 0.0),
    "end": (-1.0, 5.0),
    "inside": (0.2, -0.1),
}


@pytest.mark.parametrize("name", FORMS)
def test_constants_of_a_curve_are_found(name):
    form = FORMS[name]
    b, c = INSIDE[form.kind]
    b = 0.15 if name == "tan" else b
    x = np.sort(RNG.uniform(1, 4, 80))
    y = 1.7 * form.apply(b * x + c) - 0.4
    found = fit(form, x, y)
    assert found.missed < 1e-10
    a, b, c, d = found.constants
    np.testing.assert_allclose(a * form.apply(b * x + c) + d, y, atol=1e-4)
    inner = b * x + c
    steps = form.apply(inner + 1e-6) - form.apply(inner - 1e-6)
    slopes = form.slope(inner)
    np.testing.assert_allclose(slopes, steps / 2e-6, rtol=1e-5, atol=1e-6)


def test_a_form_without_a_value_is_none():
    x = np.linspace(-1, 1, 50)
    assert fit(FORMS["log"], x, np.exp(x)).constants[2] > 1
    assert fit(FORMS["x"], x, np.sin(9 * x)).missed > 0.5


def network():
    """`sin` and a square, multiplied with a line, in an exponential."""

    def term(name, place, constants):
        return Term.of(FORMS[name], place, np.array(constants), True)

    first = [
        term("sin", (0, 0), [1.1, 1.4, 0.3, 0.2]),
        term("x^2", (1, 0), [0.5, 1.0, 0.1, 0.0]),
        term("x", (1, 1), [0.7, 1.0, 0.0, -0.4]),
    ]
    last = [term("exp", (0, 0), [0.8, 0.6, 0.0, 0.1])]
    return FormNetwork([Layer(first, 2, 1), Layer(last, 1, 0)])


def test_a_network_of_forms_is_its_formula_and_its_jacobian():
    net, x = network(), RNG.uniform(-1, 1, (30, 2))
    p, q = x.T
    sums = 1.1 * np.sin(1.4 * p + 0.3) + 0.2 + 0.5 * (q + 0.1) ** 2
    expected = 0.8 * np.exp(0.6 * sums * (0.7 * q - 0.4)) + 0.1
    np.testing.assert_allclose(net(x)[:, 0], expected, atol=1e-12)
    start, found = net.constants, net.jacobian(x)
    for k in range(len(start)):
        values = []
        for step in (1e-6, -1e-6):
            net.constants = start + step * (np.arange(len(start)) == k)
            values.append(net(x)[:, 0])
        slope = (values[0] - values[1]) / 2e-6
        np.testing.assert_allclose(found[:, k], slope, atol=1e-8)


def test_all_constants_are_refitted_together():
    net, x = network(), RNG.uniform(-1, 1, (200, 2))
    y, exact = net(x), net.constants
    net.constants = exact + 0.05 * RNG.normal(size=len(exact))
    assert net.error(x, y) > 1e-3
    assert net.refit(x, y) < 1e-12
