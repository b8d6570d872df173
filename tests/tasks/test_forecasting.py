"""Forecasting: the report beside simple forecasts, files, answers."""

import json

import keras
import numpy as np
import polars as pl
import pytest

import kerasnotes as kn
from kerasnotes.contracts.report import Conditions
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.series import rules, windows
from kerasnotes.data.series.windows import WindowSplit, some_windows
from kerasnotes.data.spec import Spec
from kerasnotes.losses.regression import StandardizedSquaredError
from kerasnotes.metrics.r2 import R2
from kerasnotes.tasks.catalog import make_task
from tests.checks import to_numpy
from tests.cli.conftest import run_kn

T, H, SEASON, ROWS = 16, 5, 8, 240
HOURS = np.datetime64("2021-03-01T00:00:00", "us") + np.arange(
    ROWS
) * np.timedelta64(60, "m")
RNG = np.random.default_rng(0)
WAVE = np.sin(2 * np.pi * np.arange(ROWS) / SEASON)[:, None]
VALUES = (
    WAVE * [1, 20] + RNG.normal(0, [0.2, 2], (ROWS, 2)) + [0, 100]
).astype("float32")
TARGET = [
    Column("b", units="kW", mean=100.0, deviation=14.0, change=2.5),
    Column("a", mean=0.0, deviation=0.7, change=0.3),
]
SPEC = Spec(
    "s",
    (fields.series(T, [Column("a"), Column("b")], season=SEASON),),
    (fields.forecast(H, TARGET),),
)
PLACES = [1, 0]


def split(start, stop):
    return WindowSplit(VALUES, PLACES, T, H, (start, stop))


class Late(keras.Model):
    """Answers with the last value but one: wrong, and known."""

    def call(self, x, training=False):
        return keras.ops.repeat(keras.ops.flip(x[:, -2:-1], 2), H, axis=1)


def score(answer, y):
    scale = np.array([c.deviation for c in TARGET])
    return float(np.square((answer - y) / scale).mean())


def test_the_report_stands_beside_simple_forecasts():
    train, test = split(0, 180), split(180, ROWS)
    task = make_task("forecasting", SPEC)
    report = task.evaluate(Late(), test, Conditions(train=train))
    x, y = test.read(np.arange(len(test)))
    past = x[..., PLACES]
    linear = rules.fit_linear(train, SPEC.input, SPEC.target)
    answers = {
        "": np.repeat(past[:, -2:-1], H, axis=1),
        "_naive": np.repeat(past[:, -1:], H, axis=1),
        "_seasonal": past[:, T - SEASON :][:, :H],
        "_linear": linear(past),
    }
    for rule, answer in answers.items():
        found = report.metrics[f"standardized_mse{rule}"]
        assert found == pytest.approx(score(answer, y), rel=1e-5)
    mae = np.abs(answers[""] - y).mean(axis=(0, 1))
    assert report.metrics["mae_b"] == pytest.approx(mae[0], rel=1e-5)
    assert report.metrics["mae_a"] == pytest.approx(mae[1], rel=1e-5)
    told = " ".join(report.remarks)
    assert "The seasonal forecast is better" in told
    assert "b in kW" in told


def test_a_quick_look_at_very_many_windows_says_so(monkeypatch):
    test, task = split(60, ROWS), make_task("forecasting", SPEC)
    monkeypatch.setattr(windows, "MOST", 50)
    whole = task.evaluate(Late(), test, Conditions())
    quick = task.evaluate(Late(), test, Conditions(quick=True))
    told = f"Measured on 50 of {len(test)} windows"
    assert told in " ".join(quick.remarks)
    assert told not in " ".join(whole.remarks)
    x, y = some_windows(test).read(np.arange(50))
    answer = np.repeat(x[..., PLACES][:, -2:-1], H, axis=1)
    found = quick.metrics["standardized_mse"]
    assert found == pytest.approx(score(answer, y), rel=1e-5)
    assert found != whole.metrics["standardized_mse"]


def test_without_the_training_rows():
    task = make_task("forecasting", SPEC)
    report = task.evaluate(Late(), split(180, ROWS), Conditions())
    assert "standardized_mse_linear" not in report.metrics
    assert "not at hand" in " ".join(report.remarks)


def test_loss_and_r2_count_every_row():
    y = RNG.normal(size=(6, H, 2)).astype("float32")
    p = y + RNG.normal(size=y.shape).astype("float32")
    found = to_numpy(StandardizedSquaredError([2.0, 0.5])(y, p))
    error = (y - p).astype("float64") / [2.0, 0.5]
    assert found == pytest.approx(np.square(error).mean(), rel=1e-5)
    metric = R2([0.0, 1.0], [2.0, 0.5])
    metric.update_state(y[:4], p[:4])
    metric.update_state(y[4:], p[4:])
    flat, answer = y.reshape(-1, 2), p.reshape(-1, 2)
    left = np.square(flat - answer).sum(axis=0)
    varied = np.square(flat - flat.mean(axis=0)).sum(axis=0)
    expected = (1 - left / varied).mean()
    assert to_numpy(metric.result()) == pytest.approx(expected, rel=1e-4)


def test_pictures(tmp_path):
    task = make_task("forecasting", SPEC)
    test = split(180, ROWS)
    task.draw_predictions(Late(), test, tmp_path / "p.png")
    report = task.evaluate(Late(), test, Conditions(train=split(0, 180)))
    report.figures["horizon"](tmp_path / "h.png")
    for name in ("p.png", "h.png"):
        assert (tmp_path / name).stat().st_size > 10_000


@pytest.mark.large
@pytest.mark.once
def test_the_whole_road(tmp_path, monkeypatch):
    """A file is trained on, gone on from, and measured."""
    monkeypatch.chdir(tmp_path)
    table = {"when": HOURS, "a": VALUES[:, 0], "b (kW)": VALUES[:, 1]}
    frame = pl.DataFrame(table)
    frame.write_csv("s.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    ended = run_kn(
        *("fit", "lstm", "--data", "s.csv", "--target", "b (kW)"),
        *("--set", f"data.horizon={H}", "--set", f"data.window={T}"),
        *("--epochs", 1, "--set", "widths=[4]", "--out", "run"),
    )
    assert ended.code == 0, ended.err
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["task"] == "forecasting"
    assert record["metrics"]["mae"] < 10
    assert 0.5 < record["metrics"]["band_coverage"] <= 1

    ended = run_kn("predict", "run", "s.csv")
    assert ended.code == 0, ended.err
    assert "2021-03-11 00:00:00" in ended.out
    rows = pl.read_csv("s-predictions/predictions.csv")
    assert rows["step"].to_list() == list(range(1, H + 1))
    assert (tmp_path / rows["forecast"][0]).is_file()

    run = kn.load("run")
    answers = run.predict(frame)
    found = [answer.values["b (kW)"] for answer in answers]
    np.testing.assert_allclose(found, rows["predicted b (kW)"], rtol=1e-5)
    assert [answer.step for answer in answers] == list(range(1, H + 1))
    # The bands lie in the file itself.
    column = run.model.spec.target.columns[0]
    for answer, low, high in zip(answers, column.low, column.high, strict=True):
        ends = np.array(answer.bands["b (kW)"]) - answer.values["b (kW)"]
        np.testing.assert_allclose(ends, [low, high], rtol=1e-4, atol=1e-4)
    windows = np.stack([VALUES[-T:], VALUES[:T]])
    assert len(run.predict(windows)) == 2 * H

    ended = run_kn("eval", "run", "--data", "s.csv", "--split", "all")
    assert ended.code == 0, ended.err
    # Columns in another order, another file: the model's own are found.
    frame.select("b (kW)", "when", "a").write_parquet("t.parquet")
    ended = run_kn("eval", "run", "--data", "t.parquet", "--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)["metrics"]["mae"]
    assert found == pytest.approx(record["metrics"]["mae"], rel=1e-4)

    ended = run_kn("data", "s.csv", "--set", f"data.horizon={H}")
    assert ended.code == 0, ended.out
    assert (tmp_path / "s-contact-sheet.png").is_file()


@pytest.mark.large
@pytest.mark.once
def test_images_row_by_row(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = run_kn(
        *("fit", "rnn", "--epochs", 1, "--set", "widths=[8]", "--out", "run")
    )
    assert ended.code == 0, ended.err
    ended = run_kn("data", "digits", "--export", "some", "-n", 4)
    assert ended.code == 0, ended.err
    paths = sorted((tmp_path / "some").rglob("*.png"))
    run = kn.load("run")
    with pytest.warns(UserWarning, match="brought to the model"):
        by_file = run.predict(paths)
    from PIL import Image

    # What the files hold: 8 bits, of 16 grey values.
    images = np.stack([np.asarray(Image.open(p)) for p in paths])
    raw = np.rint(images / 255 * 16).astype("uint8")
    by_array = run.predict(raw[..., None])
    for one, other in zip(by_file, by_array, strict=True):
        assert one.label == other.label
        assert one.probability == pytest.approx(other.probability, abs=1e-5)
