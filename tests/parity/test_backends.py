"""The same numbers on TensorFlow, JAX and torch, in ten training steps."""

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
from kerasnotes.registry import find

from ..conftest import ROOT
from .child import NOTES, STEPS

pytestmark = [pytest.mark.once, pytest.mark.large]
BATCH = 4
SHAPES = {"unet": (32, 32, 1), "mlp": (8, 8, 1)}
CONFIGS = {
    "unet": {"width": 4, "depth": 2, "dropout": 0.0},
    "mlp": {"widths": [16], "dropout": 0.0},
}
CLASSES = ("a", "b", "c")
BACKENDS = tuple(
    name for name in backend.BACKENDS if importlib.util.find_spec(name)
)
PAIRS = list(itertools.combinations(backend.BACKENDS, 2))


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


def run_children(what, folder):
    """Starts a child on each backend; returns their answers by backend."""
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.parity.child", what, str(folder)],
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
    return {n: dict(np.load(folder / f"{what}-{n}.npz")) for n in BACKENDS}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What every backend answered: trained, then loaded crosswise."""
    folder = tmp_path_factory.mktemp("parity")
    rng = np.random.default_rng(0)
    for note in NOTES:
        write_batches(note, folder, rng)
        write_model(note, folder)
    trained = run_children("train", folder)
    return trained, run_children("predict", folder)


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request):
    for name in request.param:
        if name not in BACKENDS:
            pytest.skip(f"{name} is not installed")
    return request.param


@pytest.mark.parametrize("note", NOTES)
def test_outputs_are_equal(answers, pair, note):
    one, other = (answers[0][name][f"{note}-before"] for name in pair)
    assert one.shape[0] == BATCH
    assert one.shape[-1] == len(CLASSES)
    assert one.std() > 0.01
    np.testing.assert_allclose(one, other, atol=1e-5, rtol=0)


@pytest.mark.parametrize("note", NOTES)
def test_the_first_ten_losses_are_equal(answers, pair, note):
    one, other = (answers[0][name][f"{note}-losses"] for name in pair)
    assert len(one) == STEPS
    assert len(set(one.round(6))) == STEPS
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)


@pytest.mark.parametrize("note", NOTES)
def test_what_one_saves_the_other_loads(answers, pair, note):
    trained, loaded = answers
    for writer, reader in (pair, pair[::-1]):
        written = trained[writer][f"{note}-after"]
        assert not np.allclose(
            written, trained[writer][f"{note}-before"], atol=1e-3
        )
        read = loaded[reader][f"{note}-{writer}"]
        np.testing.assert_allclose(read, written, atol=1e-5, rtol=0)
