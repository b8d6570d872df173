"""Series in files: the same from every door, and what is refused."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.exporting import export
from kerasnotes.data.held.held_table import HeldTable
from kerasnotes.data.load import load
from kerasnotes.data.readers.tables.series_rows import read_past

pytestmark = pytest.mark.once
ROWS, H, T = 120, 4, 10
RNG = np.random.default_rng(0)
HOURS = np.datetime64("2021-03-01T00:00:00", "us") + np.arange(
    ROWS
) * np.timedelta64(60, "m")
TABLE = {
    "when": HOURS,
    "load (kW)": RNG.normal(size=ROWS).round(3),
    "wind": RNG.normal(5, 2, ROWS).round(3),
}
ETT = Path(os.environ.get("KERASNOTES_SERIES", "nowhere")) / "ETTh1.csv"
"""Zhou et al., 2021: not part of the package."""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name="s.csv", **changes):
    frame = pl.DataFrame({**TABLE, **changes})
    if name.endswith("parquet"):
        frame.write_parquet(name)
    else:
        separator = "\t" if name.endswith("tsv") else ","
        frame.write_csv(
            name, separator=separator, datetime_format="%Y-%m-%d %H:%M:%S"
        )
    return name


def read(source, **settings):
    given = {"horizon": H, "window": T, **settings}
    return load(DataConfig(source=str(source), **given))


def numbers(data):
    return data.train.values


@pytest.mark.parametrize("name", ["s.csv", "s.tsv", "s.parquet"])
def test_every_kind_of_file(name, place):
    data = read(write(name))
    assert data.spec.input.names == ("load (kW)", "wind")
    assert [c.units for c in data.spec.target.columns] == ["kW", ""]
    assert (data.spec.input.step, data.spec.input.season) == ("1 h", 24)
    assert data.spec.input.time == "when"
    expected = np.stack([TABLE["load (kW)"], TABLE["wind"]], axis=1)
    np.testing.assert_array_equal(numbers(data), expected.astype("float32"))
    assert data.train.name(0) == "2021-03-01 10:00:00"


def test_a_frame_in_memory_is_the_same(place):
    frame = pl.DataFrame(TABLE)
    config = DataConfig(source="<arrays>", horizon=H, window=T)
    held = load(config, HeldTable(frame))
    assert held.fingerprint == read(write()).fingerprint


@pytest.mark.parametrize(
    "form", ["%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M"]
)
def test_ways_to_write_a_time(form, place):
    texts = [stamp.item().strftime(form) for stamp in HOURS]
    data = read(write(when=texts))
    assert data.spec.input.step == "1 h"


def test_targets_are_chosen(place):
    data = read(write(), target="wind")
    assert data.spec.target.names == ("wind",)
    assert data.spec.input.names == ("load (kW)", "wind")
    x, y = data.train[3]
    np.testing.assert_array_equal(y[:, 0], numbers(data)[3 + T : 3 + T + H, 1])
    assert x.shape == (T, 2)


def test_mixed_rows_are_sorted(place):
    mixed = RNG.permutation(ROWS)
    plain = numbers(read(write("plain.csv")))
    changed = {name: np.asarray(v)[mixed] for name, v in TABLE.items()}
    data = read(write("mixed.csv", **changed))
    np.testing.assert_array_equal(numbers(data), plain)
    assert any("sorted" in remark for remark in data.remarks)


def without(*rows):
    kept = np.delete(np.arange(ROWS), rows)
    return {name: np.asarray(v)[kept] for name, v in TABLE.items()}


def test_missing_rows_are_filled_when_asked(place):
    write(**without(40, 41, 42))
    held, line = (numbers(read("s.csv", gaps=g)) for g in ("hold", "linear"))
    plain = np.stack([TABLE["load (kW)"], TABLE["wind"]], axis=1)
    assert len(held) == len(line) == ROWS
    np.testing.assert_allclose(held[40:43], np.tile(plain[39], (3, 1)))
    between = plain[39] + np.arange(1, 4)[:, None] / 4 * (plain[43] - plain[39])
    np.testing.assert_allclose(line[40:43], between, atol=1e-6)
    assert len(numbers(read("s.csv", gaps="ignore"))) == ROWS - 3


def test_missing_cells_are_filled_when_asked(place):
    wind = TABLE["wind"].copy()
    wind[[7, 8]] = np.nan
    write(wind=wind)
    found = numbers(read("s.csv", gaps="hold"))
    np.testing.assert_allclose(found[7:9, 1], TABLE["wind"][6], rtol=1e-6)


FAULTS = {
    "missing stamps": without(40, 41),
    "repeated stamp": {"when": np.where(np.arange(ROWS) == 9, HOURS[8], HOURS)},
    "missing cell": {"wind": [None, *TABLE["wind"][1:]]},
    "bad stamp": {"when": ["soon", *(str(h) for h in HOURS[1:])]},
    "constant target": {"wind": np.ones(ROWS)},
    "lost digits": {"wind": 1.7e9 + np.arange(ROWS) * 2.5},
}


@pytest.mark.parametrize("kind", FAULTS)
def test_faults_are_told(kind, place):
    write(**FAULTS[kind])
    with pytest.raises(DataError) as caught:
        read("s.csv")
    assert kind in caught.value.message
    assert caught.value.expected
    assert caught.value.received


def test_nothing_to_begin_with(place):
    write(wind=[None, *TABLE["wind"][1:]])
    with pytest.raises(DataError, match="missing cell"):
        read("s.csv", gaps="hold")


def test_two_columns_of_time_are_asked_about(place):
    write(then=HOURS)
    with pytest.raises(DataError) as caught:
        read("s.csv")
    assert "when, then" in caught.value.message
    assert read("s.csv", time="then").spec.input.time == "then"


def test_a_counter_and_texts_are_left_out(place):
    write(number=np.arange(ROWS), kind=["a", "b"] * (ROWS // 2))
    data = read("s.csv")
    assert data.spec.input.names == ("load (kW)", "wind")
    told = " ".join(data.remarks)
    assert "`number` is left out" in told
    assert "`kind` is left out" in told


def test_without_a_time(place):
    pl.DataFrame(TABLE).drop("when").write_csv("s.csv")
    data = read("s.csv")
    assert (data.spec.input.time, data.spec.input.season) == ("", 0)
    assert data.train.name(0) == f"row {T}"


def test_years_are_a_time_if_the_user_says_so(place):
    pl.DataFrame(
        {"year": np.arange(1900, 1900 + ROWS), "wind": TABLE["wind"]}
    ).write_csv("s.csv")
    data = read("s.csv", time="year")
    assert data.spec.input.names == ("wind",)
    assert data.spec.input.step == "1"


def test_what_comes_after_a_file(place):
    data = read(write(), target="wind")
    past = read_past(Path("s.csv"), data.spec)
    np.testing.assert_array_equal(past.values, numbers(data)[-T:])
    assert past.times[0] == "2021-03-06 00:00:00"
    assert len(past.times) == H


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: {k: v[:5] for k, v in TABLE.items()}, "5 rows"),
        (lambda: without(ROWS - 3), "are missing"),
        (lambda: {"wind": ["calm"] * ROWS}, "are missing"),
        (
            lambda: {
                "when": HOURS[0] + np.arange(ROWS) * np.timedelta64(1, "D")
            },
            "a row every 1 d",
        ),
        (
            lambda: {"when": np.repeat(HOURS[:1], ROWS)},
            "stamp of the row before",
        ),
    ],
)
def test_what_cannot_be_gone_on_from(change, words, place):
    spec = read(write()).spec
    write("next.csv", **change())
    with pytest.raises(DataError) as caught:
        read_past(Path("next.csv"), spec)
    assert words in str(caught.value.received)


def test_working_days_are_gone_on_from(place):
    days = np.datetime64("2024-01-01", "D") + np.arange(200)
    kept = days[np.is_busday(days)][:ROWS].astype("datetime64[us]")
    write(when=kept)
    data = read("s.csv", gaps="ignore")
    past = read_past(Path("s.csv"), data.spec)
    assert not past.times
    np.testing.assert_allclose(
        past.values[:, 0], TABLE["load (kW)"][-T:], rtol=1e-6
    )


@pytest.mark.parametrize("known", [["wend"], ["wind", "wind"], ["when"]])
def test_what_is_known_is_a_column_of_numbers(known, place):
    with pytest.raises(DataError, match=r"data\.known") as caught:
        read(write(), known=known, target="load (kW)")
    assert "load (kW), wind" in str(caught.value)


def test_exported_windows_come_back(place):
    data = read(write())
    paths = export(data, place / "out", "test", 3)
    for path in paths:
        past = read_past(path, data.spec)
        rows = [data.test[i][0] for i in range(len(data.test))]
        assert any(np.array_equal(past.values, row) for row in rows)


@pytest.mark.skipif(
    not ETT.exists(), reason="KERASNOTES_SERIES names no folder with ETTh1.csv"
)
def test_the_usual_division_of_etth1():
    data = load(
        DataConfig(
            source=str(ETT),
            horizon=96,
            window=336,
            rows=14_400,
            validation=0.2,
        )
    )
    sizes = [len(data.split(p)) for p in ("train", "validation", "test")]
    # 12, 4 and 4 months of 30 days; as many windows as Informer has.
    assert sizes == [8209, 2785, 2785]
    assert (data.train.stop, data.validation.stop) == (8640, 11_520)
    assert (data.spec.input.step, data.spec.input.season) == ("1 h", 24)
