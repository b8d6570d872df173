"""A VAE takes the same ten steps on TensorFlow, JAX and torch."""

import keras
import numpy as np
import pytest

from kerasnotes.data.spec import Spec
from kerasnotes.notes.vae.config import VAEConfig
from kerasnotes.notes.vae.note import VAE
from kerasnotes.runs import saving

from .children import run_children
from .vae_child import BATCH, STEPS, VAES

pytestmark = [pytest.mark.once, pytest.mark.large]
SPEC = Spec("i", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
LATENT = 3


def write_inputs(folder):
    """Bright or dark halves: something that a latent can hold."""
    rng = np.random.default_rng(0)
    count = STEPS * BATCH
    x = rng.integers(0, 100, (count, *SPEC.shape)).astype("float32")
    x[: count // 2, :, :4] += 150
    np.savez(
        folder / "inputs.npz",
        x=rng.permutation(x),
        y=rng.integers(0, 3, count).astype("int32"),
        noise=rng.standard_normal((count, LATENT), "float32"),
        uniform=rng.random(x.shape, "float32"),
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What every backend answered, from the same weights and noise."""
    folder = tmp_path_factory.mktemp("vae")
    write_inputs(folder)
    for name, config in VAES.items():
        keras.utils.set_random_seed(0)
        config = VAEConfig(latent=LATENT, importance=16, **config)
        model = VAE(config, SPEC, [127.0], [5000.0])
        saving.save_model(model, folder / f"{name}.keras", {"note": "vae"})
    return run_children("vae_child", folder)


@pytest.mark.parametrize("vae", VAES)
def test_losses_and_updates_are_equal(pair, vae):
    one, other = (answer[f"{vae}-losses"] for answer in pair)
    assert len(np.unique(one.round(6))) == STEPS
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-4)
    one, other = (answer[f"{vae}-values"] for answer in pair)
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


@pytest.mark.parametrize("vae", VAES)
def test_samples_and_bounds_are_equal(pair, vae):
    one, other = (answer[f"{vae}-sampled"] for answer in pair)
    assert one.std() > 1
    # In 255 steps of grey: 1e-3 of the range is a quarter of one.
    np.testing.assert_allclose(one, other, rtol=0, atol=0.1)
    one, other = (answer[f"{vae}-measured"] for answer in pair)
    assert len(one) == 6
    np.testing.assert_allclose(one, other, rtol=1e-4)
