"""Models and folders that cannot be used: exit code 5, no trace left."""

import json
import os
import shutil

import pytest

from tests import archives
from tests.cli.conftest import listing, run_kn

pytestmark = pytest.mark.once


def nothing(place, run):
    return place / "nowhere"


def no_file(place, run):
    return place / "nowhere.keras"


def no_run(place, run):
    (place / "folder").mkdir()
    return place / "folder"


def _copy(place, run):
    return shutil.copytree(run, place / "copy")


def no_model(place, run):
    folder = _copy(place, run)
    (folder / "model.keras").unlink()
    return folder


def broken_record(place, run):
    folder = _copy(place, run)
    (folder / "run.json").write_text("{")
    return folder


def list_as_record(place, run):
    folder = _copy(place, run)
    (folder / "run.json").write_text("[]")
    return folder


def truncated(place, run):
    whole = (run / "model.keras").read_bytes()
    (place / "bad.keras").write_bytes(whole[: len(whole) // 2])
    return place / "bad.keras"


def no_zip(place, run):
    (place / "bad.keras").write_text("hello")
    return place / "bad.keras"


def _made(place, run, layer):
    record = json.loads((run / "run.json").read_text())
    members = archives.members(archives.sequential(layer), record=record)
    return archives.write(place / "bad.keras", members)


def with_lambda(place, run):
    return _made(place, run, archives.layer("Lambda", function="x"))


def of_another_package(place, run):
    return _made(place, run, archives.layer("Foo", module="other.layers"))


BAD = {
    nothing: "no such folder",
    no_file: "no such file",
    no_run: "There is no run in",
    no_model: "has no model yet",
    broken_record: "is not valid JSON",
    list_as_record: "is not the whole record of a run",
    truncated: "not a readable .keras file",
    no_zip: "not a zip archive",
    with_lambda: "a Lambda layer",
    of_another_package: "from another package (other)",
}


@pytest.mark.parametrize("verb", ["eval", "predict", "export"])
@pytest.mark.parametrize("maker", BAD, ids=lambda maker: maker.__name__)
def test_verb(verb, maker, place, trained):
    source = maker(place, trained[0])
    if verb == "export" and maker in (with_lambda, of_another_package):
        pytest.skip("checked in a child process: tests/export")
    files = [__file__] if verb == "predict" else []
    before = listing(place)
    ended = run_kn(verb, source, *files, "--json")
    assert (ended.code, ended.out) == (5, ""), ended
    assert BAD[maker] in ended.err
    assert listing(place) == before


@pytest.mark.parametrize("maker", [nothing, no_run, no_model, no_zip])
def test_show(maker, place, trained):
    ended = run_kn("show", maker(place, trained[0]))
    assert (ended.code, ended.out) == (5, "")


@pytest.mark.parametrize(
    ("maker", "told"),
    [
        (nothing, "no such folder"),
        (no_run, "There is no run in"),
        (broken_record, "is not valid JSON"),
        (list_as_record, "is not the whole record of a run"),
    ],
)
def test_resume(maker, told, place, trained):
    ended = run_kn("fit", "--resume", maker(place, trained[0]))
    assert (ended.code, ended.out) == (5, ""), ended
    assert told in ended.err


def test_resume_without_checkpoints(place, trained):
    folder = _copy(place, trained[0])
    shutil.rmtree(folder / "state")
    ended = run_kn("fit", "--resume", folder, "--epochs", 3, "--quiet")
    assert ended.code == 5
    assert "There is no checkpoint" in ended.err


@pytest.mark.parametrize("options", ["--learning-rate 0.1", "--set widths=[8]"])
def test_resume_with_other_settings(options, trained):
    ended = run_kn("fit", "--resume", trained[0], *options.split(), "--quiet")
    assert ended.code == 2
    assert "start a new run" in ended.err


def test_resume_with_other_data(trained):
    options = ("--data", "ring", "--epochs", 99, "--quiet")
    ended = run_kn("fit", "--resume", trained[0], *options)
    assert ended.code == 3
    assert "is not what this run" in ended.err


@pytest.mark.parametrize("place_of", ["file", "file/below", "full", "locked"])
def test_fit_to_a_place_that_cannot_be_used(place_of, place):
    (place / "file").write_text("mine")
    (place / "full").mkdir()
    (place / "full/mine").write_text("mine")
    (place / "locked").mkdir(mode=0o500)
    if place_of == "locked" and os.access(place / "locked", os.W_OK):
        pytest.skip("root may write everywhere")
    before = listing(place)
    ended = run_kn("fit", "mlp", "--out", place_of, "--quiet")
    assert ended.code == 5, ended
    assert place_of in ended.err
    assert listing(place) == before
