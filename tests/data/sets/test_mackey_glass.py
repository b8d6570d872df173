"""The Mackey-Glass series against SciPy's integrator, step by step."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.load import load
from kerasnotes.data.outline import known_outline
from kerasnotes.data.sets.mackey_glass import integrate

pytestmark = pytest.mark.once


def by_intervals(tau, until):
    """Solves the equation on one interval of the delay after the other."""
    solutions, x = [], 1.2
    for start in range(0, until, tau):
        before = solutions[-1] if solutions else None

        def slope(t, now, before=before, start=start):
            late = 1.2 if before is None else before(t - tau)[0]
            return 0.2 * late / (1 + late**10) - 0.1 * now

        found = solve_ivp(
            slope,
            (start, start + tau),
            [x],
            rtol=1e-10,
            atol=1e-12,
            dense_output=True,
        )
        solutions.append(found.sol)
        x = found.y[0, -1]
    return np.array([solutions[t // tau](t)[0] for t in range(until)])


@pytest.mark.parametrize("tau", [5, 17])
def test_it_solves_the_equation(tau):
    expected = by_intervals(tau, 12 * tau)
    found = integrate(tau, 12 * tau)
    np.testing.assert_allclose(found, expected, atol=3e-6)


def test_half_the_step_leaves_a_sixteenth_of_the_error():
    expected = by_intervals(17, 170)
    errors = [
        np.abs(integrate(17, 170, steps) - expected)[20:].max()
        for steps in (1, 2, 4)
    ]
    # Fourth order: a sixteenth, about.
    assert errors[0] / errors[1] > 10
    assert errors[1] / errors[2] > 10


def test_the_set():
    data = load(DataConfig(source="mackey-glass:rows=400,tau=20"))
    whole = integrate(20, 600)[200:]
    x, y = data.test[0]
    first = data.test.first
    np.testing.assert_allclose(y[:, 0], whole[first : first + 24], rtol=1e-6)
    assert x.shape == (96, 1)
    found = known_outline(DataConfig(source="mackey-glass:rows=400,tau=20"))
    assert found[0] == data.spec


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"source": "mackey-glass:rho=3"}, "rho"),
        ({"source": "mackey-glass:tau=0"}, "tau"),
        ({"source": "mackey-glass", "target": "y"}, "single column"),
    ],
)
def test_what_it_cannot_be(settings, words):
    with pytest.raises(UsageError) as caught:
        load(DataConfig(**settings))
    assert words in str(caught.value)
