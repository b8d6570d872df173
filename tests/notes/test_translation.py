"""Networks that translate: with their caches as without, and as NumPy's."""

import dataclasses
import functools

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.inference.translating.translator import (
    make_translator,
    translate,
)
from kerasnotes.losses.translation import TokenCrossEntropy
from kerasnotes.metrics.token_accuracy import TokenAccuracy
from kerasnotes.notes import NOTES
from tests.inference.translating.reference import (
    numpy_beam,
    numpy_greedy,
    padded,
)

S, T, V, W = 6, 5, 9, 8
END = V - 1
CASES = {
    "pre": ("transformer", {"width": 8, "heads": 2, "depth": 2}),
    "post": (
        "transformer",
        {"width": 8, "heads": 2, "depth": 1, "norm": "post", "tied": False}
        | {"positions": "rotary"},
    ),
    "lstm": ("lstm", {"widths": [6, 5], "bidirectional": True}),
    "gru": (
        "lstm",
        {"widths": [6], "cell": "gru", "implementation": "written"},
    ),
}


def make_spec():
    known = {"tokenizer": "{}", "dtype": "int32"}
    source = dataclasses.replace(
        fields.source(), shape=(S,), vocabulary=V - 1, **known
    )
    target = dataclasses.replace(
        fields.target(), shape=(T,), vocabulary=V, **known
    )
    return Spec("pairs", (source,), (target,))


def make(note, **settings):
    """Returns a network whose weights are NumPy's: alike on each backend."""
    model_class = NOTES[note].model_class()
    given = {"dropout": 0.0, **settings}
    if note == "transformer":
        given = {"network": "encoder-decoder", **given}
    else:
        given = {"embedding": 4, **given}
    config = model_class.config_class.model_validate(given)
    model = model_class(config, make_spec(), [0.0], [1.0])
    rng = np.random.default_rng(1)
    model.set_weights(
        [rng.normal(0, 0.7, w.shape).astype("float32") for w in model.weights]
    )
    return model


ONCE = pytest.mark.once
# A stack of each kind on every backend; the layers' tests have the others.
EACH = [
    pytest.param(name, marks=() if name in ("pre", "lstm") else ONCE)
    for name in CASES
]


@pytest.fixture(scope="module", params=EACH)
def network(request):
    note, settings = CASES[request.param]
    return make(note, **settings)


@pytest.fixture(scope="module")
def sources():
    x = np.random.default_rng(2).integers(1, V - 1, (4, S)).astype("int32")
    x[0, 3:], x[1, 1:] = 0, 0
    return x


def logits_of(model, x, y):
    found = model.predict_on_batch({"x": np.asarray(x), "y": np.asarray(y)})
    return np.asarray(found)


def whole(model, row):
    """Returns what a full pass says next, behind what was said."""

    @functools.cache
    def logits_behind(said):
        y = np.zeros((1, T), "int32")
        y[0, : len(said)] = said
        return logits_of(model, row[None], y)[0, len(said)]

    return lambda said: logits_behind(tuple(said))


def test_step_by_step_it_is_the_full_pass(network, sources, rng):
    y = rng.integers(1, V, (4, T)).astype("int32")
    expected = logits_of(network, sources, y)
    assert expected.std(axis=(0, 1)).min() > 1e-2
    decoder = network.step_decoder()
    memory, state = decoder.begin(keras.ops.convert_to_tensor(sources))
    before = np.full(4, END, "int32")
    for place in range(T):
        given = keras.ops.convert_to_tensor(before)
        found, state = decoder.step(given, place, memory, state)
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(found), expected[:, place], atol=1e-5
        )
        before = y[:, place]


def test_padding_changes_nothing(network, sources, rng):
    y = rng.integers(1, V, (4, T - 2)).astype("int32")
    short = logits_of(network, sources[:2, :3], y[:2])
    wide = np.pad(y[:2], ((0, 0), (0, 2)))
    found = logits_of(network, sources[:2] * (np.arange(S) < 3), wide)
    np.testing.assert_allclose(found[:, : T - 2], short, atol=1e-5)


def test_no_token_sees_those_that_follow(network, sources, rng):
    y = rng.integers(1, V, (4, T)).astype("int32")
    before = logits_of(network, sources, y)
    changed = y.copy()
    changed[:, 2] = (y[:, 2] % (V - 1)) + 1
    after = logits_of(network, sources, changed)
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    assert np.abs(before[:, 3:] - after[:, 3:]).max() > 1e-3


def test_answers_with_a_cache_are_those_without(network, sources):
    """Token for token: greedy, and a beam, by full passes in NumPy."""
    decoder, rows = network.step_decoder(), sources[:1]
    passes = [whole(network, row) for row in rows]
    found = translate(make_translator(decoder), rows, 1)
    expected = [padded(numpy_greedy(each, T, END), T, END) for each in passes]
    assert found.tolist() == expected
    beam = translate(make_translator(decoder, 3, 0.8), rows, 1)
    expected = [
        padded(numpy_beam(each, T, END, 3, 0.8), T, END) for each in passes
    ]
    assert beam.tolist() == expected


def test_alignment_is_of_tokens_alone(network, sources, rng):
    y = rng.integers(1, V, (4, T)).astype("int32")
    found = network.alignment(sources, y)
    assert found.shape == (4, T, S)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-5)
    assert (found[0, :, 3:] == 0).all()
    assert np.ptp(found[2], axis=0).max() > 1e-3


def test_a_step_of_training_on_every_backend(sources):
    note, settings = CASES["gru"]
    model = make(note, **settings)
    y = np.array([[3, 4, END, 0, 0], [5, END, 0, 0, 0]], "int32")
    given = {"x": sources[:2], "y": y}
    logits = logits_of(model, **given).astype("float64")
    p = softmax(logits)
    own = np.take_along_axis(p, y[..., None].astype("int64"), -1)[..., 0]
    expected = -np.log(own)[y > 0].mean()
    model.compile("sgd", TokenCrossEntropy(), metrics=[TokenAccuracy()])
    first, accuracy = model.train_on_batch(given, y)
    assert float(first) == pytest.approx(expected, rel=1e-4)
    right = (logits.argmax(axis=-1) == y)[y > 0].mean()
    assert float(accuracy) == pytest.approx(right)
    second = model.test_on_batch(given, y)[0]
    assert float(second) < float(first)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cell(weights, x, h):
    kernel, recurrent, bias = weights
    return np.tanh(x @ kernel + h @ recurrent + bias)


def test_attention_over_states_is_luongs():
    model = make("rnn", widths=[6])
    source, target, *rest = (
        np.asarray(w, "float64") for w in model.get_weights()
    )
    encoder, decoder = rest[:3], rest[3:6]
    score, joined, last, bias = rest[6:]
    x, y = np.array([[2, 3, 4, 0]]), np.array([[5, 1, 7]])
    h, memory = np.zeros(6), []
    for token in x[0][x[0] > 0]:
        h = cell(encoder, source[token], h)
        memory.append(h)
    memory, expected = np.stack(memory), []
    for token in (END, *y[0][:-1]):
        h = cell(decoder, target[token], h)
        a = softmax(h @ score @ memory.T)
        both = np.concatenate([a @ memory, h])
        expected.append(np.tanh(both @ joined) @ last + bias)
    found = logits_of(model, x.astype("int32"), y.astype("int32"))[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_logits_are_products_with_the_vectors_of_tokens():
    tied = make("transformer", width=8, heads=2, depth=1)
    loose = make("transformer", width=8, heads=2, depth=1, tied=False)
    assert loose.count_params() - tied.count_params() == V * 8


@pytest.mark.parametrize(
    "settings", [{"network": "encoder"}, {"patch": 2}], ids=["encoder", "patch"]
)
def test_forms_that_do_not_translate_are_refused(settings):
    with pytest.raises(UsageError, match="encoder and a decoder"):
        make("transformer", **settings)


def test_saved_it_answers_alike(network, sources, tmp_path):
    path = tmp_path / "model.keras"
    network.save(path)
    twin = keras.saving.load_model(path, safe_mode=True)
    for ours, theirs in zip(network.weights, twin.weights, strict=True):
        np.testing.assert_array_equal(
            *map(keras.ops.convert_to_numpy, (ours, theirs))
        )
    y = np.ones((4, T), "int32")
    # Equal weights at other addresses: sums may be taken in another order.
    np.testing.assert_allclose(
        logits_of(network, sources, y),
        logits_of(twin, sources, y),
        rtol=1e-5,
        atol=1e-6,
    )
