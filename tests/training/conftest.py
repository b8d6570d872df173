"""Tiny runs: one small U-Net and one small perceptron."""

import signal

import numpy as np
import pytest

from kerasnotes.contracts.report import Report
from kerasnotes.figures import curves
from kerasnotes.notes import find
from kerasnotes.tasks.classification import Classification
from kerasnotes.tasks.segmentation import Segmentation
from kerasnotes.training import finishing, fit, session, settings
from kerasnotes.training.progress import Quiet
from tests.hdf5_arrays import read_arrays as read_state

UNET = {"width": 2, "depth": 1, "dropout": 0.3}
MLP = {"widths": [16]}
OWN = {"unet": UNET, "mlp": MLP}
BATCH = 8
STEPS = 5
"""Steps of an epoch of `scenes`."""


@pytest.fixture(scope="session")
def choice():
    from kerasnotes.runtime import setup as backend

    return backend.setup()


@pytest.fixture(scope="session")
def write_scenes(tmp_path_factory):
    """Writes 40 + 8 + 8 noisy images with a bright square; class 1 is it."""

    def write(name="scenes", seed=0):
        rng = np.random.default_rng(seed)
        arrays = {}
        for part, count in (("train", 40), ("val", 8), ("test", 8)):
            y = np.zeros((count, 16, 16), "uint8")
            for mask in y:
                top, left = rng.integers(0, 10, 2)
                mask[top : top + 6, left : left + 6] = 1
            noise = rng.integers(0, 60, y.shape, "uint8")
            arrays[f"x_{part}"] = (noise + 100 * y)[..., None]
            arrays[f"y_{part}"] = y
        path = tmp_path_factory.mktemp(name) / f"{name}.npz"
        np.savez(path, **arrays)
        return path

    return write


@pytest.fixture(scope="session")
def scenes(write_scenes):
    return write_scenes()


@pytest.fixture(scope="session")
def make_settings(scenes):
    """Makes settings of the small U-Net on `scenes`, or of another note."""

    def make(note="unet", source=None, model=None, augment="light", **train):
        source = source or (scenes if note == "unet" else "digits")
        train = {"epochs": 3, "batch_size": BATCH, "warmup": 0.1, **train}
        blocks = {
            "model": {**OWN.get(note, {}), **(model or {})},
            "data": {"source": str(source), "augment": augment},
            "train": train,
        }
        return settings.make(find(note), blocks)

    return make


@pytest.fixture(autouse=True)
def every_step_without_figures(monkeypatch):
    """Every step is reported; the task's figures, a second, are left out."""
    monkeypatch.setattr(session, "TICK", 0.0)
    measure = finishing.measure

    def numbers_only(job, folder):
        name, report = measure(job, folder)
        return name, Report(report.metrics)

    monkeypatch.setattr(finishing, "measure", numbers_only)
    for task in (Classification, Segmentation):
        monkeypatch.setattr(
            task, "draw_predictions", lambda task, m, s, path: path.touch()
        )
    monkeypatch.setattr(curves, "draw_curves", lambda rows, path: path.touch())


@pytest.fixture
def start(make_settings, choice, tmp_path):
    """Trains a new run in `tmp_path / out`."""

    def run(out="run", reporter=None, **options):
        return fit.start(
            make_settings(**options),
            choice,
            reporter or Quiet(),
            out=tmp_path / out,
        )

    return run


@pytest.fixture
def resume(choice):
    def run(folder, reporter=None, source=None, **changes):
        return fit.resume(
            folder, changes, choice, reporter or Quiet(), source=source
        )

    return run


class Stopper(Quiet):
    """Presses Ctrl-C once a step, or an epoch, is reported.

    Args:
        epoch: Number of the epoch, from 1.
        step: Number of the step, from 1; the end of the epoch if `None`.
    """

    def __init__(self, epoch, step=None):
        self.where = (epoch, step)
        self.messages = []

    def say(self, text):
        self.messages.append(text)

    def step(self, epoch, step, values):
        if (epoch + 1, step) == self.where:
            signal.raise_signal(signal.SIGINT)

    def epoch(self, row):
        if (row["epoch"], None) == self.where:
            signal.raise_signal(signal.SIGINT)


def assert_same_arrays(one, other):
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)


def assert_same_end(one, other):
    """Two runs ended with the same states, histories and models."""
    from kerasnotes.runs import saving
    from kerasnotes.training import state

    paths = [state.latest(folder / "state") for folder in (one, other)]
    assert paths[0].name == paths[1].name
    assert_same_arrays(*[read_state(path) for path in paths])
    rows = [state.read_progress(path).history for path in paths]
    for a, b in zip(*rows, strict=True):
        a.pop("seconds"), b.pop("seconds")
        assert a == b
    models = [saving.load_model(f / "model.keras") for f in (one, other)]
    for a, b in zip(*[m.get_weights() for m in models], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture
def make_job(make_settings, choice):
    """Makes the parts of a run, compiled, without a folder."""
    from kerasnotes.training import job
    from kerasnotes.training.compiling import compile_model

    def make(parts=1, **options):
        made = job.prepare(make_settings(**options), Quiet())
        train = made.settings.train
        steps = train.epochs * made.training_batches().steps
        compile_model(
            made.model, made.task, train, total_steps=steps, parts=parts
        )
        return made

    return make
