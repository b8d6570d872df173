"""Files of sequences: what is guessed is shown, what is not clear is asked."""

import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.readers.ts_cases import read_cases
from tests.sequence_files import (
    make_sequences,
    write_folder,
    write_table,
    write_ts,
)

pytestmark = pytest.mark.once
VALUES, TARGETS = make_sequences()


def remarks(data):
    return " ".join(data.remarks)


def test_a_long_table_is_guessed_and_the_guess_shown(tmp_path, config):
    path = write_table(tmp_path / "set.csv", VALUES, TARGETS)
    data = load(config(path))
    assert data.spec.input.sequence == "case_id"
    assert data.spec.input.time == "time"
    assert data.spec.input.names == ("a", "b")
    assert "a guess. To read each row by itself" in remarks(data)
    # Its rows are mixed: the column of time puts them in order.
    assert any(np.array_equal(data.train.values[0], one) for one in VALUES)
    rows = load(config(path, sequence="rows"))
    assert rows.spec.input.kind == "table"


def test_without_a_step_it_is_asked(tmp_path, config):
    path = write_table(tmp_path / "set.csv", VALUES, TARGETS, step=False)
    data = load(config(path))
    assert data.spec.input.kind == "table"
    assert "--set 'data.sequence=case_id'" in remarks(data)
    told = load(config(path, sequence="case_id"))
    assert told.spec.input.varied
    assert "in the order of the file" in remarks(told)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda rows: rows + ["s0,99,1,2,slow"], "several labels"),
        (lambda rows: rows + ["s0,1,1,2,fast"], "repeated stamp"),
        (lambda rows: rows + ["s0,99,,2,fast"], "missing value"),
        (lambda rows: rows + ["s99,0,1,2,"], "missing label"),
    ],
)
def test_what_no_sequence_can_have_is_named(change, what, tmp_path, config):
    path = write_table(tmp_path / "set.csv", VALUES, TARGETS)
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
    with pytest.raises(DataError, match=what):
        load(config(path, sequence="case_id"))


def test_a_column_that_is_not_there_is_asked_for(tmp_path, config):
    path = write_table(tmp_path / "set.csv", VALUES, TARGETS)
    with pytest.raises(DataError, match="tells sequences apart") as caught:
        load(config(path, sequence="case"))
    assert "case_id" in caught.value.hint


def test_measured_targets_are_a_regression(tmp_path, config):
    values, targets = make_sequences(measured=True)
    data = load(config(write_table(tmp_path / "set.csv", values, targets)))
    assert data.spec.target.kind == "values"
    for i in range(len(data.test)):
        assert data.test[i][1] == data.test.lengths[i] / 2


def test_a_folder_has_the_columns_of_its_first_file(tmp_path, config):
    folder = write_folder(tmp_path / "set", VALUES, TARGETS)
    data = load(config(folder))
    assert data.spec.input.names == ("a", "b")
    assert "in the order of `time`" in remarks(data)
    (folder / "slow" / "99.csv").write_text("time,a\n0,1\n1,2\n")
    with pytest.raises(DataError, match="different columns") as caught:
        load(config(folder))
    assert "slow/99.csv: it lacks b" in caught.value.received


def test_a_folder_may_hold_arrays_and_be_divided(tmp_path, config):
    for number, (one, target) in enumerate(zip(VALUES, TARGETS, strict=True)):
        place = tmp_path / "set" / ("test" if number < 8 else "train") / target
        place.mkdir(parents=True, exist_ok=True)
        np.save(place / f"{number}.npy", one)
    data = load(config(tmp_path / "set"))
    assert len(data.test) == 8
    assert data.spec.target.classes == ("fast", "slow")
    assert "has no sequence" not in remarks(data)
    for path in (tmp_path / "set" / "test" / "slow").iterdir():
        path.unlink()
    data = load(config(tmp_path / "set"))
    assert "Class slow has no sequence in test/." in remarks(data)


def test_ts_files_of_two_parts_go_together(tmp_path, config):
    write_ts(tmp_path / "Toy_TRAIN.ts", VALUES[:30], TARGETS[:30])
    write_ts(tmp_path / "Toy_TEST.ts", VALUES[30:], TARGETS[30:])
    for source in (tmp_path / "Toy_TRAIN.ts", tmp_path):
        data = load(config(source))
        assert len(data.test) == 10
        assert "Toy_TEST.ts (test)" in remarks(data)
    assert len(load(config(tmp_path / "Toy_TEST.ts", test=0.2)).test) == 2


def test_ts_numbers_padding_and_targets(tmp_path):
    path = tmp_path / "set.ts"
    path.write_text(
        "# comment\n@problemName X\n@targetLabel true\n@DATA\n"
        "1.5,2,?:3,4,NaN:0.5\n7:8:-1\n"
    )
    found = read_cases(path)
    assert found.measured
    assert found.targets == ["0.5", "-1"]
    # Rows at the end in which every dimension is missing are padding.
    np.testing.assert_array_equal(found.values[0], [[1.5, 3], [2, 4]])
    np.testing.assert_array_equal(found.values[1], [[7, 8]])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("1,2:3:a", "dimensions have"),
        ("1,x:3,4:a", "could not convert"),
        ("(0,1.5),(1,2):a", "a time with each value"),
        ("a", "no values"),
    ],
)
def test_ts_lines_that_cannot_be_read_are_told(line, why, tmp_path):
    path = tmp_path / "set.ts"
    path.write_text(f"@classLabel true a b\n@data\n1,2:3,4:a\n{line}\n")
    with pytest.raises(DataError, match=f"line 4.*{why}"):
        read_cases(path)


@pytest.mark.parametrize(
    "text",
    ["1,2:3\n", "@problemName X\n", "@classLabel false\n@data\n1,2\n"],
)
def test_what_is_no_ts_file_of_targets_is_refused(text, tmp_path, config):
    (tmp_path / "set.ts").write_text(text)
    with pytest.raises(DataError) as caught:
        load(config(tmp_path / "set.ts"))
    assert caught.value.expected


def test_a_column_that_puts_no_rows_in_order_is_read(tmp_path, config):
    """`frame` repeats in the first file: whatever it is, it is a feature."""
    for number, (one, target) in enumerate(zip(VALUES, TARGETS, strict=True)):
        place = tmp_path / "set" / target
        place.mkdir(parents=True, exist_ok=True)
        rows = [f"{k % 2 + 0.5},{a},{b}" for k, (a, b) in enumerate(one)]
        text = "\n".join(["frame,a,b", *rows]) + "\n"
        (place / f"{number:02d}.csv").write_text(text)
    data = load(config(tmp_path / "set"))
    assert data.spec.input.names == ("frame", "a", "b")
