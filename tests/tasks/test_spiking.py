"""What the report tells of spikes, of records made up by hand."""

import numpy as np
import pytest
from PIL import Image

from kerasnotes.contracts.report import Conditions
from kerasnotes.contracts.spike_record import SpikeRecord, Work
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.tasks.spiking import look_into

pytestmark = pytest.mark.once
T, CLASSES = 3, ("left", "right")


class Scripted:
    """Answers `left` at the first step, and what is right from then on."""

    def spike_record(self, x):
        truth = (x[:, 0, 0, 0] > 0).astype(int)
        eye = np.eye(2)[truth]
        so_far = np.stack([np.eye(2)[[0] * len(x)], eye, eye])
        spk = np.zeros((T, len(x), 2))
        spk[1:] = eye
        hidden = np.ones((T, len(x), 4, 4, 2))
        return SpikeRecord(
            {"conv1": hidden, "output": spk},
            {"conv1": 2 * hidden, "output": 2 * spk},
            1.0,
            so_far,
            # Counted at the end, one class has all spikes.
            np.cumsum(np.zeros_like(spk) + [1, 0], axis=0),
            Work(float(x.mean()), 1e6, 2e3, 1e3, 5e6),
        )


def report(count=40, classes=CLASSES):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, count)
    x = np.zeros((count, 4, 4, 1), "uint8")
    x[:, 0, 0, 0] = y
    return y, look_into(
        Scripted(), MemorySplit(x, y.astype("int32")), Conditions(), classes
    )


def test_numbers():
    y, found = report()
    assert found.metrics["accuracy_after_1"] == pytest.approx((y == 0).mean())
    assert found.metrics["accuracy_after_2"] == 1
    assert found.metrics["accuracy_by_count"] == pytest.approx((y == 0).mean())
    # A mean over examples, though batches are not of one size.
    assert found.metrics["spikes"] == pytest.approx(y.mean() / 16)
    # 0.9 pJ an addition, 4.6 a multiply-add.
    assert found.metrics["energy_nj"] == pytest.approx(900 + 4.6 * 3)
    assert found.metrics["energy_nj_without_spikes"] == pytest.approx(23_000)
    assert "914 nJ against 23,000" in found.remarks[1]


def test_pictures(tmp_path):
    _, found = report()
    assert list(found.figures) == [
        "spikes",
        "membranes",
        "recognition.gif",
        "steps",
    ]
    for name, draw in found.figures.items():
        draw(tmp_path / name)
        with Image.open(tmp_path / name) as image:
            frames = getattr(image, "n_frames", 1)
            assert frames == (T if name.endswith(".gif") else 1)
            image.seek(frames - 1)
            assert np.asarray(image.convert("L")).std() > 5


def test_of_measured_values_only_what_they_take():
    _, found = report(classes=())
    assert "accuracy_by_count" not in found.metrics
    assert list(found.figures) == ["spikes", "membranes"]
