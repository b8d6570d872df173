"""Labels: codes stay text, missing ones are named, doubts are asked about."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load
from kerasnotes.data.meaning import labels
from kerasnotes.data.problems import Problems

pytestmark = pytest.mark.once


def encode(values, problems=None, **fields):
    config = DataConfig(**fields)
    values = values if isinstance(values, np.ndarray) else np.array(values)
    return labels.encode(values, "set", config, problems or Problems())


@pytest.fixture
def load_labels(tmp_path, config):
    """Loads a table with these labels, as text."""

    def read(texts, **fields):
        rows = [f"{(7 * i) % 31},{t}" for i, t in enumerate(texts)]
        (tmp_path / "a.csv").write_text("\n".join(["u,label", *rows]))
        return load(config(tmp_path / "a.csv", test=0, validation=0, **fields))

    return read


@pytest.mark.parametrize(
    ("texts", "classes"),
    [
        (["0010", "010", "10"], ("0010", "010", "10")),
        (["123456789012345678", "7"], ("7", "123456789012345678")),
        (["123456789012345678901", "7"], ("123456789012345678901", "7")),
        (["1e3", "1000"], ("1000", "1e3")),
        (["+1", "1"], ("+1", "1")),
        (["10", "9", "1"], ("1", "9", "10")),
        (["2.0", "1.0"], ("1", "2")),
        (["-1", "1"], ("-1", "1")),
        (["1_0", "10"], ("10", "1_0")),
        (["00", "0"], ("0", "00")),
        (["true", "false"], ("false", "true")),
    ],
)
def test_codes_stay_text_and_numbers_are_sorted(load_labels, texts, classes):
    data = load_labels(texts * 10)
    assert data.spec.target.classes == classes
    assert [data.spec.target.classes[y] for y in data.train.y] == [
        classes[classes.index(t if t in classes else t.split(".")[0])]
        for t in texts * 10
    ]


@pytest.mark.parametrize(
    "word",
    [
        *("", "?", "NaN", "NA", "null", "None", "n/a", "nan", "#N/A", " "),
        *("-", ".", "missing"),
    ],
)
def test_missing_labels_are_named_by_line(load_labels, word):
    texts = ["a", "b"] * 10
    texts[3] = texts[17] = word
    with pytest.raises(DataError, match="missing label") as error:
        load_labels(texts)
    shown = f" ({word.strip()})" if word.strip() else ""
    assert f"line 5: column label: missing value{shown}" in str(error.value)
    assert "line 19:" in str(error.value)


@pytest.mark.parametrize("code", ["-999", "-9999", "-99"])
def test_numbers_for_missing_labels_are_named(load_labels, code):
    texts = ["0", "1"] * 10
    texts[3] = code
    with pytest.raises(DataError, match=rf"missing value \({code}\)"):
        load_labels(texts, labels="classes")


def test_marks_that_are_classes_stay_so(load_labels):
    data = load_labels(["+", "-"] * 10)
    assert data.spec.target.classes == ("+", "-")
    data = load_labels(["-1", "-999", "3"] * 10, labels="classes")
    assert "-999" in data.spec.target.classes


@pytest.mark.parametrize("mark", ["-", ".", "missing"])
def test_marks_are_classes_where_all_labels_are(load_labels, mark):
    data = load_labels(["cat", "dog", mark] * 10, labels="classes")
    assert set(data.spec.target.classes) == {"cat", "dog", mark}
    with pytest.raises(DataError, match="data.labels=classes"):
        load_labels(["cat", "dog", mark] * 10)
    with pytest.raises(DataError, match="missing label"):
        load_labels(["cat", "dog", "?"] * 10, labels="classes")


def test_a_word_that_is_named_as_a_class_is_one(load_labels):
    texts = ["None", "Mild", "Severe"] * 5
    data = load_labels(texts, classes=["None", "Mild", "Severe"])
    assert data.spec.target.classes == ("Mild", "None", "Severe")
    assert data.train.y[:3].tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    "gone", [None, float("nan"), "nan", "", "?", "NA", np.datetime64("NaT")]
)
def test_missing_labels_of_arrays_are_named(gone):
    values = np.array(["a", "b"] * 10, dtype=object)
    values[[4, 7]] = gone
    with pytest.raises(DataError, match="2 labels of set are missing") as error:
        encode(values)
    assert f"{gone} at example 4, {gone} at example 7" in str(error.value)


def test_missing_numbers_are_named():
    with pytest.raises(DataError, match=r"nan at example 1, .* and 2 more"):
        encode(np.array([1.0, *[np.nan] * 12]))


TWINS = [
    ["Yes", "yes"],
    ["a", "a "],
    [" a", "a"],
    ["CAT", "Cat", "cat"],
    ["1", "1.0"],
    ["Straße", "STRASSE"],
]


@pytest.mark.parametrize("twins", TWINS)
def test_spellings_are_asked_about(load_labels, twins):
    texts = [*twins, "other"] * 5
    with pytest.raises(DataError, match="one class or several") as error:
        load_labels(texts)
    assert all(repr(text) in str(error.value) for text in twins)
    with pytest.raises(DataError, match="one class or several"):
        encode(texts)


def test_spellings_that_are_classes_are_named(load_labels):
    texts = ["Yes", "yes", "no"] * 5
    data = load_labels(texts, classes=["yes", "no", "Yes"])
    assert data.spec.target.classes == ("Yes", "no", "yes")


def test_blanks_beside_every_label_are_no_part_of_it(load_labels):
    assert load_labels([" a", " b"] * 5).spec.target.classes == ("a", "b")


AGES = np.arange(18, 71)
MEASURED = {
    "ages": np.repeat(AGES, 3),
    "years": np.repeat(np.arange(1990, 2021), 4),
    "floats": np.repeat(AGES, 3).astype(float),
    "counts with gaps": np.repeat([*range(25), 30, 41], 5),
    "counts with a rare one": np.array([*np.repeat(range(25), 5), 25]),
    "rings": np.repeat(
        range(1, 30),
        [2, 3, 15, 57, 115, 259, 391, 568, 689, 634, 487, 267]
        + [203, 126, 103, 67, 58, 42, 32, 26, 14, 6, 9, 2, 2, 2, 2, 2, 2],
    ),
    "few rings": np.repeat(
        range(1, 18),
        [2, 5, 15, 57, 115, 259, 391, 568, 689, 634, 487, 267]
        + [103, 67, 26, 9, 2],
    ),
    "degrees": np.repeat(np.arange(-12, 14), 3),
}


@pytest.mark.parametrize("name", MEASURED)
def test_many_whole_numbers_are_asked_about(load_labels, name):
    values = MEASURED[name]
    with pytest.raises(DataError, match="classes, or measurements of a reg"):
        encode(values)
    with pytest.raises(DataError, match="--set data.labels=classes"):
        load_labels(map(str, values))
    y, names = encode(values, labels="classes")
    assert len(names) == len(np.unique(values))
    assert [int(names[n]) for n in y] == values.tolist()


@pytest.mark.parametrize(
    "values",
    [
        np.repeat(np.arange(47), 5),
        np.repeat(np.arange(1, 27), 5),
        np.repeat(np.arange(100), 5),
        np.repeat([3, 4, 5, 6, 7, 8], 50),
        np.repeat(np.arange(18, 30), 9),
        # As many of each letter as English has, and fewer and fewer.
        np.repeat(
            np.arange(26),
            [82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24]
            + [67, 75, 19, 2, 60, 63, 91, 28, 10, 24, 2, 20, 2],
        ),
        np.repeat(np.arange(30), np.arange(120, 0, -4)),
        # Ten digits, in whichever shares.
        np.repeat(np.arange(10), [2, 9, 30, 80, 99, 90, 70, 30, 9, 2]),
    ],
)
def test_numbered_classes_are_classes(values):
    _, names = encode(values)
    assert names == tuple(map(str, np.unique(values)))


@pytest.mark.parametrize("kind", ["uint8", "int64", "float32", "bool"])
@pytest.mark.parametrize("classes", [2, 5])
def test_one_hot_labels(kind, classes):
    expected = np.arange(30) % classes
    y, names = encode(np.eye(classes, dtype=kind)[expected])
    np.testing.assert_array_equal(y, expected)
    assert y.dtype == "int32"
    assert names == tuple(map(str, range(classes)))


@pytest.mark.parametrize(
    "row", [[1, 1, 0], [0, 0, 0], [0.5, 0.5, 0], [2, 0, 0], [np.nan, 0, 1]]
)
def test_rows_that_are_no_single_class_are_refused(row):
    values = np.eye(3)[np.arange(9) % 3]
    values[4] = row
    with pytest.raises(DataError, match="not one class per ex") as e:
        encode(values)
    assert "at example 4" in str(e.value)


def test_names_that_are_the_values_rename_nothing():
    assert labels.rename(["cat", "dog"], ["dog", "cat"]) == ("cat", "dog")
    assert labels.rename(["0", "1"], ["no", "yes"]) == ("no", "yes")


def test_codes_of_a_frame_stay_text(config):
    pandas = pytest.importorskip("pandas")
    y = pandas.Series(["0010", "010", "10"] * 5).astype("category")
    data = load(
        config(), to_arrays((np.random.default_rng(0).normal(size=(15, 2)), y))
    )
    assert data.spec.target.classes == ("0010", "010", "10")


@pytest.mark.parametrize("count", [10, 12, 30])
def test_more_numbers_than_digits_are_told_to_be_classes(load_labels, count):
    data = load_labels([str(n) for n in range(count)] * 9)
    assert data.spec.target.num_classes == count
    told = [r for r in data.remarks if "data.labels=values" in r]
    assert len(told) == (count > 10)
    said = load_labels([str(n) for n in range(count)] * 9, labels="classes")
    assert not any("data.labels=values" in r for r in said.remarks)


def test_a_class_that_may_be_no_label_is_told(load_labels):
    data = load_labels(["cat", "Unknown", "dog"] * 5)
    (told,) = [r for r in data.remarks if "`Unknown` is a class" in r]
    assert "leave its examples out" in told
    named = load_labels(
        ["cat", "unknown", "dog"] * 5, classes=["cat", "dog", "unknown"]
    )
    assert not any("unknown" in r for r in named.remarks)


def test_versions_are_no_numbers_unasked(load_labels):
    texts = ["1.1", "1.2", "1.10"] * 9
    with pytest.raises(DataError, match="1.1 and 1.10, .* two versions"):
        load_labels(texts)
    data = load_labels(texts, labels="classes")
    assert data.spec.target.classes == ("1.1", "1.10", "1.2")
    assert load_labels(texts, labels="values").spec.target.kind == "values"
    plain = load_labels(["1.0", "2", "1.5", "1", "2.00"] * 9)
    assert plain.spec.target.kind == "values"


def test_arrays_are_told_what_files_are(config):
    x = np.random.default_rng(0).normal(size=(99, 2))
    data = load(config(), to_arrays((x, np.arange(99) % 11)))
    assert any("11 whole numbers 0 to 10" in r for r in data.remarks)
