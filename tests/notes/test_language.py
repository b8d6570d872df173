"""Networks of a language: states carried on, text, loss, on every backend."""

import dataclasses
import itertools

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.text_sampling import Wishes
from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import train
from kerasnotes.inference.reading_on import (
    Sums,
    carried,
    collect,
    in_windows,
    nats_of,
)
from kerasnotes.inference.writing import draw, write
from kerasnotes.notes import NOTES
from kerasnotes.tasks.language import Language

WINDOW = 4
LEARNED = train(["abcdefg \n"], "character")
CASES = {
    "rnn": ("rnn", {"widths": [5]}),
    "lstm": ("lstm", {"widths": [5, 4]}),
    "gru": ("lstm", {"widths": [5], "cell": "gru"}),
    "written": ("lstm", {"widths": [5], "implementation": "written"}),
}
ONCE = pytest.mark.once
DECODER = {"width": 8, "heads": 2, "depth": 2}
DECODERS = {
    "learned": {**DECODER, "positions": "learned"},
    "rotary": {**DECODER, "positions": "rotary", "tied": False},
    "sinusoidal": {**DECODER, "norm": "post"},
    "alibi": {**DECODER, "positions": "alibi"},
}


def make_spec():
    given = fields.tokens(
        (WINDOW,), tokenizer=LEARNED.json, vocabulary=LEARNED.size
    )
    return Spec("book", (given,), (fields.next_token((WINDOW,)),))


def make(note, **settings):
    """Returns a network whose weights are NumPy's: alike on each backend."""
    model_class = NOTES[note].model_class()
    config = model_class.config_class.model_validate(
        {"dropout": 0.0, **({} if note == "transformer" else {"embedding": 3})}
        | settings
    )
    model = model_class(config, make_spec(), [0.0], [1.0])
    rng = np.random.default_rng(1)
    model.set_weights(
        [rng.normal(0, 0.8, w.shape).astype("float32") for w in model.weights]
    )
    return model


@pytest.fixture(scope="module", params=CASES)
def network(request):
    note, settings = CASES[request.param]
    return make(note, **settings)


@pytest.fixture(scope="module")
def ids():
    return np.random.default_rng(2).integers(1, LEARNED.size, 22)


def whole(model, ids):
    """Returns logits of a text read in one go."""
    given = np.asarray(ids, "int32")[None]
    return keras.ops.convert_to_numpy(model(given, training=False))[0]


def test_carried_equals_one_pass(network, ids):
    logits = whole(network, ids)
    assert logits.std(axis=0).min() > 1e-3
    states = network.first_state(1)
    parts = []
    for part in (ids[:4], ids[4:8], ids[8:12]):
        found, states = network.read_on(part[None], states)
        parts.append(found[0])
    np.testing.assert_allclose(np.concatenate(parts), logits[:12], atol=2e-6)
    nats = collect(carried(network, ids, WINDOW), len(ids) - 1)
    expected = nats_of(logits[:-1], ids[1:])
    np.testing.assert_allclose(nats, expected, atol=1e-5)


WISHES = {
    "greedy": Wishes(temperature=0),
    "drawn": Wishes(seed=3),
    "chosen": Wishes(temperature=0.8, top_k=6, top_p=0.9, seed=4),
}


def step_by_step(model, prompt, count, wishes, room=None):
    """Returns what the plain rule writes: a full pass a token, NumPy's draw.

    Where `room` tokens are seen, it begins anew from the last half of them.
    """
    rng = np.random.default_rng(wishes.seed)
    length = room or len(prompt) + count
    half = max(1, (room or 0) // 2)
    seen = list(prompt) if room is None else list(prompt)[-half:]
    if room is not None and len(prompt) <= room:
        seen = list(prompt)
    found = []
    for _ in range(count):
        if room is not None and len(seen) > room:
            seen = seen[-half:]
        # Of one length, for one compilation: what follows changes nothing.
        padded = np.ones(length, "int32")
        padded[: len(seen)] = seen
        logits = model.predict_on_batch(padded[None])[0, len(seen) - 1]
        found.append(draw(logits, wishes, rng.random()))
        seen.append(found[-1])
    return found


@pytest.mark.parametrize("wishes", WISHES.values(), ids=WISHES)
def test_the_loop_writes_what_full_passes_do(network, wishes):
    prompt = [3, 5, 4]
    found = list(itertools.islice(write(network, prompt, 4, wishes), 40))
    assert found == step_by_step(network, prompt, 40, wishes)


@pytest.mark.parametrize(
    "settings",
    [
        # The most that can go wrong: places are turned, and so are kept keys.
        pytest.param(s, id=name, marks=() if name == "rotary" else ONCE)
        for name, s in DECODERS.items()
    ],
)
def test_a_decoder_writes_past_its_window(settings):
    model, written = make("transformer", **settings), []
    for name, prompt in (("greedy", [3]), ("drawn", [3, 5, 4, 6, 7])):
        wishes = WISHES[name]
        found = list(itertools.islice(write(model, prompt, 4, wishes), 14))
        assert found == step_by_step(model, prompt, 14, wishes, room=WINDOW)
        written += found
    assert len(set(written)) > 2


@pytest.mark.parametrize("settings", DECODERS.values(), ids=DECODERS)
def test_logits_do_not_depend_on_later_tokens(settings):
    model = make("transformer", **settings)
    one = whole(model, [3, 5, 4, 6])
    other = whole(model, [3, 5, 7, 2])
    np.testing.assert_allclose(one[:2], other[:2], atol=1e-6)
    assert np.abs(one[2:] - other[2:]).min(axis=1).max() > 1e-3


@pytest.mark.once
@pytest.mark.parametrize(
    "settings",
    [{"network": "encoder"}, {"network": "encoder-decoder"}]
    + [{"patch": 2}, {"pooling": "last"}, {"columns": "together"}],
)
def test_what_no_language_can_be_is_refused(settings):
    with pytest.raises(UsageError, match="language"):
        make("transformer", **DECODER, **settings)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_text_is_that_of_numpy():
    """So it is the same on the three backends."""
    model = make("lstm", widths=[5])
    embedding, kernel, recurrent, bias, dense, offset = (
        np.asarray(w, "float64") for w in model.get_weights()
    )
    wishes = Wishes(temperature=0.9, top_k=6, top_p=0.95, seed=5)
    rng, number = np.random.default_rng(5), 4
    h, c, expected = np.zeros(5), np.zeros(5), []
    for _ in range(40):
        z = embedding[number] @ kernel + h @ recurrent + bias
        i, f, g, o = np.split(z, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        number = draw(h @ dense + offset, wishes, rng.random())
        expected.append(number)
    found = list(itertools.islice(write(model, [4], WINDOW, wishes), 40))
    assert found == expected
    assert len(set(found)) > 3


def test_loss_is_the_mean_of_nats(ids):
    model = make("rnn", widths=[5])
    x, y = ids[:20].reshape(5, 4).astype("int32"), ids[1:21].reshape(5, 4)
    logits = np.stack([whole(model, row) for row in x])
    loss = Language(make_spec()).loss()(y, logits)
    expected = nats_of(logits, y)
    assert float(loss) == pytest.approx(expected.mean(), abs=1e-6)
    # Each window alone, in batches; 20 tokens are five of them.
    found = collect(in_windows(model, ids[:21], WINDOW, 2), 20)
    np.testing.assert_allclose(found, expected.reshape(-1), atol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize("count", [3, 4, 5, 17, 21])
def test_overlapping_windows_count_each_token_once(count):
    model = make("transformer", **DECODERS["learned"])
    ids = np.random.default_rng(4).integers(2, LEARNED.size, count + 1)
    found = collect(in_windows(model, ids, WINDOW, 3, overlap=2), count)
    sums = Sums(WINDOW).add(in_windows(model, ids, WINDOW, 3, overlap=2))
    assert sums.count == count
    assert sums.total == pytest.approx(found.sum())
    size, expected, done = min(WINDOW, count), [], 0
    step = size - min(2, size - 1)
    for start in [*range(0, count - size, step), count - size]:
        nats = nats_of(
            whole(model, ids[start : start + size]), ids[start + 1 :][:size]
        )
        expected += nats[done - start :].tolist()
        done = start + size
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_streams_go_on_where_the_batch_before_ended(ids):
    """Trained logits of two batches are those of one text; then it resets."""
    model = make("lstm", widths=[5, 4])
    text = np.random.default_rng(6).integers(1, LEARNED.size, (3, 8))
    model.carry(3, 2, 1)
    for _ in range(2):
        found = [
            keras.ops.convert_to_numpy(model(batch, training=True))
            for batch in (
                text[:, :4].astype("int32"),
                text[:, 4:].astype("int32"),
            )
        ]
        expected = [whole(model, row) for row in text]
        np.testing.assert_allclose(
            np.concatenate(found, axis=1), expected, atol=2e-6
        )
    # The same in parts of two rows and one.
    model.carry(3, 2, 2)
    parts = [text[:2, :4], text[2:, :4], text[:2, 4:], text[2:, 4:]]
    found = [
        keras.ops.convert_to_numpy(model(one.astype("int32"), training=True))
        for one in parts
    ]
    found = np.concatenate(
        [np.concatenate(found[:2]), np.concatenate(found[2:])], axis=1
    )
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.once
def test_a_language_is_not_read_backwards():
    with pytest.raises(UsageError, match="backwards"):
        make("lstm", widths=[3], bidirectional=True)


@pytest.mark.once
def test_long_texts_are_read_side_by_side(monkeypatch):
    model = make("lstm", widths=[5])
    monkeypatch.setattr("kerasnotes.inference.reading_on.LEAST", 8)
    ids = np.random.default_rng(3).integers(1, LEARNED.size, 200)
    found = collect(carried(model, ids, WINDOW), len(ids) - 1)
    sums = Sums(WINDOW).add(carried(model, ids, WINDOW))
    assert sums.count == len(found)
    assert sums.total == pytest.approx(found.sum())
    places = found[:196].reshape(-1, WINDOW).mean(axis=0)
    np.testing.assert_allclose(sums.by_place[3], places[3])
    alone = nats_of(whole(model, ids)[:-1], ids[1:])
    assert found.shape == alone.shape
    # 16 tokens before a stretch tell nearly all of its state.
    np.testing.assert_allclose(found[:30], alone[:30], atol=1e-5)
    assert np.abs(found - alone).mean() < 0.02


@pytest.mark.once
def test_a_network_without_state_is_given_the_last_window():
    model = make("rnn", widths=[5])

    class Bare:
        def predict_on_batch(self, x):
            return model.predict_on_batch(x)

    wishes = Wishes(temperature=0)
    found = list(itertools.islice(write(Bare(), [3, 5], WINDOW, wishes), 6))
    seen = [3, 5]
    for _ in range(6):
        seen.append(draw(whole(model, seen[-WINDOW:])[-1], wishes, 0))
    assert found == seen[2:]


def test_saved_and_loaded(tmp_path, ids):
    model = make("lstm", widths=[4])
    model.read_on(ids[None, :4], model.first_state(1))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert dataclasses.asdict(again.spec) == dataclasses.asdict(model.spec)
    np.testing.assert_allclose(whole(again, ids), whole(model, ids), atol=1e-6)
