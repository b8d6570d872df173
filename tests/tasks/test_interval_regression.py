"""The report on intervals, of a network whose answers are known."""

import numpy as np
import pytest

from kerasnotes.contracts.report import Conditions
from kerasnotes.data import fields
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.inputs import Held
from kerasnotes.use.answers import to_answer

pytestmark = pytest.mark.once
SPEC = Spec(
    "one",
    (fields.table(("x",)),),
    (fields.values([Column("y", units="m", deviation=2.0)]),),
)


class Sloped:
    """Answers with x, within x - 1 and x + 2."""

    coverage = 0.9
    shift = None

    def predict_on_batch(self, x):
        x = np.asarray(x)
        move = 0 if self.shift is None else self.shift * 2.0
        return {"values": x, "low": x - 1 - move, "high": x + 2 + move}

    def set_shift(self, shift):
        self.shift = np.asarray(shift)


@pytest.fixture
def split():
    x = np.arange(40, dtype="float32")[:, None]
    off = np.tile([0, -0.5, 1.5, -3], 10)[:, None]
    off[:10] = 0
    return ArraySplit(x, (x + off).astype("float32"))


def test_the_report_says_what_intervals_hold_and_where(split, tmp_path):
    task = make_task("interval-regression", SPEC)
    report = task.evaluate(Sloped(), split, Conditions(train=split))
    metrics = report.metrics
    outside = sum(1 for n in range(10, 40) if n % 4 == 3)
    assert metrics["coverage"] == pytest.approx(1 - outside / 40)
    assert metrics["coverage_quarter_1"] == 1
    assert metrics["lowest_quarter"] == pytest.approx(0.7)
    assert metrics["mean_width"] == pytest.approx(3)
    score = 3 + 2 / 0.05 * 2 * outside / 40
    assert metrics["interval_score"] == pytest.approx(score)
    assert metrics["share_above"] == pytest.approx(2 / 3)
    assert "rmse_ridge" in metrics
    assert "rmse" in metrics
    assert any("a validation part of 19" in told for told in report.remarks)
    for name in ("intervals", "coverage"):
        report.figures[name](tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 5_000
    task.draw_predictions(Sloped(), split, tmp_path / "predictions.png")
    assert (tmp_path / "predictions.png").is_file()


def test_calibration_shifts_ends_and_tells_the_coverage(split):
    task = make_task("interval-regression", SPEC)
    model = Sloped()
    spec = task.calibrate(model, split)
    assert spec.target.coverage == 0.9
    # 37 of 40 must lie inside: two metres further down, one deviation.
    np.testing.assert_allclose(model.shift, [1.0])
    few = ArraySplit(split.x[:5], split.y[:5])
    assert task.calibrate(model, few) is None
    np.testing.assert_allclose(model.shift, [0.0])


def test_a_row_has_both_ends_and_so_has_the_answer_in_python(split):
    task = make_task("interval-regression", SPEC)
    rows = Held(np.array([[4.0]], "float32"), ready=True)
    (found,) = task.predict(Sloped(), [rows], 8)
    row = {k: v for k, v in found.row.items() if k != "file"}
    assert row == {"predicted y (m)": 4, "low y (m)": 3, "high y (m)": 6}
    answer = to_answer(found, SPEC)
    assert answer.values == {"y": 4.0}
    assert answer.bands == {"y": (3.0, 6.0)}
