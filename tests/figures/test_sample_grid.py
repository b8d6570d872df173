"""Grids of samples: every pixel where it belongs."""

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import StorageError
from kerasnotes.figures import sample_grid as grid

pytestmark = pytest.mark.once


def test_raw_values_become_bytes_by_the_limits():
    values = np.array([-3.0, 0, 8, 16, 99, np.nan]).reshape(1, 2, 3, 1)
    found = grid.to_bytes(values, (0.0, 16.0))
    np.testing.assert_array_equal(found, [[[0, 0, 128], [255, 255, 0]]])
    assert found.dtype == np.uint8


@pytest.mark.parametrize(("channels", "shape"), [(2, ()), (3, (3,)), (5, (3,))])
def test_channels_become_grey_or_colour(channels, shape):
    values = np.zeros((4, 6, 5, channels))
    assert grid.to_bytes(values, (0, 255)).shape == (4, 6, 5, *shape)


def test_eight_bit_images_keep_their_bytes(rng):
    x = rng.integers(0, 256, (3, 4, 4, 3)).astype("uint8")
    np.testing.assert_array_equal(grid.to_bytes(x, (0, 255)), x)


def test_tiles_lie_row_after_row():
    pictures = np.arange(1, 6, dtype="uint8")[:, None, None].repeat(60, 1)
    sheet = grid.tile(pictures.repeat(50, 2), 2)
    assert sheet.shape == (3 * 62 + 2, 2 * 52 + 2)
    for number in range(5):
        top, left = 62 * (number // 2) + 2, 52 * (number % 2) + 2
        block = sheet[top : top + 60, left : left + 50]
        assert (block == number + 1).all()
    assert (sheet[126:, 54:] == 255).all()


def test_small_pictures_are_enlarged_in_whole_multiples():
    pictures = np.array([[[0, 200], [200, 0]]], "uint8")
    sheet = grid.tile(pictures, 1)
    assert sheet.shape == (52, 52)
    assert (sheet[2:26, 26:50] == 200).all()
    assert grid.tile(pictures, 1, enlarge=False).shape == (6, 6)


def test_classes_in_turn_get_a_column_each():
    turns = np.arange(40) % 10
    assert grid.grid_columns(40, turns, 10) == 10
    assert grid.grid_columns(40, np.full(40, 3), 10) == 7
    assert grid.grid_columns(64, None, 10) == 8
    assert grid.grid_columns(4, turns[:4], 10) == 4


def test_text_travels_in_the_png(tmp_path):
    path = tmp_path / "a.png"
    grid.save_png(np.zeros((3, 4), "uint8"), path, {"key": "Wert äöü"})
    with Image.open(path) as image:
        assert image.info["key"] == "Wert äöü"
        assert image.size == (4, 3)
    with pytest.raises(StorageError):
        grid.save_png(np.zeros((3, 4), "uint8"), tmp_path / "no" / "a.png")


def test_a_film_has_every_picture(tmp_path):
    frames = [np.full((8, 8), 60 * i, "uint8") for i in range(4)]
    grid.save_gif(frames, tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as film:
        assert film.n_frames == 4
        assert film.info["duration"] == 180
        film.seek(3)
        assert film.info["duration"] == 1500
        assert np.asarray(film.convert("L"))[0, 0] == 180
