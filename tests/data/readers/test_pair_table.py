"""Tables of pairs of texts: guessed, told, refused."""

import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
PAIRS = [(f"Go {n} steps.", f"走{n}步。") for n in range(12)]


def write(path, rows, header=None):
    lines = ["\t".join(row) for row in ([header] if header else []) + rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def sizes(data):
    return sum(map(len, (data.train, data.validation, data.test)))


def test_without_a_header_as_tatoeba_has_it(tmp_path):
    rows = [(*pair, f"CC-BY #{n}") for n, pair in enumerate(PAIRS)]
    data = load(DataConfig(source=write(tmp_path / "cmn.tsv", rows)))
    assert sizes(data) == 12
    assert data.train.translation(0) in dict(PAIRS).values()
    told = " ".join(data.remarks)
    assert "Source: column `column1`; target: column `column2`" in told
    assert "a guess (data.labels)" in told
    assert "Left out beside them: column3" in told


def test_told_columns(tmp_path):
    rows = [(str(n), b, a) for n, (a, b) in enumerate(PAIRS)]
    path = write(tmp_path / "x.tsv", rows, ("id", "zh", "en"))
    told = {"labels": "texts", "text": "en", "target": "zh"}
    data = load(DataConfig(source=path, **told))
    assert data.spec.input.column == "en"
    assert data.spec.target.column == "zh"
    assert data.train.text(0).startswith("Go ")
    with pytest.raises(DataError, match="no column 'eng'"):
        load(DataConfig(source=path, **{**told, "text": "eng"}))


def test_a_row_without_a_side_is_told(tmp_path):
    path = write(tmp_path / "x.tsv", [*PAIRS, ("Alone.", "")], ("en", "zh"))
    data = load(DataConfig(source=path))
    assert sizes(data) == 12
    assert any(
        "1 pair lacks a text" in r and "row 13" in r for r in data.remarks
    )


def test_classes_are_no_translations(tmp_path):
    rows = [(text, ("ham", "spam")[n % 2]) for n, (text, _) in enumerate(PAIRS)]
    data = load(DataConfig(source=write(tmp_path / "x.tsv", rows * 2)))
    assert data.spec.target.kind == "class"


def test_one_column_is_no_pair(tmp_path):
    path = write(tmp_path / "x.tsv", [("a b", "1")] * 5, ("text", "n"))
    with pytest.raises(DataError, match="no pairs of texts"):
        load(DataConfig(source=path, labels="texts"))
