"""The network in NumPy: its gradient, its grids, and what solves it."""

import copy
from unittest.mock import patch

import numpy as np
import pytest

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.data.spec import Spec
from kerasnotes.notes import NOTES
from kerasnotes.notes.kan import solver
from kerasnotes.notes.kan.edges import grid_limits
from kerasnotes.notes.kan.objective import Objective
from kerasnotes.notes.kan.solver import Rows, solve
from kerasnotes.notes.kan.twin import Twin
from tests.checks import to_numpy

RNG = np.random.default_rng(1)


def formula(x):
    return np.exp(np.sin(np.pi * x[:, :1]) + x[:, 1:] ** 2)


def make(settings, classes=()):
    columns = [Column("a"), Column("b")]
    target = fields.values([Column("f", mean=1.0, deviation=2.0)])
    if classes:
        target = fields.one_class(classes)
    spec = Spec("s", (fields.table(columns),), (target,))
    note = NOTES["kan"]
    config = note.config_class()(**settings)
    return note.model_class()(config, spec, [0.5, 0.0], [0.25, 4.0])


def slopes_of(objective, flat, what):
    """Of numbers that `what` returns, by differences of every weight."""
    found = []
    for place in range(len(flat)):
        step = np.zeros_like(flat)
        step[place] = 1e-6
        change = what(flat + step) - what(flat - step)
        found.append(change / 2e-6)
    return np.array(found)


@pytest.mark.once
@pytest.mark.parametrize("loss", ["squared", "entropy"])
@pytest.mark.parametrize(("sparsity", "products"), [(0, ()), (0.1, (1, 0))])
def test_the_gradient_is_that_of_differences(loss, sparsity, products):
    twin = Twin.random([2, 3, 3], 3, 4, loss, RNG, products)
    # Some inputs lie beyond the grid.
    x = RNG.uniform(-1.6, 1.6, (20, 2))
    y = np.eye(3)[RNG.integers(0, 3, 20)]
    objective, flat = Objective(twin, x, y, sparsity), twin.flat
    _, gradient = objective(flat)
    expected = slopes_of(objective, flat, lambda w: objective(w)[0])
    np.testing.assert_allclose(gradient, expected, atol=2e-8)


@pytest.mark.once
@pytest.mark.parametrize("products", [(), (2, 0)])
def test_the_jacobian_is_that_of_differences(products):
    twin = Twin.random([2, 1, 2], 3, 4, "squared", RNG, products)
    twin.layers[0].coefficients[:, 1, 0] = twin.layers[0].base[1, 0] = 0
    x, y = RNG.uniform(-1.6, 1.6, (20, 2)), RNG.normal(size=(20, 2))
    objective, flat = Objective(twin, x, y), twin.flat
    error, jacobian = objective.linearized(flat)
    assert np.mean(error**2) == pytest.approx(objective(flat)[0])
    expected = slopes_of(objective, flat, lambda w: objective.linearized(w)[0])[
        objective.free
    ]
    np.testing.assert_allclose(jacobian.T, expected, atol=1e-8)
    # What was cut stays so.
    assert np.count_nonzero(~objective.free) == 4 + 3 + 1
    assert not objective(flat)[1][~objective.free].any()


@pytest.mark.once
def test_the_penalty_is_the_papers():
    twin = Twin.random([2, 3, 1], 3, 4, "squared", RNG)
    x, y = RNG.uniform(-1, 1, (30, 2)), RNG.normal(size=(30, 1))
    flat = twin.flat
    found = Objective(twin, x, y, 0.5)(flat)[0] - Objective(twin, x, y)(flat)[0]
    expected = 0.0
    for edges, given in zip(twin.layers, twin.values(x)[:-1], strict=True):
        size = np.abs(edges.curves(given)).mean(axis=0)
        part = size / size.sum()
        expected += size.sum() - 2 * (part * np.log(part)).sum()
    assert found == pytest.approx(0.5 * expected, rel=1e-9)


@pytest.mark.parametrize("classes", [(), ("p", "q", "r")])
def test_it_answers_as_the_model_does(classes):
    settings = {"widths": [3], "grids": [4, 9], "scale": True}
    # One of them with a node that multiplies.
    model = make(settings | {"products": [1] if classes else []}, classes)
    x = RNG.normal(size=(30, 2)).astype("float32") * [2, 7]
    layers = model.edge_layers
    for layer in layers:
        layer.factors.assign(RNG.uniform(1, 2, layer.factors.shape))
    standard = (x - [0.5, 0.0]) / [0.5, 2.0]
    first = model.twin
    before = to_numpy(model(x.astype("float32")))
    model.twin = first
    after = to_numpy(model(x.astype("float32")))
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=2e-5)
    # As it is, and on a finer grid of its own.
    for twin in (first, first.refitted(standard, 9)):
        model.twin = twin
        found = twin(standard)
        if classes:
            expected = np.exp(found) / np.exp(found).sum(1, keepdims=True)
        else:
            expected = 1 + 2 * found
        answers = to_numpy(model(x.astype("float32")))
        np.testing.assert_allclose(answers, expected, rtol=1e-4, atol=2e-5)
        again = model.twin(standard)
        np.testing.assert_allclose(again, found, rtol=1e-4, atol=2e-5)


@pytest.mark.once
def test_a_multiple_of_the_grid_holds_the_same_functions():
    twin = Twin.random([2, 2, 1], 3, 4, "squared", RNG)
    x = RNG.uniform(-1, 1, (500, 2))
    # The ends of the grids stay where they are.
    twin = twin.refitted(x, 4)
    finer = twin.refitted(x, 12)
    np.testing.assert_allclose(finer(x), twin(x), atol=1e-7)


@pytest.mark.once
def test_grids_do_not_follow_a_few_far_away():
    x = RNG.normal(size=(1_000, 2))
    x[:3, 0], x[:, 1] = 1e4, 7.0
    low, high = grid_limits(x)
    assert -4 < low[0] < -2.3
    assert 2.3 < high[0] < 4
    assert (low[1], high[1]) == (6, 8)


@pytest.mark.once
def test_a_formula_is_found_in_four_grids():
    train, other = (RNG.uniform(-1, 1, (n, 2)) for n in (600, 400))
    wanted = [Rows(x, formula(x)) for x in (train, other)]
    model = make({"widths": [1], "grids": [3, 5, 10, 20], "iterations": 400})
    parts = [
        MemorySplit((rows.x * [0.5, 2] + [0.5, 0]), 1 + 2 * rows.y)
        for rows in wanted
    ]
    errors = []
    for epoch in range(4):
        model.solve_epoch(*parts, epoch, 0, lambda part, loss: False)
        errors.append(model.twin.measure(other, wanted[1].y) ** 0.5)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 5e-5


@pytest.mark.once
def test_steps_of_newtons_kind_go_on_where_lbfgs_crawls():
    x = RNG.uniform(-1, 1, (500, 2))
    rows = Rows(x, formula(x))
    start = Twin.random([2, 2, 1], 3, 5, "squared", RNG).refitted(x, 5)
    reached = []
    for most in (0, 10_000):
        twin = copy.deepcopy(start)
        with patch.object(solver, "MOST", most):
            solve(twin, rows, None, 300, lambda part, loss: False)
        reached.append(twin.measure(rows.x, rows.y) ** 0.5)
    assert reached[1] < 0.7 * reached[0]


@pytest.mark.once
def test_of_noise_the_validation_part_picks_the_iteration():
    x, z = RNG.uniform(-1, 1, (2, 60, 2))
    train = Rows(x, formula(x) + RNG.normal(size=(60, 1)))
    validation = Rows(z, formula(z) + RNG.normal(size=(60, 1)))
    start = Twin.random([2, 5, 1], 3, 20, "squared", RNG)
    twin = solve(start, train, validation, 200, lambda part, loss: False)
    best = twin.measure(z, validation.y)
    last = solve(twin, train, None, 200, lambda part, loss: False)
    assert best < last.measure(z, validation.y)


@pytest.mark.once
def test_it_ends_where_it_is_told_to():
    x = RNG.uniform(-1, 1, (40, 2))
    heard = []

    def told(part, loss):
        heard.append(part)
        return len(heard) == 4

    twin = Twin.random([2, 2, 1], 3, 3, "squared", RNG)
    solve(twin, Rows(x, formula(x)), None, 50, told)
    assert heard == pytest.approx([0.02, 0.04, 0.06, 0.08])
