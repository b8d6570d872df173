"""The same numbers on TensorFlow, JAX and torch, in ten training steps."""

import keras
import numpy as np
import pytest

from kerasnotes.data.spec import Spec
from kerasnotes.notes import find
from kerasnotes.runs import saving

from .child import NOTES, STEPS
from .children import run_children

pytestmark = [pytest.mark.once, pytest.mark.large]
BATCH = 4
SHAPES = {"unet": (32, 32, 1), "mlp": (8, 8, 1)}
CONFIGS = {
    "unet": {"width": 4, "depth": 2, "dropout": 0.0},
    "mlp": {"widths": [16], "dropout": 0.0},
}
CLASSES = ("a", "b", "c")


def write_batches(note, folder, rng):
    """Classes by the height of a ramp: something that can be learned."""
    shape = (STEPS, BATCH, *SHAPES[note])
    x = rng.integers(0, 256, shape).astype("float32")
    y = x[..., 0] // 86 if note == "unet" else x[..., 3, 3, 0] // 86
    np.savez(folder / f"{note}.npz", x=x, y=y.astype("int32"))


def write_model(note, folder):
    target = "mask" if note == "unet" else "class"
    spec = Spec(note, "image", SHAPES[note], "uint8", target, CLASSES)
    entry = find(note)
    config = entry.config_class().model_validate(CONFIGS[note])
    keras.utils.set_random_seed(0)
    model = entry.model_class()(config, spec, [127.0], [5000.0])
    saving.save_model(model, folder / f"{note}.keras", {"note": note})


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What every backend answered: trained, then loaded crosswise."""
    folder = tmp_path_factory.mktemp("parity")
    rng = np.random.default_rng(0)
    for note in NOTES:
        write_batches(note, folder, rng)
        write_model(note, folder)
    trained = run_children("child", folder, "train")
    return trained, run_children("child", folder, "predict")


@pytest.mark.parametrize("note", NOTES)
def test_outputs_are_equal(answers, names, note):
    one, other = (answers[0][name][f"{note}-before"] for name in names)
    assert one.shape[0] == BATCH
    assert one.shape[-1] == len(CLASSES)
    assert one.std() > 0.01
    np.testing.assert_allclose(one, other, atol=1e-5, rtol=0)


@pytest.mark.parametrize("note", NOTES)
def test_the_first_ten_losses_are_equal(answers, names, note):
    one, other = (answers[0][name][f"{note}-losses"] for name in names)
    assert len(one) == STEPS
    assert len(set(one.round(6))) == STEPS
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)


@pytest.mark.parametrize("note", NOTES)
def test_what_one_saves_the_other_loads(answers, names, note):
    trained, loaded = answers
    for writer, reader in (names, names[::-1]):
        written = trained[writer][f"{note}-after"]
        assert not np.allclose(
            written, trained[writer][f"{note}-before"], atol=1e-3
        )
        read = loaded[reader][f"{note}-{writer}"]
        np.testing.assert_allclose(read, written, atol=1e-5, rtol=0)
