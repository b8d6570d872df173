"""Encoder and decoder against PyTorch's, with equal weights; caches."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasnotes.layers.transformer.blocks import BlockSizes, EncoderBlock
from kerasnotes.layers.transformer.stacks import Decoder, Encoder
from tests.checks import check_saving, to_numpy

B, T, S, D, N, HIDDEN, DEPTH = 2, 6, 5, 8, 2, 12, 2
RNG = np.random.default_rng(0)
X = RNG.normal(size=(B, T, D)).astype("float32")
SOURCE = RNG.normal(size=(B, S, D)).astype("float32")
PRESENT = np.array([[1] * T, [1, 1, 1, 1, 0, 0]], bool)
SOURCE_PRESENT = np.array([[1] * S, [1, 1, 1, 0, 0]], bool)


def once(*values):
    """A case that one backend suffices for: others run the same code."""
    return pytest.param(*values, marks=pytest.mark.once)


def sizes(**more):
    return BlockSizes(width=D, heads=N, hidden=HIDDEN, **more)


def randomized(layer, rng=RNG):
    """Gives weights that depend on the generator alone."""
    layer.build(X.shape)
    for weight in layer.trainable_weights:
        value = rng.normal(0, 0.4, tuple(weight.shape))
        value += 1.0 if weight.path.endswith("gamma") else 0.0
        weight.assign(value.astype("float32"))
    return layer


def copy_linear(ours, theirs):
    kernel, bias = (to_numpy(w) for w in ours)
    copy(theirs.weight, kernel.T)
    copy(theirs.bias, bias)


def copy(theirs, array):
    import torch

    with torch.no_grad():
        theirs.copy_(torch.tensor(np.array(array)))


def copy_attention(ours, theirs):
    q, bq, k, bk, v, bv, o, bo = (to_numpy(w) for w in ours.weights)
    copy(theirs.in_proj_weight, np.concatenate([q.T, k.T, v.T]))
    copy(theirs.in_proj_bias, np.concatenate([bq, bk, bv]))
    copy(theirs.out_proj.weight, o.T)
    copy(theirs.out_proj.bias, bo)


def copy_norm(ours, theirs):
    copy(theirs.weight, to_numpy(ours.gamma))
    copy(theirs.bias, to_numpy(ours.beta))


def copy_stack(ours, theirs):
    """Copies the weights of a stack into PyTorch's."""
    for block, other in zip(ours.blocks, theirs.layers, strict=True):
        copy_attention(block.attention, other.self_attn)
        if "memory" in block.parts:
            copy_attention(block.to_memory, other.multihead_attn)
        copy_linear(block.expand.weights, other.linear1)
        copy_linear(block.contract.weights, other.linear2)
        for number, part in enumerate(block.parts, start=1):
            copy_norm(block.norms[part], getattr(other, f"norm{number}"))
    if ours.norm is not None:
        copy_norm(ours.norm, theirs.norm)


def torch_transformer(norm, activation):
    torch = pytest.importorskip("torch")
    told = {
        "dim_feedforward": HIDDEN,
        "dropout": 0.0,
        "activation": activation,
        "batch_first": True,
        "norm_first": norm == "pre",
        "device": "cpu",
    }
    # Nested tensors are for the quick way alone, which not all of these take.
    encoder = torch.nn.TransformerEncoder(
        torch.nn.TransformerEncoderLayer(D, N, **told),
        DEPTH,
        torch.nn.LayerNorm(D, device="cpu"),
        enable_nested_tensor=False,
    )
    theirs = torch.nn.Transformer(
        D, N, DEPTH, DEPTH, custom_encoder=encoder, **told
    )
    return torch, theirs.eval()


@pytest.mark.parametrize(
    ("norm", "activation", "implementation"),
    [("pre", "gelu", "fused"), once("post", "relu", "written")],
)
def test_equal_to_pytorch(norm, activation, implementation):
    torch, theirs = torch_transformer(norm, activation)
    made = sizes(
        norm=norm, activation=activation, implementation=implementation
    )
    encoder = randomized(Encoder(made, DEPTH, final_norm=True))
    decoder = randomized(Decoder(made, DEPTH, final_norm=True))
    copy_stack(encoder, theirs.encoder)
    copy_stack(decoder, theirs.decoder)
    later = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
    hidden = torch.tensor(~SOURCE_PRESENT)
    with torch.no_grad():
        memory = theirs.encoder(
            torch.tensor(SOURCE), src_key_padding_mask=hidden
        ).numpy()
        whole = theirs(
            torch.tensor(SOURCE),
            torch.tensor(X),
            tgt_mask=later,
            src_key_padding_mask=hidden,
            tgt_key_padding_mask=torch.tensor(~PRESENT),
            memory_key_padding_mask=hidden,
        ).numpy()
    made = encoder(SOURCE, present=SOURCE_PRESENT)
    found = to_numpy(made)
    there = SOURCE_PRESENT
    np.testing.assert_allclose(found[there], memory[there], atol=1e-5)
    found = decoder(X, made, present=PRESENT, memory_present=SOURCE_PRESENT)
    np.testing.assert_allclose(
        to_numpy(found)[PRESENT], whole[PRESENT], atol=1e-5
    )


@pytest.mark.once
def test_a_decoder_alone_is_pytorchs_encoder_with_a_mask():
    torch, theirs = torch_transformer("pre", "gelu")
    ours = randomized(Encoder(sizes(activation="gelu"), DEPTH, causal=True))
    copy_stack(ours, theirs.encoder)
    later = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
    with torch.no_grad():
        expected = theirs.encoder(torch.tensor(X), mask=later).numpy()
    np.testing.assert_allclose(to_numpy(ours(X)), expected, atol=1e-5)


@pytest.mark.once
def test_no_token_sees_what_comes_later():
    ours = randomized(Encoder(sizes(), DEPTH, causal=True))
    both = randomized(Decoder(sizes(), DEPTH))
    for network in (ours, lambda x: both(x, SOURCE)):
        before = to_numpy(network(X))
        for t in (1, 3, T - 1):
            changed = X.copy()
            changed[:, t:] = RNG.normal(size=changed[:, t:].shape)
            after = to_numpy(network(changed))
            np.testing.assert_allclose(after[:, :t], before[:, :t], atol=1e-6)
            assert np.abs(after[:, t] - before[:, t]).max() > 1e-3


@pytest.mark.parametrize(
    ("norm", "positions"), [("pre", "rotary"), once("post", "alibi")]
)
def test_step_by_step_it_is_the_full_pass(norm, positions):
    made = sizes(norm=norm, positions=positions)
    alone = randomized(Encoder(made, DEPTH, causal=True))
    decoder = randomized(Decoder(made, DEPTH))
    known = decoder.remember(SOURCE)
    steps = (
        (alone, {}, alone(X)),
        (decoder, {"memory": known}, decoder(X, SOURCE)),
    )
    for network, told, full in steps:
        caches, found = network.empty_caches(B, T), []
        for t in range(T):
            y, caches = network(X[:, t : t + 1], caches=caches, index=t, **told)
            found.append(to_numpy(y))
        np.testing.assert_allclose(
            np.concatenate(found, 1), to_numpy(full), atol=1e-5
        )


def test_one_compiled_loop_writes_what_full_passes_write():
    """Greedy decoding with caches: token for token that without."""
    vocabulary, length = 11, 7
    rng = np.random.default_rng(1)
    # Tied ones would say the same token again and again.
    embedding = keras.layers.ReversibleEmbedding(vocabulary, D, False)
    embedding.build()
    embedding.set_weights([rng.normal(size=w.shape) for w in embedding.weights])
    made = sizes(positions="rotary")
    network = randomized(Encoder(made, DEPTH, causal=True), rng)
    first = np.array([[3], [7]], "int32")

    def logits(x):
        return embedding(x, reverse=True)

    tokens = np.pad(first, [[0, 0], [0, length - 1]])
    for t in range(1, length):
        # What stands behind is not seen.
        found = to_numpy(logits(network(embedding(tokens))))
        tokens[:, t] = found[:, t - 1].argmax(-1)

    class Greedy(keras.Model):
        def call(self, start):
            written = ops.pad(start, [[0, 0], [0, length - 1]])
            caches = network.empty_caches(B, length)

            def body(index, written, flat):
                x = ops.slice(written, ops.stack([0, index]), (B, 1))
                kept = [tuple(flat[n : n + 2]) for n in range(0, 2 * DEPTH, 2)]
                y, kept = network(embedding(x), caches=kept, index=index)
                new = ops.cast(ops.argmax(logits(y), axis=-1), "int32")
                place = ops.stack([0, index + 1])
                written = ops.slice_update(written, place, new)
                return index + 1, written, [a for c in kept for a in c]

            flat = [array for cache in caches for array in cache]
            state = (ops.convert_to_tensor(0), written, flat)
            end = ops.while_loop(lambda i, *_: i < length - 1, body, state)
            return end[1]

    found = Greedy().predict(first, verbose=0)
    assert len(np.unique(tokens)) > 4
    np.testing.assert_array_equal(found, tokens)


@pytest.mark.once
def test_maps_are_those_of_each_block():
    ours = randomized(Encoder(sizes(), DEPTH, causal=True))
    maps = [to_numpy(each) for each in ours.attention_maps(X, PRESENT)]
    assert [each.shape for each in maps] == [(B, N, T, T)] * DEPTH
    for each in maps:
        np.testing.assert_allclose(each.sum(-1), 1, atol=1e-6)
        assert not np.triu(each, 1).any()
        assert not each[1, :, :, 4:].any()
    assert np.abs(maps[0] - maps[1]).max() > 1e-3


@pytest.mark.once
def test_dropout_in_training_alone():
    ours = randomized(Encoder(sizes(dropout=0.5), DEPTH))
    first, second = (to_numpy(ours(X, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 1e-3
    one, other = (to_numpy(ours(X, training=False)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.once
def test_saved_ones_are_the_same(tmp_path):
    x, source = keras.Input((T, D)), keras.Input((S, D))
    made = sizes(dropout=0.1, norm="post", positions="alibi")
    memory = Encoder(made, 1, final_norm=True, name="encoder")(source)
    y = Decoder(made, 1, name="decoder")(x, memory)
    check_saving(keras.Model([x, source], y), [X, SOURCE], tmp_path)


@pytest.mark.once
def test_refusals():
    with pytest.raises(ValueError, match="width=8, heads=3"):
        BlockSizes(width=8, heads=3, hidden=4)
    block = EncoderBlock(sizes())
    block.build(X.shape)
    with pytest.raises(ValueError, match="causal"):
        block(X, cache=block.attention.empty_cache(B, T))
