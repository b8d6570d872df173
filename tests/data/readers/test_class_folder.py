import shutil

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once


def test_reads_grey_images_at_one_size(class_folder, config):
    data = load(config(class_folder, image_size=16))
    assert data.spec.input.shape == (16, 16, 1)
    assert data.spec.target.classes == ("a", "b")
    assert [len(data.split(p)) for p in ("train", "validation", "test")] == [
        14,
        2,
        4,
    ]
    for index in range(len(data.train)):
        x, y = data.train[index]
        assert x.dtype == "uint8"
        assert y == (x.mean() > 100)
        assert data.train.name(index)[0] == "ab"[int(y)]


def test_crops_the_centre_and_keeps_the_aspect(tmp_path, config):
    """Left third red, middle green, right blue: only green is left."""
    wide = np.zeros((20, 60, 3), "uint8")
    for i in range(3):
        wide[:, 20 * i : 20 * i + 20, i] = 255
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(5):
            Image.fromarray(wide).save(tmp_path / name / f"{i}.png")
    x, _ = load(config(tmp_path, image_size=8)).train[0]
    assert x.shape == (8, 8, 3)
    np.testing.assert_array_equal(x[:, 1:-1, 1], 255)
    np.testing.assert_array_equal(x[:, 1:-1, 0], 0)


def test_formats_modes_and_orientation(class_folder, config):
    x = np.full((20, 30), 200, "uint8")
    Image.fromarray(x).convert("1").save(class_folder / "a" / "one_bit.tif")
    Image.fromarray(x).convert("P").save(class_folder / "a" / "palette.gif")
    Image.fromarray(x).convert("RGBA").save(class_folder / "a" / "rgba.webp")
    Image.fromarray(x).convert("CMYK").save(class_folder / "a" / "cmyk.jpg")
    data = load(config(class_folder, test=0, validation=0))
    assert data.spec.input.shape == (64, 64, 3)
    for index in range(len(data.train)):
        assert data.train[index][0].shape == (64, 64, 3)


def test_sixteen_bit_keeps_its_values(tmp_path, config):
    for name, level in (("a", 1000), ("b", 60_000)):
        (tmp_path / name).mkdir()
        for i in range(5):
            x = np.full((10, 10), level + i, "uint16")
            Image.fromarray(x).save(tmp_path / name / f"{i}.png")
    data = load(config(tmp_path, image_size=8))
    assert data.spec.input.dtype == "uint16"
    x, y = data.train[0]
    assert x.dtype == "uint16"
    assert abs(int(x[0, 0, 0]) - [1000, 60_000][int(y)]) <= 4


def test_sixteen_bit_colours(tmp_path, config):
    import tifffile

    for name, level in (("a", 1000), ("b", 60_000)):
        (tmp_path / name).mkdir()
        x = np.full((10, 14, 3), level, "uint16")
        x[..., 2] += 300
        for i in range(5):
            path = tmp_path / name / f"{i}.tif"
            tifffile.imwrite(path, x, photometric="rgb")
    x, y = load(config(tmp_path, image_size=8)).train[0]
    level = [1000, 60_000][int(y)]
    assert x.dtype == "uint16"
    np.testing.assert_allclose(x[2, 2], [level, level, level + 300], atol=2)


def test_the_split_on_disk_is_kept(class_folder, tmp_path, config):
    for part, numbers in (("train", range(8)), ("val", (8,)), ("test", (9,))):
        for name in "ab":
            (tmp_path / "parts" / part / name).mkdir(parents=True)
            for i in numbers:
                shutil.copy(
                    class_folder / name / f"{i}.png",
                    tmp_path / "parts" / part / name,
                )
    data = load(config(tmp_path / "parts"))
    assert [len(data.split(p)) for p in ("train", "validation", "test")] == [
        16,
        2,
        2,
    ]
    assert data.test.name(0) == "test/a/9.png"
    shutil.rmtree(tmp_path / "parts" / "val")
    assert len(load(config(tmp_path / "parts")).validation) == 2


def test_fingerprint_and_order_do_not_depend_on_dates(class_folder, config):
    first = load(config(class_folder))
    copy = class_folder.parent / "copy"
    shutil.copytree(class_folder, copy, copy_function=shutil.copy)
    second = load(config(copy))
    assert first.fingerprint == second.fingerprint
    names = [d.train.name(i) for d in (first, second) for i in range(14)]
    assert names[:14] == names[14:]
    image = np.asarray(Image.open(copy / "a" / "0.png")).copy()
    image[3, 3] += 1
    Image.fromarray(image).save(copy / "a" / "0.png")
    assert load(config(copy)).fingerprint != first.fingerprint


def test_bad_files_are_all_named(class_folder, config, png_header):
    (class_folder / "a" / "text.png").write_text("not an image")
    png_header(class_folder / "a" / "bomb.png")
    good = np.random.default_rng(0).integers(0, 255, (90, 90, 3), "uint8")
    path = class_folder / "b" / "cut.jpg"
    Image.fromarray(good).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    path = class_folder / "b" / "cut.png"
    Image.fromarray(good).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    (class_folder / "b" / "empty.tiff").write_bytes(b"")
    with pytest.raises(DataError) as error:
        load(config(class_folder))
    for name in ("text.png", "bomb.png", "cut.jpg", "cut.png", "empty.tiff"):
        assert name in str(error.value)
    assert "0.png" not in str(error.value)


def test_bytes_after_the_picture_do_no_harm(class_folder, config):
    path = class_folder / "a" / "trailing.jpg"
    Image.new("L", (30, 30), 9).save(path)
    path.write_bytes(path.read_bytes() + b"\0" * 9000)
    assert len(load(config(class_folder, test=0, validation=0)).train) == 21


def test_one_folder_is_no_class(class_folder, config):
    shutil.rmtree(class_folder / "b")
    spec = load(config(class_folder)).spec
    assert (spec.target.kind, spec.target.classes) == ("none", ())


def test_class_names_must_fit(class_folder, config):
    data = load(config(class_folder, classes=("dark", "bright")))
    assert data.spec.target.classes == ("dark", "bright")
    with pytest.raises(UsageError, match="2 names, for a, b"):
        load(config(class_folder, classes=("one",)))


def test_real_photos(shared_data, config):
    data = load(config(shared_data / "photos"))
    assert data.spec.input.shape == (64, 64, 3)
    assert data.spec.target.num_classes == 5
    assert len(data.train) == 280
    x, _ = data.test[3]
    assert x.std() > 10


def test_classes_that_are_divided_inside_are_refused(class_folder, config):
    for name in "ab":
        for part, numbers in (("train", range(8)), ("test", (8, 9))):
            (class_folder / name / part).mkdir()
            for i in numbers:
                file = class_folder / name / f"{i}.png"
                file.rename(class_folder / name / part / file.name)
    with pytest.raises(DataError, match="divided inside") as caught:
        load(config(class_folder))
    assert "test/a/, train/a/" in str(caught.value.expected)


def test_a_part_by_another_name_is_told(class_folder, tmp_path, config):
    for part in ("train", "dev"):
        shutil.copytree(class_folder, tmp_path / "parts" / part)
    data = load(config(tmp_path / "parts"))
    told = " ".join(data.remarks)
    assert "dev/ holds the same folders as train/" in told
    assert "Rename it to validation/ or test/" in told
