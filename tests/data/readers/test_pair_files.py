"""Aligned files: found, read, refused with what is wrong."""

import gzip

import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load, read
from kerasnotes.data.problems import Problems

pytestmark = pytest.mark.once
GERMAN = [f"Das ist Satz Nummer {n}, Bär." for n in range(20)]
ENGLISH = [f"This is sentence number {n}, bear." for n in range(20)]


def write(path, lines, encoding="utf-8"):
    raw = "".join(f"{line}\n" for line in lines).encode(encoding)
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    for part in ("train", "val", "test_2016_flickr"):
        write(folder / f"{part}.de.gz", [f"{part} {s}" for s in GERMAN])
        write(folder / f"{part}.en.gz", [f"{part} {s}" for s in ENGLISH])
    (folder / "README.md").write_text("about")
    return folder


def source(path, **settings):
    return DataConfig(source=str(path), **settings)


def test_a_folder_divided_on_disk(corpus):
    data = load(source(corpus))
    assert data.spec.name == "corpus"
    assert [len(p) for p in (data.train, data.validation, data.test)] == [
        20
    ] * 3
    assert data.test.text(0).startswith("test_2016_flickr Das")
    assert data.train.translation(3) == f"train {ENGLISH[3]}"
    assert "Source: de; target: en, a guess (--target)." in data.remarks
    assert data.train.name(2) == "train.de.gz line 3"
    other = load(source(corpus, target="de"))
    assert "Source: en; target: de." in other.remarks
    assert other.train.text(0) == f"train {ENGLISH[0]}"


def test_one_file_finds_the_other(tmp_path):
    write(tmp_path / "book.de", GERMAN)
    # A line separator of Unicode ends no line.
    write(tmp_path / "book.en", ["a\u2028b.", *ENGLISH[1:]])
    data = load(source(tmp_path / "book.de"))
    assert sum(map(len, (data.train, data.validation, data.test))) == 20
    assert data.spec.name == "book"


@pytest.mark.parametrize(
    ("files", "settings", "told"),
    [
        ({"a.de": GERMAN, "a.en": ENGLISH[:-1]}, {}, "20 and 19"),
        ({"a.de": GERMAN, "a.en": ENGLISH, "a.fr": ENGLISH}, {}, "Which lang"),
        ({"a.de": GERMAN, "a.en": ENGLISH}, {"target": "nl"}, "no language"),
        (
            {"a.de": GERMAN, "a.en": ENGLISH, "b.de": GERMAN, "b.en": ENGLISH},
            {},
            "which part",
        ),
        (
            {"train.de": GERMAN, "train.en": ENGLISH, "val.de": GERMAN}
            | {"val.fr": ENGLISH},
            {"text": "de", "target": "en"},
            "not there in both",
        ),
    ],
)
def test_what_is_not_clear_is_refused(tmp_path, files, settings, told):
    for name, lines in files.items():
        write(tmp_path / name, lines)
    with pytest.raises(DataError) as caught:
        read(source(tmp_path, **settings), Problems())
    assert told in f"{caught.value} {caught.value.received}"
    assert caught.value.expected


def test_mixed_encodings_are_named_by_line(tmp_path):
    write(tmp_path / "a.en", ENGLISH)
    lines = [line.encode() for line in GERMAN]
    lines[4] = GERMAN[4].encode("latin-1")
    (tmp_path / "a.de").write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(DataError, match="not in one encoding") as caught:
        read(source(tmp_path), Problems())
    assert caught.value.received == "1 others: line 5"


def test_a_whole_file_in_another_encoding(tmp_path):
    write(tmp_path / "a.en", ENGLISH)
    write(tmp_path / "a.de", GERMAN, "cp1252")
    data = load(source(tmp_path))
    assert "Bär" in data.train.text(0)
    assert any("a.de is read as cp1252, a guess" in r for r in data.remarks)
    data = load(source(tmp_path, encoding="cp1252"))
    assert "Bär" in data.train.text(0)
    with pytest.raises(DataError, match="not in the encoding ascii"):
        load(source(tmp_path, encoding="ascii"))


def test_a_damaged_file(tmp_path):
    write(tmp_path / "a.en", ENGLISH)
    (tmp_path / "a.de.gz").write_bytes(b"no gzip")
    with pytest.raises(DataError, match="cannot be read"):
        read(source(tmp_path), Problems())


def test_multi30k(shared_data):
    data = load(source(shared_data / "text" / "multi30k", tokenizer="word"))
    sizes = [len(p) for p in (data.train, data.validation, data.test)]
    assert sizes == [29_000, 1_014, 1_000]
