"""Examples written as files are read back as the same pixels and classes."""

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, StorageError
from kerasnotes.data.dataset import ArraySplit, Dataset
from kerasnotes.data.exporting import export, folder_names
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load
from kerasnotes.tasks.inputs import read_examples
from tests.specs import flat

pytestmark = pytest.mark.once

PARTS = ("train", "validation", "test")


def dataset(spec, x, y):
    split = ArraySplit(x, y)
    return Dataset(spec, split, split, split, "")


def image_spec(**changes):
    values = {
        "name": "set",
        "input": "image",
        "shape": (12, 12, 1),
        "dtype": "uint8",
        "target": "class",
        "classes": ("a", "b", "c"),
    }
    return flat(**{**values, **changes})


def everything(data):
    """Returns every example of a data set as `(class name, bytes)`."""
    found = []
    for part in PARTS:
        split = data.split(part)
        for index in range(len(split)):
            x, y = split[index]
            found.append((data.spec.target.classes[int(y)], x.tobytes()))
    return sorted(found)


def test_digits_come_back(tmp_path):
    data = load(DataConfig(source="digits"))
    paths = export(data, tmp_path / "new", "test", 40)
    assert len(paths) == 40
    read = load(DataConfig(source=str(tmp_path / "new"), image_size=8))
    assert read.spec.input.shape == data.spec.input.shape
    found = everything(read)
    assert len(found) == 40
    # White is 255 in a file, and 16 in the set.
    for name, pixels in found:
        raw = np.frombuffer(pixels, "uint8") / (255 / 16)
        whole = np.rint(raw)
        assert np.abs(raw - whole).max() < 0.04
        assert (name, whole.astype("uint8").tobytes()) in everything(data)
    # As `kn predict` reads a file: the raw values 0 to 16.
    (x,) = read_examples(paths[0], data.spec)
    assert (str(paths[0].parent.name), x.tobytes()) in everything(data)
    assert x.max() == 16


def test_masks_come_back(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (12, 12, 10, 3), "uint8")
    y = rng.integers(0, 3, (12, 12, 10))
    spec = image_spec(
        shape=(12, 10, 3),
        target="mask",
        classes=("ground", "a cell", "一个"),
        mask_values=(0, 7, 300),
    )
    paths = export(dataset(spec, x, y), tmp_path, count=12)
    assert [path.name for path in paths] == [f"{n}.png" for n in range(12)]
    read = load(DataConfig(source=str(tmp_path)))
    assert (read.spec.target.classes, read.spec.target.mask_values) == (
        spec.target.classes,
        spec.target.mask_values,
    )
    pairs = {
        (a.tobytes(), b.astype("int32").tobytes())
        for a, b in zip(x, y, strict=True)
    }
    for part in PARTS:
        for image, mask in (read.split(part)[i] for i in range(1)):
            assert (image.tobytes(), mask.tobytes()) in pairs


def test_coloured_masks_come_back(tmp_path):
    y = np.tile(np.arange(12).reshape(1, 12, 1) % 2, (6, 1, 12))
    spec = image_spec(
        target="mask", classes=("blue", "red"), mask_values=(0x0000FF, 0xFF0000)
    )
    x = np.zeros((6, 12, 12, 1), "uint8")
    export(dataset(spec, x, y), tmp_path)
    listed = (tmp_path / "classes.txt").read_text()
    assert listed == "0,0,255 blue\n255,0,0 red\n"
    read = load(DataConfig(source=str(tmp_path)))
    assert read.spec.target.mask_values == spec.target.mask_values
    assert (read.train[0][1] == y[0]).all()


def test_tables_come_back(tmp_path):
    data = load(DataConfig(source="ring"))
    (path,) = export(data, tmp_path, "train", 64)
    read = load(DataConfig(source=str(path)))
    assert read.spec.input.names == data.spec.input.names
    assert set(everything(read)) <= set(everything(data))


def test_measured_values_and_categories_come_back(tmp_path):
    source = tmp_path / "homes.csv"
    rows = [f"{i / 3},{['Ulm', 'Bonn'][i % 2]},{i + 0.5}" for i in range(40)]
    source.write_text("\n".join(["size,town,price (EUR)", *rows]))
    config = DataConfig(source=str(source), target="price (EUR)", test=0.5)
    data = load(config)
    (path,) = export(data, tmp_path / "some")
    values = {"source": str(path), "test": 0, "validation": 0}
    read = load(config.model_copy(update=values))
    assert read.spec.input == data.spec.input
    assert read.spec.target.names == data.spec.target.names
    x, y = data.arrays("test")
    for part, expected in zip(read.arrays("train"), (x, y), strict=True):
        assert sorted(part.tolist()) == sorted(expected.tolist())


def test_no_picture_holds_a_measured_value(tmp_path):
    x = np.zeros((20, 8, 8, 1), "uint8")
    held = to_arrays((x, np.arange(20) / 3))
    data = load(DataConfig(source="arrays"), held)
    with pytest.raises(DataError, match="measured values"):
        export(data, tmp_path / "pictures")


def test_a_column_called_like_the_label_keeps_its_name(tmp_path):
    names, columns = ("p", "q"), ("label", "x")
    spec = flat("t", "table", (2,), "float32", "class", names, columns)
    x = np.arange(40, dtype="float32").reshape(20, 2)
    (path,) = export(dataset(spec, x, np.arange(20) % 2), tmp_path)
    assert path.read_text().splitlines()[0] == "label,x,class"


@pytest.mark.parametrize(
    ("dtype", "suffix"), [("uint16", ".png"), ("float32", ".tiff")]
)
def test_deep_pixels_come_back(dtype, suffix, tmp_path):
    values = np.linspace(0, 40_000, 6 * 144).reshape(6, 12, 12, 1)
    x = values.astype(dtype)
    spec = image_spec(dtype=dtype)
    paths = export(dataset(spec, x, np.arange(6) % 3), tmp_path)
    assert {path.suffix for path in paths} == {suffix}
    assert np.asarray(Image.open(paths[0])).max() > 255
    read = load(DataConfig(source=str(tmp_path), image_size=12, test=0.2))
    assert {e for _, e in everything(read)} == {image.tobytes() for image in x}


@pytest.mark.parametrize("values", [(-1, 0, 1), (0, 1, 2**24)])
def test_mask_values_of_no_ordinary_file_are_refused(values, tmp_path):
    spec = image_spec(target="mask", mask_values=values)
    x = np.zeros((3, 12, 12, 1), "uint8")
    with pytest.raises(DataError, match="holds these mask values"):
        export(dataset(spec, x, np.zeros((3, 12, 12))), tmp_path)
    assert not list(tmp_path.iterdir())


def test_pixels_of_no_ordinary_file_are_refused(tmp_path):
    spec = image_spec(shape=(12, 12, 5))
    x = np.zeros((3, 12, 12, 5), "uint8")
    with pytest.raises(DataError, match="No ordinary image file"):
        export(dataset(spec, x, np.arange(3)), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["", "new"])
def test_a_class_that_no_folder_can_be_called_leaves_nothing(place, tmp_path):
    spec = image_spec(classes=("a", "b", "c" * 300))
    x = np.zeros((6, 12, 12, 1), "uint8")
    with pytest.raises(StorageError, match="name too long"):
        export(dataset(spec, x, np.arange(6) % 3), tmp_path / place)
    assert not [path for path in tmp_path.rglob("*") if path.name != "new"]


def test_a_folder_that_holds_something_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StorageError, match="not empty"):
        export(load(DataConfig(source="ring")), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_part_that_is_empty_is_refused(tmp_path):
    data = load(DataConfig(source="ring", validation=0.0))
    with pytest.raises(DataError, match="no validation part"):
        export(data, tmp_path / "new", "validation")
    assert not (tmp_path / "new").exists()


def test_folder_names_are_folders():
    names = folder_names(("T-shirt/top", "..", "images", "__x", "A", "a", ""))
    assert names == [
        *("T-shirt-top", "class 1", "class images", "class __x"),
        *("A", "a-", "class 6"),
    ]
