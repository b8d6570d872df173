"""Each private name of Keras is where we look for it, and what we take it for.

When a release of Keras moves one, this file fails first.
"""

import ast
import inspect
import re

import keras
import numpy as np
import pytest

from kerasnotes.backends import keras_internals as internals
from tests.checks import to_numpy
from tests.conftest import ROOT


@pytest.fixture
def trained():
    """A compiled model after one step with averaging."""
    x = keras.Input((3,), name="x")
    model = keras.Model(x, keras.layers.Dense(2, name="y")(x))
    optimizer = keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5)
    model.compile(optimizer, "mse")
    # Not `fit`: it ends by putting the averages in the weights' place, on
    # JAX as one and the same buffer, which no further step can donate.
    model.train_on_batch(np.ones((2, 3)), np.zeros((2, 2)))
    return model


def test_the_loss_tracker_holds_the_loss_that_fit_shows(trained):
    tracker = internals.loss_tracker(trained)
    tracker.reset_state()
    tracker.update_state(3.0, sample_weight=2)
    assert float(to_numpy(trained.get_metrics_result()["loss"])) == 3.0


def test_averages_stand_in_the_order_of_the_weights(trained):
    averages = internals.moving_averages(trained.optimizer)
    weights = internals.optimized_weights(trained.optimizer)
    assert [id(v) for v in weights] == [
        id(v) for v in trained.trainable_variables
    ]
    before = [to_numpy(v).copy() for v in weights]
    expected = [to_numpy(v).copy() for v in averages]
    trained.train_on_batch(np.ones((2, 3)), np.zeros((2, 2)))
    after = [to_numpy(v) for v in weights]
    assert not np.allclose(before[0], after[0])
    for kept, old, new in zip(
        internals.moving_averages(trained.optimizer),
        expected,
        after,
        strict=True,
    ):
        np.testing.assert_allclose(to_numpy(kept), (old + new) / 2, rtol=1e-5)


def test_adams_moments_are_those_of_the_weight():
    weight = keras.Variable(np.zeros(2, "float32"), name="kernel")
    optimizer = keras.optimizers.Adam(beta_1=0.75, beta_2=0.5)
    optimizer.build([weight])
    gradient = keras.ops.convert_to_tensor(np.array([1.0, -2.0], "float32"))
    optimizer.apply([gradient], [weight])
    mean, square = internals.adam_slots(optimizer, weight)
    np.testing.assert_allclose(to_numpy(mean), [0.25, -0.5], rtol=1e-6)
    np.testing.assert_allclose(to_numpy(square), [0.5, 2.0], rtol=1e-6)


def test_the_backends_variable_is_inside_keras():
    weight = keras.Variable(np.ones(2, "float32"))
    native = internals.native_variable(weight)
    assert native is not weight
    assert internals.native_variable(native) is native


def test_the_structure_of_the_outputs():
    x = keras.Input((3,))
    named = keras.Model(x, {"b": keras.layers.Dense(2)(x), "a": x})
    assert list(internals.output_structure(named)) == ["b", "a"]
    assert internals.output_structure(keras.layers.Dense(2)) is None


@pytest.mark.once
def test_private_names_stand_nowhere_else():
    names = set(re.findall(r"\b_[a-z]\w+", inspect.getsource(internals)))
    for path in sorted((ROOT / "kerasnotes").rglob("*.py")):
        if path.name == "keras_internals.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
        assert not used & names, path
        modules = [n.module for n in ast.walk(tree) if hasattr(n, "module")]
        assert not any(str(m).startswith("keras.src") for m in modules), path


def small_graph():
    image = keras.Input((4,), name="image")
    dense = keras.layers.Dense(64, name="dense")(image)
    dropped = keras.layers.Dropout(0.5, seed=1, name="drop")(dense)
    return keras.Model(image, keras.layers.Softmax(name="end")(dropped)), dense


def test_a_part_of_a_graph_trains_as_the_whole_does():
    model, dense = small_graph()
    function = keras.Function(dense, model.get_layer("drop").output)
    x = np.ones((4, 64), "float32")
    for training in (True, False, None):
        found = to_numpy(internals.ask_function(function, x, training))
        assert (
            0.3 < (found == 0).mean() < 0.7 if training else (found == x).all()
        )


def test_the_graph_is_told_in_order():
    model, dense = small_graph()
    told = list(internals.graph_of(model))
    assert [op.name for op, _, _ in told] == ["dense", "drop", "end"]
    assert told[0][1][0] is model.inputs[0]
    assert told[0][2][0] is told[1][1][0] is dense
    assert [internals.draws(op) for op, _, _ in told] == [False, True, False]
    assert internals.draws(model)
    assert internals.layers_inside(model)[0] is model


def test_names_are_counted_from_the_first_again():
    before = keras.layers.Dense(2).name
    with internals.fresh_names():
        names = [keras.layers.Dense(2).name for _ in range(2)]
    assert names == ["dense", "dense_1"]
    assert keras.layers.Dense(2).name not in (before, *names)
