"""Attention: NumPy, Keras' and PyTorch's layers with equal weights."""

import keras
import numpy as np
import pytest

from kerasnotes.layers.attention.dot_product import (
    attention_weights,
    fused_attention,
    weighted_values,
)
from kerasnotes.layers.attention.masks import causal_mask
from kerasnotes.layers.attention.multi_head import MultiHeadAttention
from tests.checks import check_saving, to_numpy

B, T, S, D, N, KEY, VALUE = 2, 5, 4, 8, 2, 3, 6
RNG = np.random.default_rng(0)
X = RNG.normal(size=(B, T, D)).astype("float32")
MEMORY = RNG.normal(size=(B, S, 7)).astype("float32")
PRESENT = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)
FORMS = ("fused", "written")


def once(*values):
    """A case that one backend suffices for: others run the same code."""
    return pytest.param(*values, marks=pytest.mark.once)


def randomized(layer, *shapes):
    """Gives weights that no initializer gives: biases too."""
    layer.build(*shapes)
    layer.set_weights(
        [RNG.normal(0, 0.3, w.shape).astype("float32") for w in layer.weights]
    )
    return layer


def by_hand(q, k, v, mask, bias=0.0):
    """`(B, T, N, d)` in float64, one query and head at a time."""
    out = np.zeros((*q.shape[:3], v.shape[-1]))
    bias = np.broadcast_to(bias, (q.shape[2], q.shape[1], k.shape[1]))
    for b, t, n in np.ndindex(*q.shape[:3]):
        scores = k[b, :, n] @ q[b, t, n] / np.sqrt(q.shape[-1]) + bias[n, t]
        e = np.where(mask[b, t], np.exp(scores - scores.max()), 0)
        out[b, t, n] = (e / e.sum()) @ v[b, :, n]
    return out


def draws(value=VALUE):
    q = RNG.normal(size=(B, T, N, KEY)).astype("float32")
    k = RNG.normal(size=(B, T, N, KEY)).astype("float32")
    v = RNG.normal(size=(B, T, N, value)).astype("float32")
    return q, k, v


@pytest.mark.parametrize(
    ("with_bias", "value"),
    [once(True, KEY), once(False, KEY), once(True, VALUE)],
)
def test_as_the_equation_reads(with_bias, value):
    q, k, v = draws(value)
    bias = RNG.normal(size=(N, T, T)).astype("float32") if with_bias else None
    mask = PRESENT[:, None, :] & np.tril(np.ones((T, T), bool))
    expected = by_hand(q, k, v, mask, bias if with_bias else 0.0)
    weights = attention_weights(q, k, mask[:, None], bias)
    np.testing.assert_allclose(to_numpy(weights).sum(-1), 1, atol=1e-6)
    hidden = np.broadcast_to(~mask[:, None], weights.shape)
    assert not to_numpy(weights)[hidden].any()
    written = to_numpy(weighted_values(weights, v))
    fused = to_numpy(fused_attention(q, k, v, mask[:, None], bias))
    np.testing.assert_allclose(written, expected, atol=1e-6)
    np.testing.assert_allclose(fused, expected, atol=1e-6)
    if not with_bias:
        keys = PRESENT[:, None, None]
        fused = to_numpy(fused_attention(q, k, v, keys, causal=True))
        np.testing.assert_allclose(fused, expected, atol=1e-6)


@pytest.mark.once
def test_no_query_sees_what_comes_later():
    expected = np.tril(np.ones((5, 5)))[2:]
    np.testing.assert_array_equal(
        to_numpy(causal_mask(3, 5, 2))[0, 0], expected
    )


def test_a_query_that_may_see_nothing_gets_the_mean():
    q, k, v = draws(KEY)
    nothing = np.zeros((1, 1, 1, T), bool)
    mean = np.broadcast_to(v.mean(1, keepdims=True), v.shape)
    weights = attention_weights(q, k, nothing)
    written = to_numpy(weighted_values(weights, v))
    np.testing.assert_allclose(written, mean, atol=1e-6)
    fused = to_numpy(fused_attention(q, k, v, nothing))
    np.testing.assert_allclose(fused, mean, atol=1e-6)


@pytest.mark.parametrize(
    ("form", "to_itself"), [("written", True), once("fused", False)]
)
def test_equal_to_keras(form, to_itself):
    ours = MultiHeadAttention(N, KEY, implementation=form)
    theirs = keras.layers.MultiHeadAttention(N, KEY)
    key = X if to_itself else MEMORY
    randomized(ours, X.shape, key.shape)
    theirs.build(X.shape, key.shape)
    shapes = [w.shape for w in theirs.weights]
    weights = zip(ours.get_weights(), shapes, strict=True)
    theirs.set_weights([w.reshape(shape) for w, shape in weights])
    present = PRESENT[:, : key.shape[1]]
    found = to_numpy(ours(X, key, present=present, causal=to_itself))
    expected = theirs(
        X,
        key,
        attention_mask=present[:, None],
        use_causal_mask=to_itself,
    )
    np.testing.assert_allclose(found, to_numpy(expected), atol=1e-6)


@pytest.mark.parametrize(
    ("form", "to_itself"),
    [("fused", True), once("written", True), once("fused", False)],
)
def test_equal_to_pytorch(form, to_itself):
    torch = pytest.importorskip("torch")
    key = X if to_itself else MEMORY
    ours = MultiHeadAttention(N, D // N, implementation=form)
    randomized(ours, X.shape, key.shape)
    q, bq, k, bk, v, bv, o, bo = ours.get_weights()
    width = key.shape[-1]
    theirs = torch.nn.MultiheadAttention(
        D, N, kdim=width, vdim=width, batch_first=True, device="cpu"
    )
    with torch.no_grad():
        for name, kernel in (("q", q), ("k", k), ("v", v)):
            weight = getattr(theirs, f"{name}_proj_weight")
            if weight is not None:
                weight.copy_(torch.tensor(kernel.T.copy()))
        if to_itself:
            whole = np.concatenate([q.T, k.T, v.T])
            theirs.in_proj_weight.copy_(torch.tensor(whole))
        theirs.in_proj_bias.copy_(torch.tensor(np.concatenate([bq, bk, bv])))
        theirs.out_proj.weight.copy_(torch.tensor(o.T.copy()))
        theirs.out_proj.bias.copy_(torch.tensor(bo))
        present = PRESENT[:, : key.shape[1]]
        later = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
        expected, weights = theirs(
            torch.tensor(X),
            torch.tensor(key),
            torch.tensor(key),
            key_padding_mask=torch.tensor(~present),
            attn_mask=later if to_itself else None,
            average_attn_weights=False,
        )
    found = to_numpy(ours(X, key, present=present, causal=to_itself))
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6)
    shown = to_numpy(ours.weights_of(X, key, present, to_itself))
    np.testing.assert_allclose(shown, weights.numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("positions", "causal"),
    [once("none", False), ("rotary", True), once("alibi", True)],
)
def test_padding_changes_nothing(positions, causal):
    made = [
        MultiHeadAttention(N, 4, positions=positions, implementation=form)
        for form in FORMS
    ]
    randomized(made[0], X.shape)
    made[1].build(X.shape)
    made[1].set_weights(made[0].get_weights())
    alone = [to_numpy(m(X[1:, :3], causal=causal)) for m in made]
    padded = [to_numpy(m(X, present=PRESENT, causal=causal)) for m in made]
    np.testing.assert_allclose(*alone, atol=1e-6)
    np.testing.assert_allclose(*padded, atol=1e-6)
    np.testing.assert_allclose(padded[0][1:, :3], alone[0], atol=1e-6)
    other = X.copy()
    other[~PRESENT] = 9.0
    again = to_numpy(made[0](other, present=PRESENT, causal=causal))
    np.testing.assert_allclose(again[PRESENT], padded[0][PRESENT], atol=1e-6)


# The stacks' caches are tested on every backend.
@pytest.mark.once
@pytest.mark.parametrize("positions", ["none", "rotary", "alibi"])
def test_with_a_cache_it_is_the_full_pass(positions):
    layer = randomized(
        MultiHeadAttention(N, 4, VALUE, positions=positions), X.shape
    )
    full = to_numpy(layer(X, causal=True))
    # Longer than the sequence: what is not there yet is seen by none.
    cache, found, index = layer.empty_cache(B, T + 2), [], 0
    for piece in (1, 1, 3):
        x = X[:, index : index + piece]
        y, cache = layer(x, cache=cache, index=index)
        found.append(to_numpy(y))
        index += piece
    np.testing.assert_allclose(np.concatenate(found, 1), full, atol=1e-6)
    with pytest.raises(ValueError, match="7 positions.*3 tokens from .* 5"):
        layer(X[:, :3], cache=cache, index=5)
    with pytest.raises(ValueError, match="goes with a cache.*index=2"):
        layer(X, index=2)


@pytest.mark.once
def test_weights_are_dropped_in_training_alone():
    layer = randomized(MultiHeadAttention(N, 4, dropout=0.5), X.shape)
    plain = randomized(MultiHeadAttention(N, 4), X.shape)
    plain.set_weights(layer.get_weights()[: len(plain.weights)])
    first, second = (to_numpy(layer(X, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 1e-3
    rest = to_numpy(layer(X, training=False))
    np.testing.assert_allclose(rest, to_numpy(plain(X)), atol=1e-6)


@pytest.mark.once
def test_a_saved_one_is_the_same(tmp_path):
    query, key = keras.Input((T, D)), keras.Input((S, 7))
    layer = MultiHeadAttention(N, 4, VALUE, 0.1, "rotary", "written")
    model = keras.Model([query, key], layer(query, key))
    twin = check_saving(model, [X, MEMORY], tmp_path)
    assert twin.layers[-1].get_config() == layer.get_config()
