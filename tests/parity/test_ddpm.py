"""Diffusion on TensorFlow, JAX and torch: one objective, one picture."""

import keras
import numpy as np
import pytest

from kerasnotes.data.spec import Spec
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.note import DDPM
from kerasnotes.runs import saving

from .children import run_children
from .ddpm_child import NETWORKS, SAMPLERS, STEPS

pytestmark = [pytest.mark.once, pytest.mark.large]
SPEC = Spec("tiny", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
BATCH = 4


def write_model(folder, network, rng):
    keras.utils.set_random_seed(0)
    config = DDPMConfig(network=network, widths=[8, 8], timesteps=40)
    model = DDPM(config, SPEC, [0.0], [1.0])
    for weight in model.denoiser.trainable_variables:
        noise = 0.1 * rng.standard_normal(weight.shape)
        weight.assign(np.asarray(weight) + noise.astype("float32"))
    saving.save_model(model, folder / f"{network}.keras", {"note": "ddpm"})


def write_draws(folder, rng):
    shape = (STEPS, BATCH, *SPEC.shape)
    np.savez(
        folder / "draws.npz",
        x=rng.integers(0, 256, shape).astype("float32"),
        y=rng.integers(0, 3, (STEPS, BATCH)).astype("int32"),
        t=rng.integers(0, 40, (STEPS, BATCH)).astype("int32"),
        noise=rng.standard_normal(shape).astype("float32"),
        keep=rng.random((STEPS, BATCH)).astype("float32"),
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What each backend answered, by backend."""
    folder = tmp_path_factory.mktemp("ddpm")
    rng = np.random.default_rng(0)
    write_draws(folder, rng)
    for network in NETWORKS:
        write_model(folder, network, rng)
    return run_children("ddpm_child", folder)


@pytest.mark.parametrize("network", NETWORKS)
def test_ten_updates_are_equal(pair, network):
    one, other = (found[f"{network}-losses"] for found in pair)
    assert len(set(one.round(5))) == STEPS
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)
    one, other = (found[f"{network}-weights"] for found in pair)
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_one_seed_is_one_picture(pair, network, sampler):
    one, other = (found[f"{network}-{sampler}"] for found in pair)
    assert one.std() > 10
    np.testing.assert_allclose(one / 255, other / 255, atol=1e-3, rtol=0)
