import numpy as np
import pytest

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once


@pytest.fixture
def save(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "set.npz", **arrays)
        return tmp_path / "set.npz"

    return write


X = np.arange(40 * 16, dtype="float64").reshape(40, 4, 4)
Y = np.arange(40) % 2


def test_images_and_labels_stay_together(save, config):
    data = load(config(save(x=X.astype("uint16"), y=Y)))
    assert (data.spec.input.shape, data.spec.input.dtype) == (
        (4, 4, 1),
        "uint16",
    )
    for index in range(len(data.test)):
        x, y = data.test[index]
        assert x[0, 0, 0] // 16 % 2 == y
    x, y = data.test.read(np.array([3, 1]))
    np.testing.assert_array_equal(x[1], data.test[1][0])
    np.testing.assert_array_equal(y[0], data.test[3][1])


def test_tables_text_labels_and_other_keys(save, config):
    names = np.array(["no", "yes"])[Y]
    path = save(data=X.reshape(40, 16), answer=names)
    data = load(config(path, target="answer"))
    assert data.spec.input.kind == "table"
    assert data.spec.input.shape == (16,)
    assert data.spec.target.classes == ("no", "yes")
    assert data.spec.input.dtype == "float32"
    assert data.spec.input.names[:2] == ("x0", "x1")


def test_parts_stay_as_they_are(save, config):
    path = save(x_train=X[:30], y_train=Y[:30], x_test=X[30:], y_test=Y[30:])
    data = load(config(path))
    assert len(data.test) == 10
    assert len(data.validation) == 3
    np.testing.assert_array_equal(data.test[0][0][..., 0], X[30])


def test_masks(save, config):
    masks = (X > 300).astype("uint8") * 255
    data = load(config(save(images=X.astype("float32"), masks=masks)))
    assert data.spec.target.kind == "mask"
    assert data.spec.target.mask_values == (0, 255)
    x, y = data.train[20]
    np.testing.assert_array_equal(y, x[..., 0] > 300)


def test_pickled_objects_are_refused(save, config):
    objects = np.array([{"a": 1}] * 40, dtype=object)
    with pytest.raises(DataError, match="pickled Python objects"):
        load(config(save(x=objects, y=Y)))
    with pytest.raises(DataError, match="pickled Python objects"):
        load(config(save(x=X, y=objects)))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X, "y": Y[:-1]}, "differ in number"),
        ({"x": np.zeros((4, 4, 3, 40)), "y": Y}, r"moveaxis\(x, -1, 0\)"),
        ({"a": X, "b": Y}, "does not hold inputs and labels"),
        ({"x": X[:0], "y": Y[:0]}, "no examples"),
        ({"x": X, "y": Y * 0}, "single class"),
        ({"x": X, "y": np.where(Y, np.nan, 1)}, "missing"),
        ({"x": np.where(X == 7, np.nan, X), "y": Y}, "not finite"),
        ({"x": X.astype("S"), "y": Y}, "not numbers"),
        ({"x": X[..., None, None], "y": Y}, "neither a table nor images"),
        ({"x": X, "y": X[:, :2]}, "masks of set do not fit"),
        ({"x": X, "y": np.array(3)}, "differ in number"),
    ],
)
def test_bad_arrays(save, config, arrays, message):
    with pytest.raises(DataError, match=message):
        load(config(save(**arrays)))


def test_damaged_files(tmp_path, save, config):
    path = save(x=X, y=Y)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(DataError, match="cannot be read"):
        load(config(path))
    path.write_bytes(b"not a zip")
    with pytest.raises(DataError, match="cannot be read"):
        load(config(path))
    np.save(tmp_path / "a.npy", X)
    (tmp_path / "a.npy").rename(tmp_path / "a.npz")
    with pytest.raises(DataError, match="cannot be read"):
        load(config(tmp_path / "a.npz"))


def test_a_claimed_size_beyond_memory_is_an_error(tmp_path, config):
    import io
    import zipfile

    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header,
        {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**6)},
    )
    with zipfile.ZipFile(tmp_path / "big.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue())
        archive.writestr("y.npy", header.getvalue())
    with pytest.raises(DataError, match="cannot be read"):
        load(config(tmp_path / "big.npz"))


def test_class_names_twice(save, config):
    with pytest.raises(UsageError, match="twice"):
        load(config(save(x=X, y=Y), classes=("a", "a")))
