"""Where samples go, decided before anything is drawn."""

from pathlib import Path

import pytest

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.use.sample_files import OutputRequest, Places, plan

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(out=None, trajectory=None, *, grid=None, table=False, count=4):
    out, trajectory = (
        None if p is None else Path(p) for p in (out, trajectory)
    )
    output = OutputRequest(out, trajectory, grid)
    return plan(output, name="vae", table=table, count=count)


def test_by_default_one_picture_under_the_next_free_name():
    assert planned() == Places(grid=Path("vae-samples.png"))
    Path("vae-samples.png").touch()
    assert planned() == Places(grid=Path("vae-samples-2.png"))
    Path("vae-samples-2").mkdir()
    assert planned(grid=False) == Places(folder=Path("vae-samples-3"))


def test_a_table_becomes_rows_and_a_picture_of_them():
    rows, picture = Path("vae-samples.csv"), Path("vae-samples.png")
    assert planned(table=True) == Places(picture, None, rows)
    assert planned(table=True, grid=False) == Places(None, None, rows)
    assert planned("a", table=True) == Places(
        Path("a/grid.png"), None, Path("a/samples.csv")
    )
    assert planned("b.csv", table=True) == Places(values=Path("b.csv"))


def test_files_and_folders_are_told_by_their_names():
    assert planned("a.png") == Places(grid=Path("a.png"))
    assert planned("a.npz") == Places(values=Path("a.npz"))
    assert planned("a.npz", grid=True) == Places(
        grid=Path("a.png"), values=Path("a.npz")
    )
    assert planned("a") == Places(Path("a/grid.png"), Path("a"))
    assert planned("a", grid=False) == Places(folder=Path("a"))
    assert planned("run.v2") == Places(Path("run.v2/grid.png"), Path("run.v2"))
    Path("b.png").mkdir()
    assert planned("b.png").folder == Path("b.png")
    assert planned("one.png", grid=False, count=1).grid == Path("one.png")


def test_a_trajectory_is_a_strip_a_film_or_arrays():
    for name in ("a.png", "a.gif", "a.npz"):
        assert planned(trajectory=name).way == Path(name)
    assert planned(trajectory="a.npz", table=True).way == Path("a.npz")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"out": "a.jpg"}, "not written as .jpg"),
        ({"out": "a.GIF"}, "not written as .gif"),
        ({"out": "a.csv"}, "not written as .csv"),
        ({"out": "a.png", "grid": False}, "do not fit into one PNG"),
        ({"trajectory": "a.mp4"}, "trajectory cannot be written"),
        ({"trajectory": "a"}, "trajectory cannot be written"),
        (
            {"trajectory": "a.gif", "table": True},
            "trajectory cannot be written",
        ),
    ],
)
def test_wishes_that_do_not_go_together_are_refused(wish, message):
    with pytest.raises(UsageError, match=message):
        planned(**wish)


def test_nothing_is_mixed_with_what_is_there():
    Path("full").mkdir()
    Path("full/file").touch()
    with pytest.raises(StorageError, match="not empty"):
        planned("full")
    Path("empty").mkdir()
    assert planned("empty").folder == Path("empty")
    Path("file").touch()
    with pytest.raises(StorageError, match="Cannot write"):
        planned("file")
