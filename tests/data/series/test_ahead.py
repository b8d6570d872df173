"""What is known of rows to forecast: the calendar, and planned columns."""

import datetime
import json

import numpy as np
import polars as pl
import pytest

import kerasnotes as kn
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.held.frames import to_polars
from kerasnotes.data.load import load
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.series_rows import read_past
from kerasnotes.data.reading import read_batch
from kerasnotes.data.series.ahead import Ahead, calendar, cycles_of
from kerasnotes.data.series.times import zone_of
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.catalog import choose_task
from kerasnotes.tasks.matching import check_inputs

pytestmark = pytest.mark.once
ROWS, T, H = 24 * 21, 24, 6
START = np.datetime64("2023-12-20T00:00:00")
STAMPS = START + np.arange(ROWS) * np.timedelta64(1, "h")
RNG = np.random.default_rng(0)
VALUES = {
    "load": RNG.normal(size=ROWS).round(3),
    "wind": RNG.normal(size=ROWS).round(3),
    "price": RNG.integers(5, 15, ROWS).astype("float64"),
}


def write(path, stop=ROWS, only_price=0, times=True):
    """Writes rows; of the last `only_price` nothing but the price."""
    heads = (["date"] if times else []) + list(VALUES)
    lines = [",".join(heads)]
    for row in range(stop):
        told = row < stop - only_price
        cells = [str(STAMPS[row]).replace("T", " ")] if times else []
        cells += [
            str(column[row]) if told or name == "price" else ""
            for name, column in VALUES.items()
        ]
        lines.append(",".join(cells))
    path.write_text("\n".join(lines) + "\n")
    return path


def config(path, **settings):
    given = {"horizon": H, "window": T, "target": "load", **settings}
    return DataConfig(source=str(path), **given)


def read(path, **settings):
    return load(config(path, **settings))


def test_the_calendar_is_the_one_of_the_standard_library():
    stamps = np.array(
        ["2024-02-29T23:30:00", "2023-01-01T00:00:00", "1969-12-31T06:15:00"],
        "datetime64[s]",
    )
    names = ("time_of_day", "day_of_week", "day_of_year")
    expected = []
    for stamp in stamps.astype(object):
        known: datetime.datetime = stamp
        hours = known.hour + known.minute / 60
        day = known.timetuple().tm_yday - 1
        expected.append([hours, known.weekday(), day])
    np.testing.assert_array_equal(calendar(stamps, names), expected)


@pytest.mark.parametrize(
    ("step", "count", "expected"),
    [
        ("h", 24 * 14, ("time_of_day", "day_of_week")),
        ("h", 24 * 13, ("time_of_day",)),
        ("h", 47, ()),
        ("D", 800, ("day_of_week", "day_of_year")),
        ("W", 120, ("day_of_year",)),
    ],
)
def test_cycles_are_those_that_come_round_twice(step, count, expected):
    stamps = START.astype(f"datetime64[{step}]") + np.arange(count)
    assert cycles_of(stamps.astype("datetime64[s]")) == expected


def test_a_window_is_told_its_own_rows(tmp_path):
    data = read(
        write(tmp_path / "a.csv"), known="price", calendar=True, test=0.1
    )
    future = data.spec.future
    assert future is not None
    assert future.names[:2] == ("price", "calendar.time_of_day")
    assert future.shape == (H, len(future.columns))
    assert data.spec.input.names == ("load", "wind", "price")
    some = np.array([5, 0])
    x, y = read_batch(data.train, some)
    one, answer = data.train[5]
    np.testing.assert_array_equal(x["future"][0], one["future"])
    np.testing.assert_array_equal(x["series"][0], one["series"])
    np.testing.assert_array_equal(y[0], answer)
    rows = slice(T + 5, T + 5 + H)
    np.testing.assert_array_equal(one["future"][:, 0], VALUES["price"][rows])
    hours = [stamp.hour for stamp in STAMPS[rows].astype(object)]
    np.testing.assert_array_equal(one["future"][:, 1], hours)
    np.testing.assert_allclose(answer[:, 0], VALUES["load"][rows], rtol=1e-6)


def test_a_plan_at_the_end_of_a_file_is_not_trained_on(tmp_path):
    whole = write(tmp_path / "a.csv", ROWS - H)
    planned = write(tmp_path / "b.csv", ROWS, only_price=H)
    one, other = (read(p, known="price") for p in (whole, planned))
    assert one.fingerprint == other.fingerprint
    problems = Problems()
    load_problems = read_with(planned, problems)
    assert load_problems is not None
    assert any("hold only what is known ahead" in n for n in problems.notes)


@pytest.mark.parametrize("gaps", ["refuse", "hold", "linear"])
def test_rows_that_hold_nothing_at_the_end_are_no_truth(gaps, tmp_path):
    whole, longer = write(tmp_path / "a.csv"), write(tmp_path / "b.csv")
    with longer.open("a") as file:
        for hours in range(1, 9):
            stamp = str(STAMPS[-1] + np.timedelta64(hours, "h"))
            file.write(stamp.replace("T", " ") + ",,,\n")
    one, other = (read(p, gaps=gaps) for p in (whole, longer))
    assert one.fingerprint == other.fingerprint
    assert "The last 8 rows hold nothing" in " ".join(other.remarks)


def read_with(path, problems):
    from kerasnotes.data import load as loading

    return loading.read(config(path, known="price"), problems)


def test_a_file_is_asked_about_its_plan(tmp_path):
    data = read(write(tmp_path / "a.csv"), known="price", calendar=True)
    asked = write(tmp_path / "b.csv", 100, only_price=H)
    past = read_past(asked, data.spec)
    last = 100 - H
    np.testing.assert_allclose(
        past.values[:, 0], VALUES["load"][last - T : last], rtol=1e-6
    )
    expected = Ahead((2,), cycles_of(STAMPS))(
        np.stack(list(VALUES.values()), 1)[last:100], STAMPS[last:100]
    )
    np.testing.assert_array_equal(past.future, expected)
    assert past.times[0] == str(STAMPS[last]).replace("T", " ")


def test_a_calendar_is_of_one_time_zone(tmp_path):
    def parquet(name, zone):
        stamps = pl.Series("date", STAMPS.astype("datetime64[us]"))
        stamps = stamps.dt.replace_time_zone("UTC")
        frame = pl.DataFrame({"date": stamps, **VALUES}).with_columns(
            pl.col("date").dt.convert_time_zone(zone)
        )
        frame.write_parquet(tmp_path / name)
        return tmp_path / name

    utc, tokyo = parquet("a.parquet", "UTC"), parquet("b.parquet", "Asia/Tokyo")
    told = read(utc, calendar=True)
    assert told.spec.input.zone == "UTC"
    assert read_past(utc, told.spec).times
    plain = write(tmp_path / "c.csv")
    for other, said in ((tokyo, "told in Asia/Tokyo"), (plain, "without")):
        with pytest.raises(DataError, match="told in UTC") as caught:
            read_past(other, told.spec)
        assert said in str(caught.value.received)
        data = read(other, calendar=True)
        with pytest.raises(DataError, match="told in UTC"):
            check_inputs(data.spec, told.spec)
    # Who sees no stamp is told nothing wrong.
    past = read_past(tokyo, read(utc).spec)
    np.testing.assert_array_equal(
        past.values, read_past(utc, read(utc).spec).values
    )


def test_a_data_frame_keeps_its_zone():
    pandas = pytest.importorskip("pandas")
    for zone in (None, "UTC", "Europe/Berlin"):
        times = pandas.Series(STAMPS).dt.tz_localize(zone)
        found = to_polars(pandas.DataFrame({"date": times}))["date"]
        assert zone_of(found) == (zone or "")
        kept = found.dt.replace_time_zone(None).to_numpy()
        np.testing.assert_array_equal(kept, STAMPS)


@pytest.mark.parametrize("missing", [0, 2])
def test_a_plan_that_is_too_short_is_refused(missing, tmp_path):
    data = read(write(tmp_path / "a.csv"), known="price")
    asked = write(tmp_path / "b.csv", 100, only_price=missing)
    with pytest.raises(DataError) as caught:
        read_past(asked, data.spec)
    assert f"{missing} such rows" in str(caught.value.received)
    assert "--export" in str(caught.value.hint)
    assert f"{H} more rows" in str(caught.value.expected)


def test_what_cannot_be_known_is_refused(tmp_path):
    path = write(tmp_path / "a.csv")
    with pytest.raises(DataError, match="need not be forecast") as caught:
        read(path, known="load")
    assert "--target" in str(caught.value.hint)
    with pytest.raises(DataError, match=r"data\.known.*\n.*\n.*prize"):
        read(path, known="prize")
    bare = write(tmp_path / "b.csv", times=False)
    with pytest.raises(DataError, match="calendar of"):
        read(bare, calendar=True)
    with pytest.raises(UsageError, match="no series in time"):
        load(DataConfig(source="digits", calendar=True))
    # All but what is known is forecast, if nothing is named.
    data = read(path, target=None, known="price")
    assert data.spec.target.names == ("load", "wind")


def test_the_card_of_a_model_names_what_it_is_told(tmp_path):
    from kerasnotes.export.card import describe, make_card

    spec = read(write(tmp_path / "a.csv"), known="price", calendar=True).spec
    answer = {
        "spec": spec.to_json(),
        "limits": None,
        "weights": "ab",
        "versions": {},
        "signatures": {},
    }
    card = make_card({}, answer, name="load", source=tmp_path)
    assert card["features"] == ["load", "wind", "price"]
    assert card["future"] == list(spec.future.names)
    assert "`future`: price, calendar.time_of_day" in describe(card)


def test_notes_of_one_input_refuse_two(tmp_path):
    from kerasnotes.notes import find

    spec = read(write(tmp_path / "a.csv"), known="price").spec
    assert choose_task(find("lstm"), spec) == "forecasting"
    image = fields.image((8, 8, 1), "uint8")
    other = Spec("s", (image, spec.inputs[1]), (fields.one_class("ab"),))
    with pytest.raises(UsageError, match="reads one input"):
        choose_task(find("mlp"), other)
    again = Spec.from_json(json.loads(json.dumps(spec.to_json())))
    assert again == spec
    assert spec.future.columns == (Column("price"),)


@pytest.mark.large
def test_a_forecast_that_is_told_its_rows(tmp_path):
    source = write(tmp_path / "a.csv")
    run = kn.fit(
        "rnn",
        str(source),
        horizon=H,
        window=T,
        target="load",
        known="price",
        calendar=True,
        epochs=1,
        widths=[4],
        out=tmp_path / "run",
        quiet=True,
    )
    asked = write(tmp_path / "b.csv", 100, only_price=H)
    answers = run.predict(str(asked))
    inputs = read_past(asked, run.spec).inputs
    expected = run.model.predict_on_batch(inputs)[0, :, 0]
    told = [answer.values["load"] for answer in answers]
    np.testing.assert_allclose(told, expected, rtol=1e-4)
    np.savez(tmp_path / "c.npz", **inputs)
    for given in (
        str(tmp_path / "c.npz"),
        inputs,
        pl.read_csv(asked, try_parse_dates=True),
    ):
        again = [answer.values["load"] for answer in run.predict(given)]
        np.testing.assert_allclose(again, told, rtol=1e-5)
    np.savez(tmp_path / "d.npz", series=inputs["series"])
    with pytest.raises(DataError, match="what the model is told"):
        run.predict(str(tmp_path / "d.npz"))
    # Columns in another order, with one more: found by name.
    frame = pl.read_csv(source).with_columns(more=pl.lit(1.5))
    frame.select("price", "date", "load", "more", "wind").write_parquet(
        tmp_path / "e.parquet"
    )
    found = kn.evaluate(run, data=str(tmp_path / "e.parquet"), split="test")
    assert found.metrics["rmse"] == pytest.approx(run.metrics["rmse"], rel=1e-4)
    assert any("not told" in remark for remark in found.remarks)
