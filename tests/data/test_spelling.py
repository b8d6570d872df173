"""Texts that look alike are one text, however accents are stored."""

import unicodedata

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

from kerasnotes.base.config import DataConfig
from kerasnotes.base.spelling import compose_all, folded
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table_rows import read_rows


def apart(text):
    return unicodedata.normalize("NFD", text)


def test_forms():
    assert apart("é") != "é"
    assert compose_all((apart("é"), "a")) == ("é", "a")
    assert compose_all(3) == 3
    assert folded(apart("É")) == folded("é")


def rows(count=40):
    """Rows with one category and one class, each written in both forms."""
    for i in range(count):
        city, grade = ("Köln", "süß") if i % 2 else ("Bâle", "amer")
        yield (i * 0.37 % 1, *map(apart if i % 3 else str, (city, grade)))


@pytest.fixture(params=["csv", "parquet"])
def table(request, tmp_path):
    path = tmp_path / f"set.{request.param}"
    names = [apart("Größe"), "Stadt", apart("Güte")]
    frame = pl.DataFrame(list(rows()), schema=names, orient="row")
    getattr(frame, f"write_{request.param}")(path)
    return path


def test_tables_in_either_form(table):
    data = load(DataConfig(source=str(table), target="Güte"))
    assert data.spec.input.names == ("Größe", "Stadt")
    assert data.spec.input.columns[1].categories == ("Bâle", "Köln")
    assert set(data.spec.target.classes) == {"amer", "süß"}
    x, y = data.arrays("train")
    # The city tells the class: a category is one, in either form.
    assert {tuple(p) for p in np.stack([x[:, 1], y], 1)} == {(1, 0), (2, 1)}
    assert set(read_rows(table, data.spec)[:, 1]) == {1, 2}


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_data_frames_in_either_form(make):
    names = [apart("Größe"), "Stadt", apart("Güte")]
    columns = dict(
        zip(names, map(list, zip(*rows(), strict=True)), strict=True)
    )
    data = to_arrays(make(columns)).read(DataConfig(target="Güte"), Problems())
    assert data is not None
    assert data.spec.input.names == ("Größe", "Stadt")
    assert set(data.spec.target.classes) == {"amer", "süß"}


def test_folders_in_either_form_are_one_class(tmp_path):
    rng = np.random.default_rng(0)
    for part, form in (("train", str), ("test", apart)):
        for name in ("café", "thé"):
            folder = tmp_path / part / form(name)
            folder.mkdir(parents=True)
            for i in range(6):
                pixels = rng.integers(0, 255, (8, 8), "uint8")
                Image.fromarray(pixels).save(folder / f"{i}.png")
    data = load(DataConfig(source=str(tmp_path)))
    assert data.spec.target.classes == ("café", "thé")
    assert len(data.test) == 12
