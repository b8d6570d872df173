"""The label column, columns that number the rows, and what is said of them."""

import re

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load
from kerasnotes.data.meaning.columns import choose_labels

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
COUNT = 60
SIZE = RNG.normal(size=COUNT)
KIND = np.repeat(["a", "b", "c"], COUNT // 3)


@pytest.fixture
def save(tmp_path):
    """Writes columns as a CSV."""

    def write(**columns):
        lines = [",".join(columns)]
        lines += [
            ",".join(map(str, row))
            for row in zip(*columns.values(), strict=True)
        ]
        (tmp_path / "set.csv").write_text("\n".join(lines))
        return tmp_path / "set.csv"

    return write


@pytest.mark.parametrize(
    ("names", "texts", "label"),
    [
        (["a", "b", "kind"], {"kind"}, "kind"),
        (["label", "x", "second"], set(), "label"),
        (["a", "Class", "b"], {"Class"}, "Class"),
        (["x", "y"], set(), "y"),
        (["y", "u", "v"], set(), "y"),
        (["species", "x", "y"], {"species"}, "species"),
        (["a", "b", "c"], set(), "c"),
        (["name", "city", "kind"], {"name", "city", "kind"}, "kind"),
    ],
)
def test_the_label_is_found(names, texts, label):
    config = DataConfig.model_validate({})
    assert choose_labels(names, config, "f", texts=texts)[0] == (label,)


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (["x", "y", "material"], {"material"}),
        (["x", "y", "z"], set()),
        (["y", "size", "kind"], {"kind"}),
        (["label", "target", "a"], set()),
        (["class", "a", "species"], {"class"}),
        (["diagnosis", "radius", "texture"], {"diagnosis"}),
    ],
)
def test_an_unclear_label_is_asked_for(names, texts):
    config = DataConfig.model_validate({})
    with pytest.raises(DataError, match="Which column of f is the") as error:
        choose_labels(names, config, "f", texts=texts)
    assert "--target " in str(error.value.hint)
    if len(texts) == 1:
        # Classes are texts more often than numbers.
        assert error.value.hint.endswith(*texts)
    told = DataConfig(target=names[0])
    assert choose_labels(names, told, "f", texts=texts) == (
        (names[0],),
        "as you say",
    )


def test_label_features_and_what_is_left_out_are_told(save, config):
    data = load(config(save(Id=range(COUNT), size=SIZE, kind=KIND)))
    assert data.spec.input.names == ("size",)
    assert "The label is the column `kind`, the last column." in data.remarks
    assert "Features, 1: size." in data.remarks
    (left,) = [r for r in data.remarks if "left out" in r]
    assert left == (
        "The column `Id` is left out: it numbers the rows. To keep it: "
        "--set 'data.keep=[Id]'."
    )


COUNTERS = {
    "Id": range(1, COUNT + 1),
    "": range(COUNT),
    "Unnamed: 0": RNG.permutation(3 * COUNT)[:COUNT],
    "anything": RNG.permutation(COUNT),
    "running": range(COUNT, 0, -1),
    "floats": np.arange(COUNT, dtype=float),
    "PassengerId": np.arange(COUNT) * 7 + 1000,
    "sample_id": [f"S{i:04}" for i in range(COUNT)],
    "row": range(500, 500 + COUNT),
    "PassengerNo": np.cumsum(np.arange(COUNT) % 3 + 1) + 100,
    "order nr.": np.cumsum(np.arange(COUNT) % 3 + 1) + 100,
}


@pytest.mark.parametrize("name", COUNTERS)
def test_a_counter_is_left_out_unless_it_is_kept(save, config, name):
    path = save(**{name: COUNTERS[name], "size": SIZE, "kind": KIND})
    data = load(config(path))
    assert data.spec.input.names == ("size",)
    shown = name or "column1"
    assert any(f"`{shown}` is left out" in remark for remark in data.remarks)
    if name != "sample_id":
        kept = load(config(path, keep=[shown]))
        assert kept.spec.input.names == (shown, "size")


@pytest.mark.parametrize(
    "values",
    [
        RNG.integers(18, 70, COUNT),
        np.arange(COUNT) % 30,
        np.arange(COUNT) + 1.7e5,
        np.arange(COUNT) / 2,
        2 * np.arange(COUNT),
    ],
)
def test_other_whole_numbers_are_features(save, config, values):
    data = load(config(save(amount=values, size=SIZE, kind=KIND)))
    assert data.spec.input.names == ("amount", "size")


@pytest.mark.parametrize("name", ["casino", "Weight", "zip code"])
def test_numbers_that_are_not_given_in_turn_are_features(save, config, name):
    values = np.random.default_rng(4).permutation(COUNT) * 3 + 100
    data = load(config(save(**{name: values, "size": SIZE, "kind": KIND})))
    assert data.spec.input.names == (name, "size")


def test_an_empty_column_is_left_out(save, config):
    data = load(config(save(size=SIZE, none=[""] * COUNT, kind=KIND)))
    assert data.spec.input.names == ("size",)
    assert "The column `none` is left out: it is empty." in data.remarks
    behind = save(**{"size": SIZE, "kind": KIND, "": [""] * COUNT})
    data = load(config(behind))
    assert data.spec.input.names == ("size",)
    assert data.spec.target.classes == ("a", "b", "c")


def test_an_identifier_of_groups_is_a_feature_and_told(save, config):
    path = save(patient_id=np.arange(COUNT) // 3, size=SIZE, kind=KIND)
    data = load(config(path))
    assert data.spec.input.names == ("patient_id", "size")
    told = "To leave it out: --set 'data.leave_out=[patient_id]'."
    assert any(told in remark for remark in data.remarks)


def test_a_misspelt_column_is_told(save, config):
    path = save(size=SIZE, kind=KIND)
    with pytest.raises(DataError, match="did you mean `kind`"):
        load(config(path, target="kin"))
    for setting, verb in (("keep", "keep"), ("leave_out", "leave out")):
        told = f"no column `sise` to {verb}; did you mean `size`?"
        with pytest.raises(DataError, match=re.escape(told)):
            load(config(path, **{setting: ["sise"]}))
        measured = load(config(path, **{setting: ["sise"]}), measured=True)
        assert measured.spec.input.names


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_is_read_as_a_file_is(library, config):
    frame = pytest.importorskip(library).DataFrame
    table = frame({"Id": np.arange(COUNT), "size": SIZE})
    arrays = to_arrays((table, KIND))
    data = load(config(), arrays)
    assert data.spec.input.names == ("size",)
    assert any("`Id` is left out" in remark for remark in data.remarks)
    assert load(config(keep=["Id"]), arrays).spec.input.names == ("Id", "size")
    assert load(
        config(leave_out=["size"], keep=["Id"]), arrays
    ).spec.input.shape == (1,)


def test_an_array_is_kept_and_its_counter_told(config):
    x = np.stack([SIZE, np.arange(COUNT)], axis=1)
    data = load(config(), to_arrays((x, KIND)))
    assert data.spec.input.shape == (2,)
    assert any("Column 1 of the array numbers" in r for r in data.remarks)
