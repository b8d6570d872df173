"""Two players take the same ten steps on TensorFlow, JAX and torch."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasnotes import saving
from kerasnotes.data.spec import Spec
from kerasnotes.models.gan import GAN, GANConfig

from ..conftest import ROOT
from .gan_child import BATCH, GANS, STEPS
from .test_backends import BACKENDS, PAIRS

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
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.parity.gan_child", str(folder)],
            cwd=ROOT,
            env={**os.environ, "KERAS_BACKEND": name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in BACKENDS
    ]
    for child in children:
        output, _ = child.communicate(timeout=300)
        assert child.returncode == 0, output
    return {n: dict(np.load(folder / f"{n}.npz")) for n in BACKENDS}


@pytest.mark.parametrize("gan", GANS)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_losses_and_updates_are_equal(answers, pair, gan):
    for name in pair:
        if name not in BACKENDS:
            pytest.skip(f"{name} is not installed")
    one, other = (answers[name][f"{gan}-losses"] for name in pair)
    assert one.shape == (STEPS, 2)
    assert len(np.unique(one.round(6))) == 2 * STEPS
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)
    one, other = (answers[name][f"{gan}-values"] for name in pair)
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)
