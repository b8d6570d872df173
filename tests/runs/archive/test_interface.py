"""What a configuration says of a model, good or made to harm."""

import pytest

from kerasnotes.runs.archive.interface import read_interface
from tests.archives import layer, sequential

pytestmark = pytest.mark.once


def given(shape):
    return layer("InputLayer", name="in", batch_shape=[None, *shape])


def noted(kind, shape, **config):
    built = {"build_config": {"input_shape": [None, *shape]}}
    return {**layer(kind, name=kind.lower(), **config), **built}


CONV = {"padding": "same", "strides": [1, 1], "kernel_size": [3, 3]}


@pytest.mark.parametrize(
    ("layers", "output", "activation"),
    [
        ([noted("Dense", [7], units=3, activation="softmax")], (3,), "softmax"),
        ([noted("Dense", [7], units=3, activation="linear")], (3,), "linear"),
        ([noted("Dense", [7], units=3, activation={"a": 1})], (3,), "other"),
        (
            [
                noted("Dense", [7], units=3, activation="linear"),
                layer("Activation", name="end", activation="sigmoid"),
            ],
            (3,),
            "sigmoid",
        ),
        (
            [
                noted("Dense", [7], units=3, activation="softmax"),
                layer("Activation", name="end", activation="linear"),
            ],
            (3,),
            "softmax",
        ),
        (
            [noted("Conv2D", [None, 9, 2], filters=4, **CONV)],
            (None, 9, 4),
            "linear",
        ),
        (
            [noted("Conv2D", [8, 9, 2], filters=4, **{**CONV, "padding": 1})],
            None,
            "linear",
        ),
        ([noted("GlobalAveragePooling2D", [8, 9, 2])], (2,), "linear"),
        ([layer("Softmax", name="end")], None, "softmax"),
    ],
)
def test_the_end_of_a_sequential_model(layers, output, activation):
    found = read_interface(sequential(given([7]), *layers))
    assert (found.inputs, found.outputs) == (((7,),), 1)
    assert (found.output, found.activation) == (output, activation)


@pytest.mark.parametrize(
    ("loss", "name", "from_logits"),
    [
        ("mse", "mse", False),
        (None, None, False),
        (["mse"], "mse", False),
        ({"out": "mse"}, "mse", False),
        ({"class_name": "function", "config": "mse"}, "mse", False),
        ({"class_name": "A", "config": {"from_logits": True}}, "A", True),
        ({"class_name": "A", "config": {"from_logits": 1}}, "A", False),
        ({}, None, False),
        (7, None, False),
    ],
)
def test_the_loss(loss, name, from_logits):
    config = {**sequential(layer()), "compile_config": {"loss": loss}}
    found = read_interface(config)
    assert (found.loss, found.from_logits) == (name, from_logits)


def tensor(origin):
    inner = {"shape": [None, 4], "keras_history": [origin, 0, 0]}
    return [{"args": [{"class_name": "__keras_tensor__", "config": inner}]}]


def functional(inputs, outputs, *links):
    """Returns a graph of `(name, from)`."""
    layers = [
        {**layer(name=name), "name": name, "inbound_nodes": tensor(origin)}
        for name, origin in links
    ]
    inner = {"layers": layers, "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Functional", "config": inner}


def test_a_circle_ends():
    found = read_interface(functional([], ["a", 0, 0], ("a", "b"), ("b", "a")))
    assert (found.inputs, found.outputs) == ((), 1)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (["a", 0, 0], 1),
        ([["a", 0, 0], ["b", 0, 0]], 2),
        ({"x": ["a", 0, 0]}, 1),
        (None, 0),
        ([], 0),
        (3, 0),
    ],
)
def test_inputs_and_outputs_are_counted(value, count):
    found = read_interface(functional(value, value, ("a", "b")))
    assert (len(found.inputs), found.outputs) == (count, count)


@pytest.mark.parametrize("shape", [7, [], ["8"], [None], [True, False], {}])
def test_a_shape_that_is_none(shape):
    config = sequential(layer("InputLayer", name="in", batch_shape=shape))
    assert read_interface(config).inputs == ((),)


@pytest.mark.parametrize("config", [{}, {"config": 3}, sequential()])
def test_a_model_that_lists_no_layers(config):
    assert read_interface({"class_name": "Mine", **config}) is None


def test_strides_multiply():
    pool = {"strides": [2, 2], "pool_size": [2, 2]}
    layers = [
        layer("Conv2D", name="a", strides=[3, 1]),
        layer("MaxPooling2D", name="b", **pool),
        layer("Conv2DTranspose", name="c", strides=[2, 2]),
    ]
    assert read_interface(sequential(given([6, 6, 1]), *layers)).stride == 6
