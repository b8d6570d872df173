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
    nats_carried,
    nats_in_windows,
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


def make_spec():
    given = fields.tokens(
        (WINDOW,), tokenizer=LEARNED.json, vocabulary=LEARNED.size
    )
    return Spec("book", (given,), (fields.next_token((WINDOW,)),))


def make(note, **settings):
    """Returns a network whose weights are NumPy's: alike on each backend."""
    model_class = NOTES[note].model_class()
    config = model_class.config_class.model_validate(
        {"embedding": 3, "dropout": 0.0, **settings}
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
    nats = nats_carried(network, ids, WINDOW)
    expected = nats_of(logits[:-1], ids[1:])
    np.testing.assert_allclose(nats, expected, atol=1e-5)


def test_greedy_with_state_equals_full_passes(network):
    prompt = [3, 5]
    found = list(
        itertools.islice(write(network, prompt, 4, Wishes(temperature=0)), 10)
    )
    seen = list(prompt)
    for _ in range(10):
        # Of one length, for one compilation: what follows changes nothing.
        padded = np.ones(12, "int32")
        padded[: len(seen)] = seen
        seen.append(draw(whole(network, padded)[len(seen) - 1], Wishes(0), 0))
    assert found == seen[2:]


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
    found = nats_in_windows(model, ids[:21], WINDOW, 2)
    np.testing.assert_allclose(found, expected.reshape(-1), atol=1e-5)


@pytest.mark.once
def test_a_language_is_not_read_backwards():
    with pytest.raises(UsageError, match="backwards"):
        make("lstm", widths=[3], bidirectional=True)


@pytest.mark.once
def test_long_texts_are_read_side_by_side(monkeypatch):
    model = make("lstm", widths=[5])
    monkeypatch.setattr("kerasnotes.inference.reading_on.LEAST", 8)
    ids = np.random.default_rng(3).integers(1, LEARNED.size, 200)
    found = nats_carried(model, ids, WINDOW)
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
