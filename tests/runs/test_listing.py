"""What a list of runs, and a comparison of two, say."""

import json

import pytest

import kerasnotes as kn
from kerasnotes.base.errors import StorageError
from kerasnotes.runs.comparing import compare
from kerasnotes.runs.listing import Row, describe, find_runs, main_metric
from kerasnotes.runs.lock import locked
from kerasnotes.runs.run import Run

pytestmark = pytest.mark.once

RECORD = {
    "note": "mlp",
    "status": "finished",
    "config": {
        "model": {"widths": [16]},
        "data": {"source": "digits"},
        "train": {"epochs": 8, "learning_rate": 0.002},
    },
    "data": {"source": "digits", "fingerprint": "a"},
    "environment": {"backend": "jax", "precision": "float32"},
    "sessions": [{"started": "2026-01-02T03:04:05+00:00"}],
    "best": {"epoch": 5, "metric": "val_accuracy", "value": 0.97},
    "epochs": 8,
    "train_seconds": 12.5,
    "metrics": {"loss": 0.2, "accuracy": 0.9},
}


@pytest.fixture
def write(tmp_path):
    """Writes a run's record, with some of it changed."""

    def make(name="run", **changes):
        folder = tmp_path / name
        folder.mkdir()
        Run(folder).write_record({**RECORD, **changes})
        return folder

    return make


def test_a_finished_run(write):
    row = describe(write())
    assert (row.note, row.data) == ("mlp", "digits")
    assert (row.metric, row.value) == ("accuracy", 0.9)
    assert (row.epochs, row.planned, row.seconds) == (8, 8, 12.5)
    assert row.started == "2026-01-02T03:04:05+00:00"
    assert (row.state, row.reason) == ("finished", "")


@pytest.mark.parametrize(
    ("status", "reason"),
    [("time limit", "time limit"), ("training", "killed")],
)
def test_a_run_that_stopped(write, status, reason):
    row = describe(write(status=status))
    assert (row.state, row.reason) == ("stopped", reason)


def test_a_run_that_trains_is_as_far_as_its_history(write):
    unfinished = {"status": "training", "epochs": 2, "train_seconds": 1.0}
    folder = write(**unfinished, metrics=None, best=None)
    (folder / "history.csv").write_text("epoch,seconds\n1,2.5\n2,2\n3,2\n")
    with locked(folder):
        row = describe(folder)
    assert (row.state, row.epochs, row.seconds) == ("training", 3, 6.5)
    assert (row.metric, row.value) == (None, None)
    assert describe(folder).reason == "killed"


def test_the_main_metric_is_what_chose_the_epoch_or_the_first():
    assert main_metric(RECORD) == ("accuracy", 0.9)
    assert main_metric({**RECORD, "best": None}) == ("loss", 0.2)
    assert main_metric({}) == (None, None)


def test_runs_are_found_in_a_folder_and_as_themselves(write, tmp_path):
    first, second = write("a"), write("b")
    (tmp_path / "no_run").mkdir()
    (tmp_path / "file").touch()
    assert find_runs(tmp_path) == [first, second]
    assert find_runs(second) == [second]
    with pytest.raises(StorageError, match="There is no folder"):
        find_runs(tmp_path / "nowhere")


def test_a_comparison_tells_what_differs_and_every_metric():
    config = RECORD["config"]
    other = {
        **RECORD,
        "config": {
            **config,
            "model": {"widths": [32], "dropout": 0.1},
            "train": {**config["train"], "learning_rate": 0.1},
        },
        "environment": {"backend": "torch", "precision": "float32"},
        "data": {"source": "digits", "fingerprint": "b"},
        "metrics": {"accuracy": 0.8, "macro_f1": 0.7},
    }
    found = compare(RECORD, other)
    assert found.settings == {
        "widths": ([16], [32]),
        "dropout": (None, 0.1),
        "train.learning_rate": (0.002, 0.1),
        "backend": ("jax", "torch"),
        "data": ("a", "b"),
    }
    assert found.metrics == {
        "loss": (0.2, None),
        "accuracy": (0.9, 0.8),
        "macro_f1": (None, 0.7),
    }
    assert compare(RECORD, RECORD).settings == {}


@pytest.mark.parametrize(
    ("metric", "best", "worst"),
    [
        ("accuracy", 0.9, 0.1),
        ("r2", 0.5, -3.0),
        ("negative_elbo", 24.2, 27.4),
        ("frechet_pixels", 0.5, 5.0),
        ("rmse", 3.0, None),
        ("mean_iou", 0.4, float("nan")),
    ],
)
def test_better_runs_have_larger_scores(metric, best, worst):
    rows = [
        Row("r", "n", "d", metric, value, 1, 1, 1.0, "", "finished", "")
        for value in (best, worst)
    ]
    assert rows[0].score > rows[1].score


def test_runs_in_python(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert kn.runs() == []
    texts = {
        "one": json.dumps(RECORD),
        "two": json.dumps(RECORD),
        "broken": "{",
    }
    for name, text in texts.items():
        (tmp_path / "ckpts" / name).mkdir(parents=True)
        (tmp_path / "ckpts" / name / "run.json").write_text(text)
    with pytest.warns(UserWarning, match="broken"):
        rows = kn.runs()
    assert sorted(row.run for row in rows) == ["ckpts/one", "ckpts/two"]
    assert [row.run for row in kn.runs("ckpts/one")] == ["ckpts/one"]
    with pytest.raises(StorageError, match="no folder"):
        kn.runs("nowhere")
