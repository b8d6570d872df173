"""Images read row by row, or pixel by pixel."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.data.load import load
from kerasnotes.data.outline import outline
from kerasnotes.data.series.pictures import to_field
from kerasnotes.data.spec import Spec
from kerasnotes.data.statistics import fit

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("way", "shape"), [("rows", (8, 8)), ("pixels", (64, 1))]
)
def test_digits(way, shape):
    images = load(DataConfig(source="digits"))
    data = load(DataConfig(source="digits", read_as=way))
    assert data.spec.input.kind == "series"
    assert data.spec.input.shape == shape
    assert data.spec.of_files == images.spec
    assert data.fingerprint == images.fingerprint
    x, y = data.test[5]
    image, label = images.test[5]
    np.testing.assert_array_equal(x.reshape(image.shape), image)
    assert y == label
    assert outline(DataConfig(source="digits", read_as=way))[0] == data.spec
    assert Spec.from_json(data.spec.to_json()) == data.spec


def test_statistics_are_those_of_the_channels():
    images = load(DataConfig(source="digits"))
    data = load(DataConfig(source="digits", read_as="rows"))
    mean, variance = fit(images.train, images.spec)
    found = fit(data.train, data.spec)
    # Not of each column: those of the border never vary.
    np.testing.assert_allclose(found[0], np.repeat(mean, 8))
    np.testing.assert_allclose(found[1], np.repeat(variance, 8))


def test_colours_of_a_row():
    image = load(DataConfig(source="digits")).spec.input
    image = type(image)("image", "image", (4, 5, 3), "uint8")
    rows, pixels = to_field(image, "rows"), to_field(image, "pixels")
    assert rows.shape == (4, 15)
    assert rows.names[:4] == (
        *(f"pixel 0, channel {c}" for c in range(3)),
        "pixel 1, channel 0",
    )
    assert pixels.shape == (20, 3)


def test_a_folder_of_images(tmp_path):
    from kerasnotes.data.exporting import export

    export(load(DataConfig(source="digits")), tmp_path / "d", count=40)
    given = {"source": str(tmp_path / "d"), "image_size": 8}
    images = load(DataConfig(**given))
    data = load(DataConfig(**given, read_as="rows"))
    for index in range(len(data.test)):
        x, y = data.test[index]
        image, label = images.test[index]
        np.testing.assert_array_equal(x.reshape(image.shape), image)
        assert y == label


def test_other_data_stay_what_they_are():
    data = load(DataConfig(source="iris", read_as="rows"))
    assert data.spec.input.kind == "table"
