"""The generation task: reports, floors, pictures, files."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.generation import Generated, Request
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.load import load
from kerasnotes.tasks import generation_report
from kerasnotes.tasks.catalog import make_task
from tests.tasks.stub_generator import Stub, StubConfig


class Copies:
    """Hands out given examples, with their classes."""

    sample_options = frozenset({"label", "steps"})
    quick_sampling = {}

    def __init__(self, split):
        self.x, self.y = split.x, split.y
        self.requests = []

    def generate(self, request, progress=None):
        self.requests.append(request)
        rows = np.arange(request.count) % len(self.x)
        return Generated(
            self.x[rows].astype("float32"), self.y[rows], None, {"steps": 3}
        )


class FakeClassifier:
    """Knows the digits by heart: looks their class up."""

    def __init__(self, *splits):
        self.known = {
            x.astype("float32").tobytes(): int(y)
            for split in splits
            for x, y in zip(split.x, split.y, strict=True)
        }

    def __call__(self, x):
        labels = [self.known.get(v.astype("float32").tobytes(), 0) for v in x]
        flat = np.asarray(x, "float32").reshape(len(x), -1)
        return flat[:, 10:40], np.eye(10, dtype="float32")[labels]


@pytest.fixture(scope="module")
def digits():
    return load(DataConfig(source="digits"))


@pytest.fixture
def task(digits):
    return make_task("generation", digits.spec)


@pytest.fixture
def classifier(digits, monkeypatch):
    made = FakeClassifier(digits.train, digits.validation, digits.test)
    monkeypatch.setattr(
        generation_report, "_find_classifier", lambda spec, conditions: made
    )


@pytest.mark.once
def test_unseen_real_examples_score_like_the_floor(digits, task, classifier):
    """The validation part, taken for samples, cannot be told from data."""
    model = Copies(digits.validation)
    count = len(digits.validation)
    conditions = Conditions(train=digits.train, samples=count)
    metrics = task.evaluate(model, digits.test, conditions).metrics
    for name in ("frechet_pixels", "frechet_features", "nearest_train"):
        assert metrics[name] == pytest.approx(
            metrics[f"{name}_floor"], rel=0.25
        )
    assert metrics["nn_two_sample"] == pytest.approx(0.5, abs=0.1)
    assert metrics["nn_two_sample_gaussian"] > 0.75
    assert min(metrics["precision"], metrics["recall"]) > 0.75
    assert metrics["precision_gaussian"] < metrics["precision"] - 0.1
    assert metrics["recognised"] == metrics["recognised_as_asked"] == 1.0
    assert metrics["judge_accuracy"] == 1.0
    assert (
        0.08 < metrics["class_share_min"] <= metrics["class_share_max"] < 0.13
    )
    assert metrics["class_kl"] < 0.01


@pytest.mark.once
def test_copies_of_the_training_part_are_found_out(digits, task, classifier):
    model = Copies(digits.train)
    conditions = Conditions(train=digits.train, samples=100)
    report = task.evaluate(model, digits.test, conditions)
    assert report.metrics["nearest_train"] == 0.0
    assert report.metrics["nearest_train_floor"] > 0.2
    assert {"samples", "classes", "neighbours"} <= set(report.figures)


@pytest.mark.once
def test_a_collapsed_generator_is_found_out(digits, task, classifier):
    one = ArraySplit(digits.train.x[:1], digits.train.y[:1])
    conditions = Conditions(train=digits.train, samples=100)
    metrics = task.evaluate(Copies(one), digits.test, conditions).metrics
    assert metrics["class_share_max"] == 1.0
    assert metrics["class_kl"] == pytest.approx(np.log(10))
    assert metrics["recall"] < 0.05
    assert metrics["nn_two_sample"] > 0.8


@pytest.mark.once
def test_what_is_asked_for(digits, task):
    model = Copies(digits.train)
    model.quick_sampling = {"steps": 2}
    quick = Conditions(train=digits.train, quick=True, seed=5)
    report = task.evaluate(model, digits.test, quick)
    assert model.requests[-1] == Request(256, seed=5, steps=2)
    # No classifier is trained while the end of `kn fit` is waited for.
    assert "recognised" not in report.metrics
    assert "precision" in report.metrics
    assert any("kn eval" in remark for remark in report.remarks)
    assert "256 samples: seed 5, steps 3." in report.remarks
    requested = dataclasses.replace(
        quick, request=Request(1, steps=7), samples=20
    )
    task.evaluate(model, digits.test, requested)
    assert model.requests[-1] == Request(20, seed=5, steps=7)


@pytest.mark.once
def test_measures_of_the_model_come_first(digits, task):
    model = Copies(digits.train)
    model.measure = lambda split, conditions: {"nats": float(len(split))}
    quick = Conditions(train=digits.train, quick=True)
    metrics = task.evaluate(model, digits.test, quick).metrics
    assert next(iter(metrics.items())) == ("nats", len(digits.test))


@pytest.mark.once
def test_too_few_examples_are_compared_with_nothing(digits, task):
    model = Copies(digits.train)
    tiny = ArraySplit(digits.test.x[:3], digits.test.y[:3])
    report = task.evaluate(model, tiny, Conditions(train=digits.train))
    assert report.metrics == {}
    assert any("too few" in remark for remark in report.remarks)
    report = task.evaluate(model, digits.test, Conditions(samples=20))
    assert report.metrics == {}
    with pytest.raises(UsageError, match="Too few samples"):
        task.evaluate(model, digits.test, Conditions(samples=3))


@pytest.mark.once
def test_samples_that_are_no_numbers_are_told(digits, task, tmp_path):
    broken = digits.train.x.astype("float32")
    broken[::4] = np.nan
    model = Copies(ArraySplit(broken, digits.train.y))
    conditions = Conditions(train=digits.train, samples=100)
    report = task.evaluate(model, digits.test, conditions)
    assert report.metrics == {"not_finite": 0.25}
    report.figures["samples"](tmp_path / "samples.png")


def test_a_model_is_measured_and_drawn(digits, task, tmp_path):
    model = Stub(StubConfig(), digits.spec, [0.0], [1.0])
    quick = Conditions(train=digits.train, quick=True)
    report = task.evaluate(model, digits.test, quick)
    assert report.metrics["nn_two_sample"] > 0.95
    assert all(np.isfinite(value) for value in report.metrics.values())
    for name, draw in report.figures.items():
        draw(tmp_path / f"{name}.png")
    task.draw_predictions(model, digits.test, tmp_path / "samples.png")
    with Image.open(tmp_path / "samples.png") as picture:
        # Six rows of the ten classes, each image 48 pixels wide.
        assert picture.size == (10 * 50 + 2, 6 * 50 + 2)


@pytest.mark.once
def test_epochs_are_drawn_from_the_same_noise_if_wanted(digits, task, tmp_path):
    model = Stub(StubConfig(), digits.spec, [0.0], [1.0])
    task.draw_epoch(model, tmp_path, 1)
    assert not list(tmp_path.iterdir())
    model.epoch_request = Request
    task.draw_epoch(model, tmp_path, 1)
    task.draw_epoch(model, tmp_path, 2)
    drawn = sorted((tmp_path / "progress").iterdir())
    assert [p.name for p in drawn] == ["epoch-001.png", "epoch-002.png"]
    assert drawn[0].read_bytes() == drawn[1].read_bytes()


@pytest.mark.once
def test_points_of_a_table(tmp_path):
    rng = np.random.default_rng(0)
    y = np.arange(300) % 3
    x = np.stack([4 * y, -y], axis=1) + 0.1 * rng.standard_normal((300, 2))
    np.savez(tmp_path / "points.npz", x=x.astype("float32"), y=y)
    data = load(DataConfig(source=str(tmp_path / "points.npz")))
    task = make_task("generation", data.spec)
    half = ArraySplit(data.train.x[data.train.y < 2], np.zeros(1))
    model = Copies(half)
    model.y = np.zeros(len(half), "int32")
    conditions = Conditions(train=data.train, samples=60)
    report = task.evaluate(model, data.test, conditions)
    assert "frechet_columns_gaussian" in report.metrics
    assert report.metrics["modes"] == 3
    assert report.metrics["modes_covered"] == 2
    assert report.metrics["modes_covered_floor"] == 3
    assert report.metrics["recall"] < 0.8
    assert "recognised" not in report.metrics
    for name, draw in report.figures.items():
        draw(tmp_path / f"{name}.png")
    with Image.open(tmp_path / "samples.png") as picture:
        assert picture.size[0] > 300


@pytest.mark.once
def test_files_are_answered_by_those_that_can(digits, task, tmp_path):
    model = Copies(digits.train)
    path = tmp_path / "a.png"
    # 64 of 255 is 4 of the set's 16.
    Image.fromarray(np.full((8, 8), 64, "uint8")).save(path)
    with pytest.raises(UsageError, match="does not answer"):
        task.predict(model, [path], 8)
    model.encode = lambda values, seed: {"mean": values.reshape(1, -1)}
    model.decode = lambda z: 2 * z.reshape(1, 8, 8, 1)
    (answer,) = task.predict(model, [path], 8)
    assert answer.row == {"file": str(path), "change": 4.0}
    assert (answer.images["restored"] == 128).all()


@pytest.mark.once
def test_what_generates_nothing_is_refused(digits, task, tmp_path):
    with pytest.raises(UsageError, match="does not generate"):
        task.evaluate(object(), digits.test, Conditions())
    with pytest.raises(UsageError, match="does not generate"):
        task.draw_predictions(object(), digits.test, tmp_path / "a.png")
