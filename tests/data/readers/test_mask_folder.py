import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once


def test_pairs_by_stem_with_values_as_classes(pairs, config):
    data = load(config(pairs, classes=("ground", "square")))
    assert data.spec.input.shape == (24, 32, 1)
    assert data.spec.target.mask_values == (0, 255)
    assert data.spec.target.classes == ("ground", "square")
    assert load(config(pairs)).spec.target.classes == ("0", "255")
    for index in range(len(data.train)):
        x, y = data.train[index]
        assert y.dtype == "int32"
        np.testing.assert_array_equal(y == 1, x[..., 0] > 100)
    assert data.train.size(0) == (24, 32)


@pytest.mark.parametrize("values", [(0, 1), (0, 255), (0, 1, 2, 3)])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_formats_and_values(write_pairs, config, values, suffix):
    rng = np.random.default_rng(0)
    masks = [
        np.array(values, "uint8")[rng.integers(0, len(values), (20, 20))]
        for _ in range(6)
    ]
    folder = write_pairs(masks, masks, suffix)
    data = load(config(folder, test=0, validation=0))
    assert data.spec.target.mask_values == values
    for index in range(6):
        x, y = data.train[index]
        np.testing.assert_array_equal(np.array(values)[y], x[..., 0])


def test_other_ways_to_save_a_mask(pairs, config):
    def save(number, mask):
        path = pairs / "masks" / f"{number:02d}.png"
        truth = np.asarray(Image.open(path)) == 255
        mask(truth).save(path)
        return truth

    truths = [
        save(0, lambda t: Image.fromarray(np.uint16(t * 255))),
        save(1, lambda t: Image.fromarray(np.uint8(t * 255)).convert("RGB")),
        save(2, lambda t: Image.fromarray(np.uint8(t * 255)).convert("RGBA")),
        save(3, lambda t: Image.fromarray(np.uint8(t * 255)).convert("LA")),
    ]
    data = load(config(pairs, test=0, validation=0))
    for index, truth in enumerate(truths):
        np.testing.assert_array_equal(data.train[index][1], truth)


def test_palette_masks_are_their_indices(write_pairs, config):
    mask = np.arange(16, dtype="uint8").reshape(4, 4) % 3
    folder = write_pairs([mask] * 4, [mask] * 4)
    for path in (folder / "masks").iterdir():
        image = Image.new("P", (4, 4))
        image.putdata(mask.reshape(-1).tolist())
        image.putpalette([0, 0, 0, 255, 0, 0, 0, 0, 255])
        image.save(path)
    data = load(config(folder))
    assert data.spec.target.mask_values == (0, 1, 2)
    np.testing.assert_array_equal(data.train[0][1], mask)


def test_one_bit_and_jpeg_masks(pairs, config):
    path = pairs / "masks" / "00.png"
    truth = np.asarray(Image.open(path)) == 255
    Image.open(path).save(pairs / "masks" / "00.jpg", quality=60)
    path.unlink()
    data = load(config(pairs, test=0, validation=0))
    assert data.spec.target.mask_values == (0, 255)
    assert (data.train[0][1] == truth).mean() > 0.98
    for path in (pairs / "masks").glob("*"):
        Image.open(path).convert("1").save(path.with_suffix(".png"))
    (pairs / "masks" / "00.jpg").unlink()
    assert load(config(pairs)).spec.target.mask_values == (0, 1)


def test_colour_masks_need_their_list(write_pairs, config):
    colours = np.array([[0, 0, 0], [200, 30, 30], [30, 30, 200]], "uint8")
    index = np.random.default_rng(0).integers(0, 3, (16, 16))
    folder = write_pairs([np.uint8(index)] * 5, [colours[index]] * 5)
    with pytest.raises(DataError, match="no classes.txt"):
        load(config(folder))
    (folder / "classes.txt").write_text(
        "0,0,0 road\n200,30,30 red car\n30,30,200 sky\n"
    )
    data = load(config(folder))
    # Packed colours are sorted: blue before red.
    assert data.spec.target.classes == ("road", "sky", "red car")
    np.testing.assert_array_equal(data.train[0][1], np.array([0, 2, 1])[index])


def test_sixteen_bit_and_colour_tiffs_keep_their_values(write_pairs, config):
    import tifffile

    mask = np.eye(12, dtype="uint8")
    folder = write_pairs([mask] * 5, [mask] * 5)
    rng = np.random.default_rng(0)
    deep = rng.integers(0, 65_535, (12, 12, 3), "uint16")
    for path in (folder / "images").iterdir():
        tifffile.imwrite(path.with_suffix(".tif"), deep, photometric="rgb")
        path.unlink()
    data = load(config(folder))
    assert data.spec.input.dtype == "uint16"
    np.testing.assert_array_equal(data.train[0][0], deep)


def test_any_sizes(pairs, config):
    Image.new("L", (40, 50)).save(pairs / "images" / "00.png")
    Image.new("L", (40, 50)).save(pairs / "masks" / "00.png")
    data = load(config(pairs, test=0, validation=0))
    assert data.spec.input.shape == (None, None, 1)
    assert data.train[0][1].shape == (50, 40)
    assert any("Sizes differ" in remark for remark in data.remarks)


def test_unknown_values_are_named_with_their_files(pairs, config):
    path = pairs / "masks" / "03.png"
    mask = np.asarray(Image.open(path)).copy()
    mask[0, :3] = (7, 77, 128)
    Image.fromarray(mask).save(path)
    with pytest.raises(DataError) as error:
        load(config(pairs))
    assert "masks/03.png" in str(error.value) or "03.png" in str(error.value)
    assert "7, 77, 128" in str(error.value)
    (pairs / "classes.txt").write_text("0 a\n255 b\n7 c\n77 d\n128 e\n")
    assert load(config(pairs)).spec.target.classes == ("a", "c", "d", "e", "b")


def test_255_on_top_of_classes_must_be_listed(write_pairs, config):
    mask = np.array([[0, 1], [2, 255]], "uint8")
    folder = write_pairs([mask] * 5, [mask] * 5)
    with pytest.raises(DataError, match="unknown value 255"):
        load(config(folder))


def test_named_classes_may_be_absent_from_the_masks(write_pairs, config):
    mask = np.array([[0, 1], [3, 3]], "uint8")
    folder = write_pairs([mask] * 5, [mask] * 5)
    data = load(config(folder, classes=tuple("abcd")))
    assert data.spec.target.mask_values == (0, 1, 2, 3)
    with pytest.raises(UsageError):
        load(config(folder, classes=tuple("ab")))


def test_every_kind_of_problem_is_in_one_error(pairs, config, png_header):
    (pairs / "masks" / "01.png").unlink()
    (pairs / "images" / "02.png").unlink()
    Image.new("L", (9, 9)).save(pairs / "masks" / "03.png")
    (pairs / "images" / "04.png").write_text("text")
    png_header(pairs / "masks" / "05.png")
    with pytest.raises(DataError) as error:
        load(config(pairs))
    text = str(error.value)
    for number in ("01", "02", "03", "04", "05"):
        assert f"{number}.png" in text
    assert "image 24x32, mask 9x9" in text


def test_images_without_a_masks_folder(pairs, config):
    import shutil

    shutil.rmtree(pairs / "masks")
    with pytest.raises(DataError, match="has no masks/"):
        load(config(pairs))


def test_one_value_everywhere_is_a_single_class(write_pairs, config):
    mask = np.zeros((8, 8), "uint8")
    folder = write_pairs([mask] * 5, [mask] * 5)
    with pytest.raises(DataError, match="single class"):
        load(config(folder))


def test_real_membranes(shared_data, config):
    data = load(config(shared_data / "membrane", classes=("membrane", "cell")))
    assert [len(data.split(p)) for p in ("train", "validation", "test")] == [
        21,
        3,
        6,
    ]
    assert data.spec.input.shape == (512, 512, 1)
    share = np.mean(
        [np.mean(y == 0) for _, y in map(data.train.__getitem__, range(21))]
    )
    assert share == pytest.approx(0.22, abs=0.02)
    assert any("test/" in remark for remark in data.remarks)


def test_images_that_are_turned_without_their_masks_are_told(pairs, config):
    for path in sorted((pairs / "images").iterdir())[:3]:
        exif = Image.Exif()
        exif[0x0112] = 3
        with Image.open(path) as image:
            image.save(path, exif=exif)
    told = "3 images are turned upright, as their EXIF says, and their masks"
    assert any(told in remark for remark in load(config(pairs)).remarks)
