"""`kn runs`: rows, order, two side by side; and a run that is trained."""

import json
import shutil

import pytest

from kerasnotes.runs.lock import locked
from tests.cli.conftest import imported_by, run_kn
from tests.runs.test_listing import RECORD

pytestmark = pytest.mark.once


@pytest.fixture
def runs(place):
    """Three runs in `ckpts`, and a folder that is none."""
    for name, day, accuracy, seconds in (
        ("mlp", "01", 0.9, 12.5),
        ("mlp-2", "02", 0.95, 200.0),
        ("mlp-3", "03", 0.8, 9000.0),
    ):
        record = {
            **RECORD,
            "sessions": [{"started": f"2026-01-{day}T03:04:05+00:00"}],
            "metrics": {"accuracy": accuracy},
            "train_seconds": seconds,
        }
        folder = place / "ckpts" / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(record))
    (place / "ckpts" / "notes").mkdir()
    return place / "ckpts"


def listed(*args):
    ended = run_kn("runs", *args, "--json")
    assert (ended.code, ended.err) == (0, "")
    return [row["run"] for row in json.loads(ended.out)["runs"]]


def test_the_newest_is_first_or_what_is_asked_for(runs):
    assert listed() == ["ckpts/mlp-3", "ckpts/mlp-2", "ckpts/mlp"]
    assert listed("--sort", "metric")[0] == "ckpts/mlp-2"
    assert listed("--sort", "time")[0] == "ckpts/mlp"
    assert listed("ckpts", "ckpts/mlp") == listed()


def test_a_row_says_what_the_run_is(runs):
    ended = run_kn("runs")
    assert ended.code == 0
    head, _, row, _ = ended.out.splitlines()
    assert head.split()[:3] == ["run", "note", "data"]
    assert "accuracy 0.9500" in row
    assert "8/8" in row
    assert "3 min" in row
    assert "2026-01-02 03:04" in row
    assert row.endswith("finished")


def test_what_cannot_be_read_is_told_and_the_rest_is_shown(runs):
    (runs / "mlp" / "run.json").write_text("[]")
    ended = run_kn("runs")
    assert ended.code == 0
    assert "is not the whole record of a run" in ended.err
    assert len(ended.out.splitlines()) == 3


def test_no_runs_is_no_error(place):
    ended = run_kn("runs")
    assert (ended.code, ended.err) == (0, "")
    assert "kn fit NAME" in ended.out
    assert listed() == []
    assert run_kn("runs", "nowhere").code == 5


def test_two_runs_are_compared(runs):
    ended = run_kn("runs", "ckpts/mlp", "mlp-2", "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["runs"] == ["ckpts/mlp", "ckpts/mlp-2"]
    assert told["settings"] == {}
    assert told["metrics"] == {"accuracy": [0.9, 0.95]}
    text = run_kn("runs", "ckpts/mlp", "ckpts/mlp-2").out
    assert "settings that differ" in text
    assert "0.9000" in text
    assert "0.9500" in text


def test_no_framework_is_imported(runs):
    heavy = ("keras", "tensorflow", "jax", "torch", "h5py", "numpy")
    for words in (["runs"], ["runs", "ckpts/mlp", "ckpts/mlp-2"]):
        done, found = imported_by(words, heavy)
        assert done.returncode == 0
        assert found == [], done.stderr


def test_a_run_that_trains_is_not_resumed_but_answers(trained, tmp_path):
    folder = shutil.copytree(trained[0], tmp_path / "run")
    before = (folder / "run.json").read_bytes()
    with locked(folder):
        ended = run_kn("fit", "--resume", folder, "--epochs", 2)
        assert ended.code == 5
        assert f"{folder} is being trained by process " in ended.err
        assert ended.out == ""
        assert run_kn("eval", folder).code == 0
        (row,) = json.loads(run_kn("runs", folder, "--json").out)["runs"]
        assert row["state"] == "training"
    assert (folder / "run.json").read_bytes() == before
