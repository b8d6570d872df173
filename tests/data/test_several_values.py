"""Tables of several measured labels: the same from every door."""

import csv

import numpy as np
import pytest

import kerasnotes as kn
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.exporting import export
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
ROWS = 80
RNG = np.random.default_rng(0)
X = RNG.normal(size=(ROWS, 3)).round(3)
LOAD = (X @ [1.0, 2.0, 0.0]).round(4)
DRIFT = (50 - 30 * X[:, 2]).round(3)
NAMES = ("load, static (kN)", "drift (mm)")
TABLE = {
    "a": X[:, 0],
    "b": X[:, 1],
    "c": X[:, 2],
    "kind": ["u", "v"] * (ROWS // 2),
    NAMES[0]: LOAD,
    NAMES[1]: DRIFT,
}
QUICK = {"epochs": 40, "widths": [16], "quiet": True}


@pytest.fixture
def place(tmp_path, monkeypatch):
    import polars as pl

    monkeypatch.chdir(tmp_path)
    frame = pl.DataFrame(TABLE)
    frame.write_csv("rig.csv")
    frame.write_csv("rig.tsv", separator="\t")
    frame.write_parquet("rig.parquet")
    return tmp_path


def read(source, target=NAMES, **settings):
    return load(DataConfig(source=str(source), target=target, **settings))


def check(data):
    assert data.spec.target.names == NAMES
    assert [c.units for c in data.spec.target.columns] == ["kN", "mm"]
    assert data.spec.input.names == ("a", "b", "c", "kind")
    for part in ("train", "validation", "test"):
        x, y = data.arrays(part)
        # The rows say what their labels are.
        np.testing.assert_allclose(y[:, 0], x[:, 0] + 2 * x[:, 1], atol=1e-4)
        np.testing.assert_allclose(y[:, 1], 50 - 30 * x[:, 2], atol=1e-3)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_every_file_gives_both_labels_in_the_order_that_was_asked(
    place, suffix
):
    check(read(f"rig.{suffix}"))
    turned = read(f"rig.{suffix}", NAMES[::-1])
    assert turned.spec.target.names == NAMES[::-1]
    assert turned.arrays("test")[1].mean(axis=0)[0] > 20


def test_a_list_with_commas_may_hold_a_name_without(place):
    data = read("rig.csv", " drift (mm) ,a")
    assert data.spec.target.names == ("drift (mm)", "a")
    assert read("rig.csv", NAMES[0]).spec.target.names == NAMES[:1]


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("apart", [False, True])
def test_a_frame_does_so_with_its_labels_in_it_or_apart(library, apart):
    frame = pytest.importorskip(library).DataFrame(TABLE)
    names, target = list(NAMES), NAMES
    if apart:
        x, y = frame[["a", "b", "c", "kind"]], frame[names]
        frame, target = (x, y), None
    check(load(DataConfig(target=target), to_arrays(frame)))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_labels_beside_a_table_of_numbers_keep_their_names(library):
    frame = pytest.importorskip(library).DataFrame(TABLE)
    numbers = frame[["a", "b", "c"]]
    data = load(DataConfig(), to_arrays((numbers, frame[list(NAMES)])))
    assert data.spec.target.names == NAMES
    single = load(DataConfig(), to_arrays((numbers, frame[NAMES[1]])))
    assert single.spec.target.names == ("drift (mm)",)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("drift (mm),kind", "measured values, not classes"),
        ("drift (mm),drift (mm)", "named once"),
        ("drift (mm),", "no column ''"),
        ("drift (mm),lode", "no column 'lode'"),
        ((), "named once"),
    ],
)
def test_what_is_no_list_of_measured_columns_is_refused(place, target, told):
    with pytest.raises(DataError, match=told):
        read("rig.csv", target)
    with pytest.raises(DataError, match=told):
        read("rig.parquet", target)


def test_several_columns_are_no_classes(place):
    with pytest.raises(DataError, match="not classes"):
        read("rig.csv", labels="classes")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_rows_that_lack_one_of_them_are_named(place, suffix):
    import polars as pl

    gone = [None if i == 5 else v for i, v in enumerate(DRIFT.tolist())]
    frame = pl.DataFrame({**TABLE, NAMES[1]: gone})
    getattr(frame, f"write_{suffix}")(f"holes.{suffix}")
    where = "line 7" if suffix == "csv" else "row 5"
    with pytest.raises(DataError, match=rf"{where}.*drift \(mm\): missing"):
        read(f"holes.{suffix}")


def test_an_archive_has_one_array_of_labels(tmp_path):
    np.savez(tmp_path / "rig.npz", x=X, y=np.stack([LOAD, DRIFT], axis=1))
    with pytest.raises(DataError, match="one array"):
        read(tmp_path / "rig.npz", ("y", "z"))
    data = read(tmp_path / "rig.npz", ("y",))
    assert data.spec.target.names == ("value0", "value1")


def test_they_are_trained_scored_asked_and_written_by_name(place):
    run = kn.fit("mlp", data="rig.csv", target=list(NAMES), **QUICK)
    scored = kn.evaluate(run)
    drift = {"rmse_drift_(mm)", "rmse_drift_(mm)_ridge", "r2_drift_(mm)"}
    assert {"r2", "rmse_load,_static_(kN)", *drift} <= set(scored.metrics)
    with open("rig.csv") as file:
        assert NAMES[0] in next(csv.reader(file))
    answers = [answer.values for answer in run.predict("rig.csv")]
    assert tuple(answers[0]) == NAMES
    # Far apart: one in the other's place would be seen.
    low, high = (np.mean([a[t] for a in answers]) for t in NAMES)
    assert high > 20 > low
    data = kn.data("rig.csv", target=NAMES)
    (written,) = export(data, place / "part", count=10)
    again = kn.evaluate(run, data=str(written))
    assert np.isfinite(again.metrics["r2"])
    with pytest.raises(DataError, match="does not fit"):
        kn.evaluate(run, data="rig.csv", target=NAMES[::-1])


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("columns", [["a", "b", "c", "kind"], ["a", "b", "c"]])
def test_a_label_among_the_inputs_is_refused(library, columns):
    frame = pytest.importorskip(library).DataFrame(TABLE)
    names = [*columns, NAMES[1]]
    for labels in (frame[list(NAMES)], frame[NAMES[1]]):
        with pytest.raises(DataError, match="a column of the inputs as well"):
            to_arrays((frame[names], labels))


@pytest.mark.parametrize("columns", [["a", "b", "c", "kind"], ["a", "b", "c"]])
@pytest.mark.parametrize(
    ("target", "told"),
    [("zzz", "no column"), (NAMES[1], "are others"), (NAMES[::-1], "others")],
)
def test_a_target_beside_labels_is_theirs_or_refused(columns, target, told):
    frame = pytest.importorskip("pandas").DataFrame(TABLE)
    held = to_arrays((frame[columns], frame[list(NAMES)]))
    with pytest.raises(DataError, match=told):
        load(DataConfig(target=target), held)
    assert load(DataConfig(target=NAMES), held).spec.target.names == NAMES


@pytest.mark.parametrize("columns", [["a", "kind"], ["a", "b"]])
def test_a_column_for_each_class_names_the_classes(columns):
    frame = pytest.importorskip("pandas").DataFrame(TABLE)
    odd = np.arange(ROWS) % 2 == 1
    labels = type(frame)({"pass": odd.astype(int), "fail": (~odd).astype(int)})
    data = load(DataConfig(), to_arrays((frame[columns], labels)))
    assert data.spec.target.classes == ("fail", "pass")
    x, y = data.arrays("train")
    rows = [int(np.argmin(np.abs(X[:, 0] - value))) for value in x[:, 0]]
    np.testing.assert_array_equal(y, odd[rows])


def test_labels_without_a_column_or_of_other_names_are_refused():
    frame = pytest.importorskip("pandas").DataFrame(TABLE)
    with pytest.raises(DataError, match="no data set"):
        to_arrays((frame[["a", "kind"]], frame[[]]))
    x = frame[["a", "b"]]
    for other in (frame[list(NAMES[::-1])], frame[NAMES[1]], X[:, :2]):
        with pytest.raises(DataError, match="different names"):
            to_arrays({"train": (x, frame[list(NAMES)]), "test": (x, other)})


def test_a_set_of_columns_has_no_order():
    with pytest.raises(ValueError, match="no order"):
        DataConfig(target={"a", "b"})


def test_targets_may_be_given_one_by_one(place):
    from tests.cli.conftest import run_kn

    several = [word for name in NAMES for word in ("--target", name)]
    ended = run_kn("data", "rig.csv", *several)
    assert "labels are the columns `load, static (kN)`, `drift (mm)`" in (
        ended.out
    )
    # The hint can be copied.
    assert f"--target '{NAMES[0]}' --target '{NAMES[1]}'" in ended.out


def test_other_labels_and_other_units_are_not_measured_against(place):
    import polars as pl

    run = kn.fit("mlp", data="rig.csv", target=list(NAMES), **QUICK)
    scaled = TABLE[NAMES[0]] * 1000
    other = {"a": TABLE["a"], "b": TABLE["b"], "c": TABLE["c"]}
    other |= {"kind": TABLE["kind"], "load (N)": scaled, NAMES[1]: DRIFT}
    pl.DataFrame(other).write_csv("newton.csv")
    with pytest.raises(DataError, match="does not fit"):
        kn.evaluate(run, data="newton.csv", target=["load (N)", NAMES[1]])
    other["drift (um)"] = other.pop(NAMES[1])
    pl.DataFrame(other).write_csv("both.csv")
    with pytest.raises(DataError, match="has another unit"):
        kn.evaluate(run, data="both.csv", target=["load (N)", "drift (um)"])
    swapped = pl.read_csv("rig.csv").rename({"a": "b", "b": "a"})
    swapped.write_csv("swapped.csv")
    with pytest.raises(DataError, match="called otherwise"):
        kn.fit(resume=run, data="swapped.csv", epochs=41)


def test_no_metric_takes_anothers_name():
    from kerasnotes.data import fields
    from kerasnotes.data.spec import Spec
    from kerasnotes.tasks.regression import Regression

    columns = [fields.Column(name) for name in ("a", "a_ridge", "constant")]
    spec = Spec("t", (fields.table(["x"]),), (fields.values(columns),))
    task = Regression(spec)
    rng = np.random.default_rng(0)
    truth, answer = rng.normal(size=(2, 9, 3))
    own = task._name(truth, answer, "")
    ridge = task._name(truth, answer, "_ridge")
    assert not own.keys() & ridge.keys()
    assert len(own) == len(ridge) == 14


def test_a_run_knows_its_labels_by_name(place):
    frame = pytest.importorskip("pandas").DataFrame(TABLE)
    x, y = frame[["a", "b", "c", "kind"]], frame[list(NAMES)]
    run = kn.fit("mlp", data=(x, y), **QUICK)
    # Which columns are labels, nobody needs to say again.
    of_file = kn.evaluate(run, data="rig.csv", split="test").metrics
    assert of_file == pytest.approx(run.metrics, rel=1e-4)
