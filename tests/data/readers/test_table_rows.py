"""What a model is asked is read by what read its training data."""

import numpy as np
import polars as pl
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.readers.tables.table_rows import read_rows

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
SIZE = RNG.normal(size=(40, 2)).round(4)
ROWS = [f"{u};{v};{'ab'[i % 2]}" for i, (u, v) in enumerate(SIZE.tolist())]


def comma(text):
    return text.replace(".", ",")


WRITTEN = {
    "header": (["u;v;kind", *ROWS], "utf-8"),
    "no header": (ROWS, "utf-8"),
    "decimal commas": (["u;v;kind", *map(comma, ROWS)], "utf-8"),
    "quotes": (['"u;m";"v, m";kind', *ROWS], "utf-8"),
    "sep line": (["sep=;", "u;v;kind", *ROWS], "cp1252"),
    "Windows": (["größe;v;kind", *ROWS], "cp1252"),
    "UTF-16": (["größe;v;kind", *ROWS], "utf-16"),
    "names are numbers": (["400;401;kind", *ROWS], "utf-8"),
    "a counter": (
        ["Id;u;v;kind", *(f"{i};{row}" for i, row in enumerate(ROWS))],
        "utf-8",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_is_asked_as_it_was_trained_on(save, config, name):
    lines, encoding = WRITTEN[name]
    path = save(*lines, encoding=encoding)
    data = load(config(path, test=0, validation=0))
    np.testing.assert_array_equal(data.train.x, SIZE.astype("float32"))
    np.testing.assert_array_equal(read_rows(path, data.spec), data.train.x)
    bare = [line.rpartition(";")[0] for line in lines if "sep" not in line]
    asked = save(*bare, encoding=encoding, name="asked.csv")
    np.testing.assert_array_equal(read_rows(asked, data.spec), data.train.x)


def test_other_kinds_of_table(save, config, tmp_path):
    path = save(
        "u\tv\tkind", *(r.replace(";", "\t") for r in ROWS), name="a.tsv"
    )
    data = load(config(path, test=0, validation=0))
    frame = pl.DataFrame({"v": SIZE[:, 1], "more": SIZE[:, 0], "u": SIZE[:, 0]})
    frame.write_parquet(tmp_path / "b.parquet")
    asked = read_rows(tmp_path / "b.parquet", data.spec)
    np.testing.assert_array_equal(asked, data.train.x)


def test_one_column_is_enough(save, config):
    path = save("u,kind", *(f"{u},{'ab'[int(u > 0)]}" for u in SIZE[:, 0]))
    spec = load(config(path)).spec
    asked = save("u", "1.5", "2", name="asked.csv")
    np.testing.assert_array_equal(read_rows(asked, spec), [[1.5], [2]])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["u;w", "1;2"], "missing: v"),
        (["u;v", "1;2", "3;"], "line 3: column v: missing value"),
        (["u;v", "1;x", "3;4"], "line 2: column v: 'x' is not a number"),
        (["u;v", "1;1e99"], "1e99 is not finite"),
        (["u;v"], "no rows"),
        ([""], "it is empty"),
    ],
)
def test_what_cannot_be_asked_is_told(save, config, lines, message):
    spec = load(config(save("u;v;kind", *ROWS))).spec
    with pytest.raises(DataError, match=message):
        read_rows(save(*lines, name="asked.csv"), spec)
