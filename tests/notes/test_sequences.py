"""A sequence answers alike, however it is padded, on every backend."""

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes import NOTES, find
from kerasnotes.tasks.catalog import choose_task

LENGTH = 7
SPEC = Spec(
    "sequences",
    (fields.series(LENGTH, [Column("a"), Column("b")], varied=True),),
    (fields.one_class(("a", "b", "c")),),
)
ONCE = ("both", "learned", "rnn")
SMALL = {"width": 4, "heads": 2, "depth": 1}
CASES = {
    "rnn": ("rnn", {"widths": [4]}),
    "lstm": ("lstm", {"widths": [4]}),
    "gru": ("lstm", {"widths": [4], "cell": "gru", "bidirectional": True}),
    "tcn": ("tcn", {"filters": 4, "levels": 1, "kernel_size": 2}),
    "encoder": ("transformer", {**SMALL, "positions": "alibi"}),
    "decoder": ("transformer", {**SMALL, "network": "decoder"}),
    "both": ("transformer", {**SMALL, "network": "encoder-decoder"}),
    "learned": ("transformer", {**SMALL, "positions": "learned"}),
}


def make(note, settings):
    model_class = NOTES[note].model_class()
    config = model_class.config_class.model_validate(settings)
    return model_class(config, SPEC, [1.0, 2.0], [4.0, 9.0])


def answer(model, x):
    return keras.ops.convert_to_numpy(model(x, training=False))


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.once) if case in ONCE else case
        for case in CASES
    ],
)
def test_rows_behind_the_end_change_no_answer(case):
    note, settings = CASES[case]
    keras.utils.set_random_seed(0)
    model = make(note, settings)
    if note != "transformer":
        # At first its answers are nearly one in three, whatever it reads.
        weights = model.get_weights()
        model.set_weights(
            [3 * w if w.dtype.kind == "f" else w for w in weights]
        )
    rng = np.random.default_rng(0)
    x = np.full((2, LENGTH, 2), np.nan, "float32")
    x[:, :3] = 3 * rng.standard_normal((2, 3, 2))
    x[1, 2:] = np.nan
    whole = answer(model, x)
    assert np.isfinite(whole).all()
    # Without padding, of the first: as many rows as there are.
    found = answer(model, x[:, :3])
    np.testing.assert_allclose(found, whole, atol=1e-6)
    # Were the last row not read, or one of zeros read behind it, that failed.
    other = x[:, :3].copy()
    other[0, 2] += 3
    assert np.abs(answer(model, other) - whole)[0].max() > 1e-4
    zeros = np.nan_to_num(x, nan=0.0)
    assert np.abs(answer(model, zeros) - whole).max(axis=1).min() > 1e-4


@pytest.mark.once
def test_notes_of_one_length_refuse_them():
    for name in ("mlp", "kan"):
        with pytest.raises(UsageError, match="series of one length"):
            choose_task(find(name), SPEC)
    with pytest.raises(UsageError, match="series of one length"):
        make("transformer", {"patch": 2})
