"""Files with gaps and small files, through the task to pictures."""

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import DataError
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.readers.image.images import read_gaps
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.restoring import find_restorer
from kerasnotes.tasks.restoring_report import measure_restoring
from tests.specs import flat, reflat

pytestmark = pytest.mark.once
SPEC = flat("d", "image", (8, 8, 1), "uint8", "class", ("a",))
SMALL = reflat(SPEC, shape=(4, 4, 1))


class Filler:
    restores = fills_gaps = True
    takes = SPEC

    def damaged_spec(self):
        return self.takes

    def damage(self, values):
        damaged = values.astype("float32")
        damaged[:, :4] = np.nan
        return damaged

    def restore(self, values, seed):
        return np.where(np.isnan(values), 255, values)


class Enlarger:
    restores, fills_gaps = True, False

    def damaged_spec(self):
        return SMALL

    def damage(self, values):
        return values[:, ::2, ::2].astype("float32")

    def restore(self, values, seed):
        return values.repeat(2, axis=1).repeat(2, axis=2)


def save(path, values, alpha=None, mode="LA"):
    image = Image.fromarray(values.astype("uint8"))
    if alpha is not None:
        image = image.convert(mode)
        image.putalpha(Image.fromarray(alpha.astype("uint8")))
    image.save(path)
    return path


def holed(side=8):
    alpha = np.full((side, side), 255)
    alpha[: side // 2, : side // 4] = 0
    return alpha


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparent_pixels_are_filled_in(tmp_path, mode):
    values = np.full((8, 8), 51)
    path = save(tmp_path / "a.png", values, holed(), mode)
    task = make_task("generation", SPEC)
    (answer,) = task.predict(Filler(), [path], 4)
    assert answer.row == {"file": str(path), "filled": 8 / 64}
    right = np.where(holed() == 0, 255, 51)
    np.testing.assert_array_equal(answer.images["restored"], right)
    # Two pictures of 48 pixels, with edges of 2.
    compared = answer.images["compared"]
    assert compared.shape == (52, 102)
    np.testing.assert_array_equal(compared[2:50:6, 52:100:6], right)
    before = compared[2:50:6, 2:50:6]
    np.testing.assert_array_equal(before[holed() > 0], 51)
    assert set(before[holed() == 0]) == {96, 160}


def test_gaps_of_larger_images_touch_every_mixed_pixel(tmp_path):
    path = save(tmp_path / "a.png", np.full((32, 32), 9), holed(32))
    gaps = read_gaps(path, (8, 8))
    assert gaps[:4, :2].all()
    assert not gaps[6:].any()
    assert not gaps[:, 4:].any()
    # Bicubic filters reach two pixels: the neighbours hold some of the gap.
    assert gaps[4, 0]
    assert gaps[0, 2]


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_images_without_alpha_have_no_gaps(tmp_path, mode):
    Image.new(mode, (8, 8)).save(tmp_path / "a.png")
    assert not read_gaps(tmp_path / "a.png", (8, 8)).any()


def test_palettes_may_be_transparent(tmp_path):
    image = Image.fromarray((holed() > 0).astype("uint8"), "L").convert("P")
    image.save(tmp_path / "a.gif", transparency=image.getpixel((0, 0)))
    np.testing.assert_array_equal(
        read_gaps(tmp_path / "a.gif", (8, 8)), holed() == 0
    )


def test_arrays_say_nan(tmp_path):
    x = np.full((3, 8, 8), 7.0)
    x[1, 2:4] = np.nan
    np.savez(tmp_path / "x.npz", x=x)
    task = make_task("generation", SPEC)
    answers = task.predict(Filler(), [tmp_path / "x.npz"], 2)
    assert [a.row["row"] for a in answers] == [1, 2, 3]
    assert [a.row["filled"] for a in answers] == [0, 0.25, 0]
    x[0, 0, 0] = np.inf
    np.savez(tmp_path / "x.npz", x=x)
    with pytest.raises(DataError, match="infinity"):
        task.predict(Filler(), [tmp_path / "x.npz"], 2)


def test_nothing_missing_is_an_error(tmp_path):
    path = save(tmp_path / "a.png", np.zeros((8, 8)), np.full((8, 8), 255))
    with pytest.raises(DataError, match="Nothing is missing") as caught:
        make_task("generation", SPEC).predict(Filler(), [path], 1)
    assert "transparent" in caught.value.expected


def test_pixels_beyond_the_limits_are_an_error(tmp_path):
    spec = reflat(SPEC, value_range=(0.0, 16.0))
    model = Filler()
    model.takes = spec
    path = tmp_path / "a.npz"
    np.savez(path, x=np.where(holed() == 255, 17.0, np.nan)[None])
    with pytest.raises(DataError, match="cannot have") as caught:
        make_task("generation", spec).predict(model, [path], 1)
    assert caught.value.expected == "0 to 16"


def test_small_images_are_enlarged(tmp_path):
    path = save(tmp_path / "a.png", np.arange(16).reshape(4, 4))
    task = make_task("generation", SPEC)
    (answer,) = task.predict(Enlarger(), [path], 1)
    assert answer.row == {"file": str(path), "enlarged": 2}
    assert answer.images["restored"].shape == (8, 8)
    assert answer.images["compared"].shape == (52, 102)
    large = save(tmp_path / "b.png", np.zeros((8, 8)))
    with pytest.raises(DataError, match="size") as caught:
        task.predict(Enlarger(), [path, large], 1)
    assert caught.value.expected == "4 x 4 pixels"
    assert caught.value.received == "8 x 8 pixels"


class Zeroes(Filler):
    def restore(self, values, seed):
        return np.nan_to_num(values)


def test_the_report_measures_what_was_hidden(tmp_path):
    x = np.full((20, 8, 8, 1), 6, "uint8")
    x[:, :4] = 2
    split = ArraySplit(x, np.zeros(20, "int32"))
    report = measure_restoring(Zeroes(), split, Conditions(), SPEC)
    # Above stands 2: zeros miss it by 2, the mean below, 6, by 4.
    assert report.metrics == {"restored_rmse": 2, "restored_rmse_plain": 4}
    report.figures["restored"](tmp_path / "r.png")
    with Image.open(tmp_path / "r.png") as picture:
        assert picture.size == (602, 152)
        assert picture.getpixel((10, 10)) in (96, 160)
        assert picture.getpixel((10, 60)) == 0
        assert picture.getpixel((10, 110)) == 2
    assert measure_restoring(object(), split, Conditions(), SPEC).metrics == {}


def test_the_report_of_enlarged_images():
    x = np.zeros((3, 8, 8, 1), "uint8")
    x[:, :, 1::2] = 4
    split = ArraySplit(x, np.zeros(3, "int32"))
    report = measure_restoring(Enlarger(), split, Conditions(), SPEC)
    right = pytest.approx(8**0.5)
    assert report.metrics["restored_rmse"] == right
    assert report.metrics["restored_rmse_plain"] == right


def test_models_without_a_way_have_none():
    assert find_restorer(object(), SPEC) is None
