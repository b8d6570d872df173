"""A text file as a language: tokens, windows, parts, bad files."""

import mmap

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.language import language_tokens
from kerasnotes.data.language.language_tokens import Writer, encode
from kerasnotes.data.load import load
from kerasnotes.data.text.tokenizer import UNKNOWN, open_json, train

pytestmark = pytest.mark.once
LINE = "The cat sat; the dog, 3 times, did not.\r\n"
TEXT = (
    "".join(f"{n} {LINE}" for n in range(60))
    + "\u00e9 e\u0301 \u732b \U0001f431\n"
)


def write(tmp_path, content, name="book.txt"):
    path = tmp_path / name
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(data)
    return path


def read(path, **settings):
    return load(DataConfig(source=str(path), **settings))


@pytest.mark.parametrize("kind", ["character", "bpe", "word"])
def test_tokens_are_those_of_the_library(tmp_path, kind):
    data = read(write(tmp_path, TEXT), tokenizer=kind, vocabulary=300, window=4)
    split = data.train
    text = "".join(split.file.between(*split.span))
    assert "\r" not in text
    lines = text.splitlines(keepends=True)
    learned = train(
        [text] if kind == "character" else lines, kind, vocabulary=300
    )
    assert learned.size == data.spec.input.vocabulary
    expected = [n for line in learned.numbers(lines) for n in line]
    np.testing.assert_array_equal(split.ids, expected)
    writer = Writer(open_json(data.spec.input.tokenizer))
    again = "".join(writer.add(int(number)) for number in split.ids)
    if kind == "word":
        # In small letters; what parted words is not kept.
        again, text = again.replace(" ", ""), "".join(text.lower().split())
    assert again == text


def test_parts_lie_one_after_the_other(tmp_path):
    data = read(write(tmp_path, TEXT), window=8, test=0.1, validation=0.1)
    parts = [data.train, data.validation, data.test]
    spans = [part.span for part in parts]
    assert spans[0][0] == 0
    assert spans[0][1] == spans[1][0]
    assert spans[1][1] == spans[2][0]
    # In form NFC, with plain line ends: two signs of `e\u0301` are one.
    whole = TEXT.replace("\r\n", "\n").replace("e\u0301", "\u00e9")
    assert spans[2][1] == len(whole)
    text = "".join("".join(p.file.between(*p.span)) for p in parts)
    assert text == whole
    x, y = parts[2].read(np.arange(len(parts[2])))
    np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
    np.testing.assert_array_equal(x.reshape(-1), parts[2].ids[: x.size])
    # The last signs stand in the test part alone.
    assert (parts[2].ids == UNKNOWN).sum() == 4
    assert any("4 of" in remark for remark in data.remarks)


def test_an_epoch_shows_the_training_part_once(tmp_path):
    train_part = read(write(tmp_path, TEXT), window=8).train
    orders = [
        train_part.order(np.random.default_rng(seed)) for seed in range(6)
    ]
    first = {tuple(sorted(order // len(train_part))) for order in orders}
    assert len(first) > 1
    for order in orders:
        assert sorted(order % len(train_part)) == list(range(len(train_part)))
        x, y = train_part.read(order)
        assert x.shape == (len(train_part), 8)
        assert x.dtype == np.int32
        np.testing.assert_array_equal(x[:, 1:], y[:, :-1])


def test_many_tokens_lie_in_a_file(tmp_path, monkeypatch):
    path = write(tmp_path, TEXT)
    held = read(path).train.ids
    monkeypatch.setattr(language_tokens, "HELD", 100)
    monkeypatch.setattr("kerasnotes.data.language.text_file.PIECE", 64)
    found = read(path).train.ids
    assert isinstance(found, np.memmap)
    assert found.dtype == held.dtype == np.uint8
    np.testing.assert_array_equal(found, held)


def test_pages_that_were_let_go_are_read_again(tmp_path, monkeypatch):
    path = write(tmp_path, TEXT)
    held = read(path, window=8).train
    monkeypatch.setattr(language_tokens, "HELD", 100)
    monkeypatch.setattr("kerasnotes.data.language.language_split.READS", 2)
    filed = read(path, window=8).train
    assert isinstance(filed.ids.base, mmap.mmap)
    np.testing.assert_array_equal(filed.counts(99), held.counts(99))
    for n in range(5):
        where = np.arange(n, n + 3)
        for one, other in zip(filed.read(where), held.read(where), strict=True):
            np.testing.assert_array_equal(one, other)


def test_two_bytes_where_one_is_too_small(tmp_path):
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 400))) * 4
    assert read(write(tmp_path, text)).train.ids.dtype == np.uint16


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"a" * 2000, "single token"),
        (b"ab", "too short"),
        (b"\x00\xff\x81" * 900, "is no text"),
    ],
)
def test_bad_files(tmp_path, content, words):
    with pytest.raises(DataError, match=words):
        read(write(tmp_path, content))


@pytest.mark.parametrize(
    "setting", [{"classes": ("a", "b")}, {"horizon": 3}, {"length": 9}]
)
def test_settings_of_other_data(tmp_path, setting):
    with pytest.raises(UsageError, match="language without labels"):
        read(write(tmp_path, TEXT), **setting)


def test_unknown_tokens_have_one_place():
    learned = train(["abc"], "character")
    found = encode(["a\u732bb"], learned)
    assert found[1] == UNKNOWN
    assert found[0] != UNKNOWN != found[2]


def test_a_character_of_several_bytes_is_told_whole():
    learned = train(["plain"], "bpe", 258)
    writer = Writer(learned)
    told = [writer.add(int(n)) for n in encode(["\u732b!"], learned)]
    assert told == ["", "", "\u732b", "!"]


def test_a_table_by_the_name_of_a_text_is_told(tmp_path):
    rows = "".join(f"{n}\tword\t{n * n}\n" for n in range(200))
    told = " ".join(read(write(tmp_path, rows)).remarks)
    assert "has 3 cells, parted by tabs" in told
    assert "call it book.tsv" in told
    assert "parted by tabs" not in " ".join(
        read(write(tmp_path, rows + "a line of words\n" + rows)).remarks
    )
