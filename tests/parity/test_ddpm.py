"""Diffusion on TensorFlow, JAX and torch: one objective, one picture."""

import importlib.util
import itertools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasnotes import backend, saving
from kerasnotes.data.spec import Spec
from kerasnotes.models.ddpm import DDPM, DDPMConfig

from ..conftest import ROOT
from .ddpm_child import NETWORKS, SAMPLERS, STEPS

pytestmark = [pytest.mark.once, pytest.mark.large]
SPEC = Spec("tiny", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
BATCH = 4
PAIRS = list(itertools.combinations(backend.BACKENDS, 2))


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
    found = {}
    names = [n for n in backend.BACKENDS if importlib.util.find_spec(n)]
    for name in names:
        done = subprocess.run(
            [sys.executable, "-m", "tests.parity.ddpm_child", str(folder)],
            cwd=ROOT,
            env={**os.environ, "KERAS_BACKEND": name},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found[name] = dict(np.load(folder / f"ddpm-{name}.npz"))
    return found


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request, answers):
    for name in request.param:
        if name not in answers:
            pytest.skip(f"{name} is not installed")
    return [answers[name] for name in request.param]


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
