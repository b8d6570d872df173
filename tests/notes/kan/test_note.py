"""The note: where grids begin, what it learns from, what it tells."""

import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.data.spec import Spec
from kerasnotes.notes import NOTES
from tests.checks import to_numpy
from tests.notes.small import make_small

RNG = np.random.default_rng(0)


def images(count):
    x = RNG.integers(0, 17, (count, 8, 8, 1)).astype("uint8")
    x[:, 0] = 0
    return MemorySplit(x, RNG.integers(0, 10, count).astype("int32"))


def test_grids_begin_where_the_values_lie():
    model = make_small("kan")
    train = images(200)
    assert model.solve_start(train) == ""
    first, second = model.edge_layers
    # Raw 0 to 16, less 5, divided by 6: the same for a pixel that never is.
    low, high = to_numpy(first.limits)
    np.testing.assert_allclose(low, -5 / 6, rtol=1e-5)
    np.testing.assert_allclose(high, 11 / 6, rtol=1e-5)
    values = model._given(second, train.x)
    # Small at first: there is room for them to grow.
    assert abs(values).max() < 3
    low, high = to_numpy(second.limits)
    assert (low == -3).all()
    assert (high == 3).all()


def test_a_table_has_a_grid_a_column():
    config = NOTES["kan"].config_class()(widths=[2], grids=[3])
    spec = Spec("s", (fields.table(["a", "b"]),), (fields.one_class("pq"),))
    model = NOTES["kan"].model_class()(config, spec, [0, 0], [1, 1])
    x = np.column_stack([np.linspace(0, 1, 300), np.linspace(5, 9, 300)])
    y = np.zeros(300, "int32")
    model.solve_start(MemorySplit(x.astype("float32"), y))
    low, high = to_numpy(model.edge_layers[0].limits)
    np.testing.assert_allclose(low, [0, 5], atol=1e-6)
    np.testing.assert_allclose(high, [1, 9], atol=1e-6)


def test_edges_add_up_to_the_next_layer():
    model = make_small("kan")
    train = images(50)
    model.solve_start(train)
    curves = model.edge_curves(train.x)
    assert [c.y.shape[1:] for c in curves] == [(64, 6), (5, 10)]
    edges = model.edge_layers[1].edges
    values = model._given(model.edge_layers[1], train.x)
    expected = edges.curves(values).std(axis=0)
    np.testing.assert_allclose(curves[1].strength, expected)
    np.testing.assert_allclose(curves[1].x[0], edges.low)


@pytest.mark.once
@pytest.mark.parametrize("edge", ["3,1,1", "1,3,1", "1,2,4", "2,4,1"])
def test_a_form_of_an_edge_that_is_none_is_refused(edge):
    table = fields.table(["a", "b"])
    spec = Spec("s", (table,), (fields.values([fields.Column("f")]),))
    make, note = NOTES["kan"].config_class, NOTES["kan"].model_class()
    settings = {"widths": [1], "products": [1], "grids": [3]}
    # Of two inputs and three sums, two nodes and one answer.
    for fine in ("1,2,3=sin", "2,2,1=0"):
        note(make()(**settings, fix=[fine]), spec, [0, 0], [1, 1])
    with pytest.raises(UsageError, match="this network has not"):
        note(make()(**settings, fix=[f"{edge}=sin"]), spec, [0, 0], [1, 1])


@pytest.mark.once
def test_who_is_solved_and_who_takes_batches():
    config = NOTES["kan"].config_class()()
    table, other = fields.table(["a"]), fields.one_class("pq")
    measured = fields.values([fields.Column("f")])
    rows = Spec("s", (table,), (measured,))
    assert config.optimizer_for(rows, 2_000) == "lbfgs"
    assert config.optimizer_for(rows, 50_000) == "adamw"
    # Fewer rows than five times the weights of 10 edges, 7 each.
    assert config.optimizer_for(rows, 350) == "lbfgs"
    assert config.optimizer_for(rows, 349) == "adamw"
    classes = Spec("s", (table,), (other,))
    assert config.optimizer_for(classes, 200) == "adamw"
    assert config.solver_defaults(200) == {"epochs": len(config.grids)}
