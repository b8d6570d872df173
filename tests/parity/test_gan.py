"""Two players take the same ten steps on TensorFlow, JAX and torch."""

import keras
import numpy as np
import pytest

from kerasnotes.data.spec import Spec
from kerasnotes.notes.gan.config import GANConfig
from kerasnotes.notes.gan.note import GAN
from kerasnotes.runs import saving

from .children import run_children
from .gan_child import BATCH, GANS, STEPS

pytestmark = [pytest.mark.once, pytest.mark.large]
SPEC = Spec("i", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
SMALL = {"width": 4, "hidden": 6, "latent": 5}


def write_inputs(folder):
    rng = np.random.default_rng(0)
    count = STEPS * BATCH
    np.savez(
        folder / "inputs.npz",
        x=rng.integers(0, 256, (count, *SPEC.shape)).astype("float32"),
        y=rng.integers(0, 3, count).astype("int32"),
        noise=rng.standard_normal((count, SMALL["latent"]), "float32"),
        mix=rng.random(count, "float32"),
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What every backend answered, from the same weights and noise."""
    folder = tmp_path_factory.mktemp("gan")
    write_inputs(folder)
    for name, config in GANS.items():
        keras.utils.set_random_seed(0)
        model = GAN(GANConfig(**SMALL, **config), SPEC, [127.0], [5000.0])
        saving.save_model(model, folder / f"{name}.keras", {"note": "gan"})
    return run_children("gan_child", folder)


@pytest.mark.parametrize("gan", GANS)
def test_losses_and_updates_are_equal(pair, gan):
    one, other = (answer[f"{gan}-losses"] for answer in pair)
    assert one.shape == (STEPS, 2)
    assert len(np.unique(one.round(6))) == 2 * STEPS
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)
    one, other = (answer[f"{gan}-values"] for answer in pair)
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)
