"""Padding changes nothing: a text answers alike, however it is padded."""

import dataclasses

import keras
import numpy as np
import pytest

from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.notes import NOTES

VOCABULARY = 9
TEXTS = ([3, 5, 2], [8, 1, 4])


def make(note, length, **settings):
    """Returns a network for texts of `length` tokens."""
    text = dataclasses.replace(
        fields.text(), shape=(length,), vocabulary=VOCABULARY
    )
    spec = Spec("texts", (text,), (fields.one_class(("a", "b", "c")),))
    model_class = NOTES[note].model_class()
    config = model_class.config_class.model_validate(settings)
    return model_class(config, spec, [0.0], [1.0])


def padded(texts, length):
    x = np.zeros((len(texts), length), "int32")
    for row, text in zip(x, texts, strict=True):
        row[: len(text)] = text
    return x


def answer(model, x):
    return keras.ops.convert_to_numpy(model(x, training=False))


CASES = {
    "lstm": ("lstm", {"widths": [4]}),
    "gru": ("lstm", {"widths": [4], "cell": "gru", "bidirectional": True}),
    "written": ("lstm", {"widths": [4], "implementation": "written"}),
    "tcn": ("tcn", {"filters": 4, "levels": 1, "kernel_size": 2}),
}


@pytest.mark.parametrize("case", CASES)
def test_padding_changes_no_answer(case):
    note, settings = CASES[case]
    settings = {"embedding": 3, **settings}
    keras.utils.set_random_seed(0)
    long = make(note, 7, **settings)
    # At first all answers are nearly one in three.
    weights = [5 * w if w.dtype.kind == "f" else w for w in long.get_weights()]
    long.set_weights(weights)
    whole = answer(long, padded(TEXTS, 7))
    assert np.ptp(whole, axis=0).max() > 1e-3
    # No padding at all here, and so no step that is left out.
    short = make(note, 3, **settings)
    short.set_weights(long.get_weights())
    found = answer(short, padded(TEXTS, 3))
    np.testing.assert_allclose(found, whole, atol=1e-6)


def test_every_token_counts():
    """The test above would pass if nothing but the first one did."""
    keras.utils.set_random_seed(0)
    model = make("rnn", 5, widths=[4], embedding=3)
    x = padded([[3, 5, 2], [3, 5, 4], [3, 5]], 5)
    first, other, shorter = answer(model, x)
    assert np.abs(first - other).max() > 1e-5
    assert np.abs(first - shorter).max() > 1e-5
