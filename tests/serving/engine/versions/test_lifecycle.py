"""Versions: found, loaded, swapped, labelled, dropped."""

import os
import time

import pytest

from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.versions import lifecycle
from kerasnotes.serving.engine.versions.lifecycle import Versions
from kerasnotes.serving.engine.versions.model_source import ModelSource, Policy

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def collected(monkeypatch):
    """Counts collections; real ones take a second in a large process."""
    calls = []
    monkeypatch.setattr(lifecycle.gc, "collect", lambda: calls.append(1))
    return calls


@pytest.fixture
def base(tmp_path):
    return tmp_path / "m"


def put(base, number, age=10.0):
    """Makes a folder that looks like a version, some seconds old."""
    folder = base / str(number)
    folder.mkdir(parents=True)
    graph = folder / "saved_model.pb"
    graph.write_bytes(b"graph")
    old = time.time() - age
    for path in (graph, folder):
        os.utime(path, (old, old))
    return folder


class Loader:
    """Loads names; fails for the numbers in `broken`."""

    def __init__(self):
        self.broken, self.loaded = set(), []

    def __call__(self, name, number, path):
        self.loaded.append(number)
        if number in self.broken:
            raise ServingError(Code.INTERNAL, f"no {number}")
        return f"{name}/{number}"


def make(base, policy=None, labels=()):
    loader = Loader()
    source = ModelSource("m", base, policy or Policy(), labels)
    return Versions(source, loader), loader


def test_the_highest_number_is_served(base):
    for number in (1, 9, 10):
        put(base, number)
    (base / "notes").mkdir()
    (base / "11").mkdir()  # without a graph
    versions, loader = make(base)
    versions.refresh()
    assert versions.newest() == "m/10"
    assert loader.loaded == [10]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy(latest=2), {2, 3}),
        (Policy(every=True), {1, 2, 3}),
        (Policy(specific=(1, 3)), {1, 3}),
        (Policy(specific=(7,)), set()),
    ],
)
def test_policies(base, policy, expected):
    for number in (1, 2, 3):
        put(base, number)
    versions, _ = make(base, policy)
    versions.refresh()
    assert set(versions.available) == expected


def test_a_new_version_is_there_before_the_old_one_goes(base, collected):
    put(base, 1)
    versions, loader = make(base)
    versions.refresh()
    put(base, 2)
    during = []
    load = versions._load
    versions._load = lambda *a: (during.append(versions.newest()), load(*a))[1]
    versions.refresh()
    assert during == ["m/1"]
    assert versions.newest() == "m/2"
    assert set(versions.available) == {2}
    assert versions.known[1].state == "END"
    assert collected == [1]
    # And back again, if the new one is taken away.
    os.rename(base / "2", base / "not-2")
    versions.refresh()
    assert versions.newest() == "m/1"


def test_a_broken_version_leaves_the_old_one_and_is_tried_again(
    base, monkeypatch
):
    put(base, 1)
    versions, loader = make(base)
    versions.refresh()
    loader.broken = {2}
    folder = put(base, 2)
    versions.refresh()
    versions.refresh()
    assert versions.newest() == "m/1"
    assert loader.loaded == [1, 2]  # not at every look
    assert versions.known[2].error.message == "no 2"
    monkeypatch.setattr(lifecycle, "PAUSE", 0.0)
    for _ in range(10):
        versions.refresh()
    assert loader.loaded.count(2) == lifecycle.TRIES
    # Mended: other files are a new beginning.
    loader.broken = set()
    (folder / "saved_model.pb").write_bytes(b"better graph")
    versions.refresh(patient=False)
    assert versions.newest() == "m/2"
    assert set(versions.available) == {2}


def test_at_the_start_an_older_version_stands_in_for_a_broken_one(base):
    put(base, 1)
    put(base, 2)
    versions, loader = make(base)
    loader.broken = {2}
    versions.refresh(patient=False)
    assert versions.newest() == "m/1"


def test_a_folder_that_is_still_being_copied_is_left_alone(base):
    put(base, 1)
    versions, loader = make(base)
    versions.refresh()
    folder = put(base, 2, age=0.0)
    versions.refresh()
    assert loader.loaded == [1]
    old = time.time() - 5
    for path in (folder / "saved_model.pb", folder):
        os.utime(path, (old, old))
    versions.refresh()
    versions.refresh()
    assert versions.newest() == "m/2"


def test_labels_point_at_loaded_versions_only(base):
    put(base, 1)
    put(base, 2)
    labels = (("stable", 1), ("canary", 2), ("gone", 3))
    versions, _ = make(base, Policy(every=True), labels)
    versions.refresh()
    assert versions.labelled("stable") == "m/1"
    assert versions.labelled("canary") == "m/2"
    assert versions.labelled("gone") is None
    assert versions.labelled("unknown") is None


def test_unloading_drops_and_loading_brings_back(base):
    put(base, 1)
    versions, loader = make(base)
    versions.refresh()
    versions.wanted = False
    versions.refresh()
    assert versions.newest() is None
    versions.wanted = True
    versions.refresh(patient=False)
    assert versions.newest() == "m/1"
    assert loader.loaded == [1, 1]


def test_an_empty_folder_serves_nothing_any_more(base):
    put(base, 1)
    versions, _ = make(base)
    versions.refresh()
    (base / "1").rename(base / "gone")
    versions.refresh()
    assert versions.newest() is None


def test_what_cannot_be_seen_leaves_what_is_served(base, caplog):
    """A folder that is being replaced, or too many open files."""
    folder = put(base, 1)
    versions, _ = make(base)
    versions.refresh()
    base.rename(base.with_name("away"))
    for _ in range(3):
        versions.refresh()
    assert versions.newest() == "m/1"
    assert len(caplog.messages) == 1
    base.with_name("away").rename(base)
    versions.refresh()
    single = Versions(
        ModelSource("m", folder, single=True), lambda *args: "single"
    )
    single.refresh()
    (folder / "saved_model.pb").unlink()
    single.refresh()
    assert single.newest() == "single"


def test_labels_move_once_their_version_is_there(base):
    put(base, 1)
    put(base, 2)
    versions, loader = make(base, Policy(specific=(1,)), (("new", 1),))
    versions.refresh()
    labelled = []
    load = versions._load
    versions._load = lambda *a: (
        labelled.append(versions.labelled("new")),
        load(*a),
    )[1]
    source = ModelSource("m", base, Policy(specific=(2,)), (("new", 2),))
    versions.refresh(patient=False, source=source)
    assert labelled == ["m/1"]
    assert versions.labelled("new") == "m/2"
    assert set(versions.available) == {2}


@pytest.mark.parametrize("error", [RecursionError("deep"), OSError("x"), 3])
def test_whatever_a_load_raises_is_its_own_trouble(base, error):
    put(base, 1)

    def load(name, number, path):
        raise error if isinstance(error, Exception) else KeyError("k")

    versions = Versions(ModelSource("m", base), load)
    versions.refresh(patient=False)
    status = versions.known[1].status()
    assert (status.state, status.code) == ("END", "INTERNAL")
    assert status.message


def test_one_saved_model_is_its_own_version(base):
    folder = put(base, 7)
    assert ModelSource("m", folder, single=True).folders() == {7: folder}
    renamed = folder.rename(base / "plain")
    assert ModelSource("m", renamed, single=True).folders() == {1: renamed}


def test_ended_versions_do_not_pile_up(base):
    versions, _ = make(base)
    for number in range(1, 60):
        put(base, number)
        versions.refresh()
    assert len(versions.known) <= lifecycle.REMEMBERED + 2
