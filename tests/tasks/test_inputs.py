import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import DataError
from kerasnotes.tasks.image_check import check_images
from kerasnotes.tasks.inputs import find_files, read_examples
from kerasnotes.tasks.table_check import check_rows
from tests.specs import flat, reflat

pytestmark = pytest.mark.once

IMAGES = flat("i", "image", (8, 8, 1), "uint8", "class", ("a", "b"))
TABLE = flat("t", "table", (2,), "float32", "class", ("a", "b"), ("u", "v"))


@pytest.fixture
def folder(tmp_path):
    for name in ("b.png", "a.jpg"):
        Image.new("L", (20, 10), 9).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".hidden.png").write_bytes(b"")
    return tmp_path


def test_a_folder_gives_its_images_sorted(folder):
    files = find_files([folder / "b.png", folder], IMAGES)
    assert [path.name for path in files] == ["b.png", "a.jpg"]


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"no file or folder .*gone\.png"):
        find_files([tmp_path / "gone.png"], IMAGES)
    with pytest.raises(DataError, match="nothing to read"):
        find_files([tmp_path], IMAGES)


def test_a_table_is_no_image_and_an_image_no_table(folder):
    (folder / "t.csv").write_text("u,v\n1,2\n")
    with pytest.raises(DataError, match="does not fit"):
        find_files([folder / "t.csv"], IMAGES)
    with pytest.raises(DataError, match="does not fit"):
        find_files([folder / "b.png"], TABLE)


def test_every_bad_image_is_named_before_anything_is_read(folder):
    (folder / "text.png").write_text("hello")
    whole = (folder / "b.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError) as caught:
        check_images(find_files([folder], IMAGES), IMAGES)
    text = str(caught.value)
    assert "2 of 4" in text
    assert "text.png" in text
    assert "cut.png" in text
    with pytest.raises(DataError, match="text.png"):
        check_images([folder / "text.png"], IMAGES)


def test_deeper_pixels_than_in_training_are_refused(tmp_path):
    path = tmp_path / "deep.png"
    Image.fromarray(np.full((9, 9), 40_000, "uint16")).save(path)
    with pytest.raises(DataError, match="more bits than the model's uint8"):
        check_images([path], IMAGES)
    check_images([path], reflat(IMAGES, dtype="uint16"))


def test_what_is_done_to_other_images_is_said(tmp_path):
    model = reflat(IMAGES, value_range=(0.0, 16.0))
    for number, picture in enumerate(
        (
            Image.new("L", (8, 8)),
            Image.new("RGB", (9, 8)),
            Image.new("RGBA", (8, 8)),
        )
    ):
        picture.save(tmp_path / f"{number}.png")
    assert check_images(sorted(tmp_path.iterdir()), model) == [
        "1 of 3 images are cut and resized to 8x8.",
        "2 of 3 images are made grey of colour.",
        "1 of 3 images are laid over white where transparent.",
        "3 of 3 images are brought to the model's range: black is 0 there, "
        "white 16.",
    ]
    assert check_images([tmp_path / "0.png"], IMAGES) == []


def test_images_are_read_as_the_training_data_was(folder):
    (x,) = read_examples(folder / "b.png", IMAGES)
    assert x.shape == (8, 8, 1)
    assert (x == 9).all()


def test_table_columns_are_found_by_name(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("label, v ,u\na,2,1\nb,4,3\n")
    rows = read_examples(path, TABLE)
    np.testing.assert_array_equal(rows, [[1, 2], [3, 4]])
    path.write_text("u;v\n1;2\n3;4\n")
    rows = read_examples(path, TABLE)
    np.testing.assert_array_equal(rows, [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("u,w\n1,2\n", "missing: v"),
        ("u,v\n1,2\n3,\n", "line 3: column v: missing value"),
        ("u,v\n1,x\n", "line 2: column v: 'x' is not a number"),
        ("u,v\n", "no rows"),
    ],
)
def test_bad_tables_say_where(tmp_path, text, message):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_examples(path, TABLE)


def test_arrays_are_read_from_npz(tmp_path):
    path = tmp_path / "x.npz"
    x = np.arange(128, dtype="uint8").reshape(2, 8, 8)
    np.savez(path, x=x, y=[0, 1])
    np.testing.assert_array_equal(read_examples(path, IMAGES), x[..., None])
    np.savez(path, x=np.array([{}], dtype=object))
    with pytest.raises(DataError, match="cannot be read"):
        read_examples(path, IMAGES)
    np.savez(path, x=np.zeros((2, 9, 8)))
    with pytest.raises(DataError, match=r"shape \(2, 9, 8, 1\)"):
        read_examples(path, IMAGES)
    np.savez(path, a=x, b=x)
    with pytest.raises(DataError, match="names no inputs"):
        read_examples(path, IMAGES)
    np.savez(path, x=np.array([[1.0, np.nan]]))
    with pytest.raises(DataError, match="NaN"):
        read_examples(path, TABLE)


def test_arrays_are_read_from_npy(tmp_path):
    path = tmp_path / "x.npy"
    x = np.arange(128, dtype="uint8").reshape(2, 8, 8)
    np.save(path, x)
    assert find_files([path], IMAGES) == [path]
    np.testing.assert_array_equal(read_examples(path, IMAGES), x[..., None])
    np.save(path, x[0])
    with pytest.raises(DataError, match=r"shape \(N, 8, 8, 1\)"):
        read_examples(path, IMAGES)
    np.save(path, np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert find_files([path], TABLE) == [path]
    np.testing.assert_array_equal(read_examples(path, TABLE), [[1, 2], [3, 4]])
    np.save(path, np.array([[1.0, np.nan]]))
    with pytest.raises(DataError, match="NaN"):
        read_examples(path, TABLE)
    np.save(path, np.array([{}], dtype=object))
    with pytest.raises(DataError, match="cannot be read as a .npy"):
        read_examples(path, TABLE)
    with path.open("wb") as file:
        np.savez(file, x=x, y=[0, 1])
    with pytest.raises(DataError, match="cannot be read as a .npy"):
        read_examples(path, IMAGES)


def test_columns_without_names_are_told(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.array([[1.0, 2.0]]))
    (told,) = check_rows([path], TABLE)
    names = ", ".join(TABLE.input.names)
    assert f"they are taken for {names}, in this order" in told
