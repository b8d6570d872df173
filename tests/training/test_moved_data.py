"""The data of a run are found where they are, and no others are taken."""

import shutil

import numpy as np
import pytest

from kerasnotes.base import files
from kerasnotes.base.errors import DataError
from kerasnotes.training import job
from kerasnotes.use.evaluate import evaluate
from kerasnotes.use.trained import open_trained

from .conftest import Stopper

pytestmark = pytest.mark.once


@pytest.fixture
def folders(start, write_scenes, tmp_path, monkeypatch):
    """A stopped run of `data/scenes.npz`, started in `home` by that name."""
    for name in ("home", "away"):
        (tmp_path / name).mkdir()
    home, away = tmp_path / "home", tmp_path / "away"
    (home / "data").mkdir()
    shutil.move(write_scenes("moving"), home / "data" / "scenes.npz")
    monkeypatch.chdir(home)
    start("run", Stopper(2), source="data/scenes.npz", epochs=3)
    monkeypatch.chdir(away)
    return tmp_path / "run", home, away


def read(folder):
    return files.read_json(folder / "run.json")


def test_the_record_holds_the_whole_path_beside_the_words(folders):
    folder, home, _ = folders
    data = read(folder)["data"]
    assert data["source"] == "data/scenes.npz"
    assert data["path"] == str(home / "data" / "scenes.npz")


def test_from_another_folder_the_run_goes_on_and_is_measured(folders, resume):
    folder, home, _ = folders
    before = read(folder)
    resume(folder)
    after = read(folder)
    assert after["status"] == "finished"
    assert after["data"] == before["data"]
    assert after["config"]["data"] == before["config"]["data"]
    report = evaluate(open_trained(folder))
    assert report.data == str(home / "data" / "scenes.npz")
    assert report.metrics["accuracy"] == pytest.approx(
        after["metrics"]["accuracy"], abs=1e-6
    )
    assert not any("changed" in remark for remark in report.remarks)


def test_what_is_gone_from_the_same_place_is_said(folders, resume, monkeypatch):
    folder, home, away = folders
    monkeypatch.chdir(home)
    shutil.move(home / "data" / "scenes.npz", away / "other.npz")
    with pytest.raises(DataError, match="no longer at") as caught:
        resume(folder)
    assert "--data" in caught.value.hint


def test_what_was_moved_is_said_and_then_taken(folders, resume):
    folder, home, away = folders
    moved = away / "other.npz"
    shutil.move(home / "data" / "scenes.npz", moved)
    with pytest.raises(DataError, match="no longer at") as caught:
        resume(folder)
    assert "--data" in caught.value.hint
    report = evaluate(open_trained(folder), source="other.npz", split="train")
    assert report.examples == read(folder)["data"]["counts"]["train"]
    assert "other.npz holds the data of the training." in report.remarks
    reporter = Stopper(99)
    resume(folder, reporter, source="other.npz")
    assert "other.npz holds the data of the training." in reporter.messages
    assert read(folder)["data"]["path"] == str(moved)
    assert read(folder)["config"]["data"]["source"] == "other.npz"
    again = shutil.copy(moved, away / "copy.npz")
    report = evaluate(open_trained(folder), source=str(again))
    assert report.examples == read(folder)["data"]["counts"]["test"]
    assert f"{again} holds the data of the training." in report.remarks


def test_a_project_that_was_moved_whole_is_found_by_its_words(folders, resume):
    folder, home, away = folders
    shutil.move(home / "data", away / "data")
    resume(folder)
    assert read(folder)["data"]["path"] == str(away / "data" / "scenes.npz")


def test_other_data_are_refused_before_a_model_is_built(
    folders, resume, monkeypatch
):
    folder, home, away = folders
    arrays = dict(np.load(home / "data" / "scenes.npz"))
    arrays["x_train"] = arrays["x_train"][:, :12, :12]
    for part in ("val", "test"):
        arrays[f"x_{part}"] = arrays[f"x_{part}"][:, :12, :12]
    for part in ("train", "val", "test"):
        arrays[f"y_{part}"] = arrays[f"y_{part}"][:, :12, :12]
    np.savez(away / "other.npz", **arrays)
    before = read(folder)
    monkeypatch.setattr(job, "resolve", pytest.fail)
    with pytest.raises(DataError, match="is not what this run was") as caught:
        resume(folder, source="other.npz")
    assert caught.value.message.startswith("The data in other.npz is not")
    assert read(folder) == before
