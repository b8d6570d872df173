"""Shared fixtures. The backend is KERAS_BACKEND, TensorFlow by default."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasnotes.data.dataset import ArraySplit
from tests.compiler import set_quick_compiler
from tests.specs import flat

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "Agg")

ROOT = Path(__file__).parent.parent
BACKEND = os.environ["KERAS_BACKEND"]

set_quick_compiler()


def pytest_collection_modifyitems(config, items):
    """Runs what does not depend on the backend on one backend only."""
    if BACKEND == "tensorflow":
        return
    once = [item for item in items if item.get_closest_marker("once")]
    config.hook.pytest_deselected(items=once)
    items[:] = [item for item in items if item not in once]


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data sets, where there is one."""
    default = ROOT.parent / "shared" / "data"
    folder = Path(os.environ.get("KERASNOTES_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip("no real data sets: set KERASNOTES_TEST_DATA")
    return folder


@pytest.fixture
def kn(tmp_path):
    """Runs `kn ARGS` in a process of its own, inside `tmp_path`."""

    def run(*args, env=None, cwd=tmp_path, timeout=300):
        return subprocess.run(
            [sys.executable, "-m", "kerasnotes_cli.main", *map(str, args)],
            capture_output=True,
            text=True,
            cwd=cwd,
            timeout=timeout,
            env={**os.environ, **(env or {})},
        )

    return run


CLASSES = ("background", "left", "right", "spare")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def make_network():
    """Builds a fully convolutional network with pooling, random weights.

    Its receptive radius is 5: a convolution (1), the pooling cell (1), one
    at half resolution (2), one at full resolution (1).
    """
    import keras
    from keras import layers

    from kerasnotes.notes.unet.center_crop import CenterCrop

    def make(num_classes=4, channels=1, size=(None, None), any_size=False):
        keras.utils.set_random_seed(0)
        image = keras.Input((*size, channels), name="image")
        x = layers.Rescaling(1 / 64, -2)(image)
        x = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
        skip = x
        x = layers.MaxPooling2D(2, padding="same" if any_size else "valid")(x)
        x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
        x = layers.UpSampling2D(2)(x)
        if any_size:
            x = CenterCrop()(x, skip)
        x = layers.Conv2D(num_classes, 3, padding="same")(x)
        p = layers.Softmax(dtype="float32", name="probabilities")(3 * x)
        model = keras.Model(image, p)
        model.context, model.stride, model.any_size = 5, 2, any_size
        return model

    return make


@pytest.fixture
def mask_spec():
    return flat(
        "blobs",
        "image",
        (16, 16, 1),
        "uint8",
        "mask",
        CLASSES,
        mask_values=(0, 10, 20, 30),
    )


@pytest.fixture
def mask_split(rng):
    x = rng.integers(0, 256, (5, 16, 16, 1)).astype("uint8")
    y = rng.integers(0, 3, (5, 16, 16))
    return ArraySplit(x, y)


class Fixed:
    """Stands in for a model: answers given in advance, whatever the input."""

    def __init__(self, answers):
        self.answers = {key: p for key, p in answers}

    def predict_on_batch(self, x):
        return np.stack([self.answers[float(row.ravel()[0])] for row in x])


@pytest.fixture
def fixed_model():
    """A model whose answer to an input is chosen by its first number."""
    return Fixed
