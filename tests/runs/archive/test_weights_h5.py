import io
import warnings

import h5py
import numpy as np
import pytest

from kerasnotes.base.errors import StorageError
from kerasnotes.runs.archive import archive, weight_stats
from tests.archives import BIAS, KERNEL, dense_weights, hdf5, members, write

pytestmark = pytest.mark.once


def external_link(file):
    file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "/x")


def soft_link(file):
    dense_weights(file)
    file["layers/other"] = h5py.SoftLink("/layers/dense")


def loop(file):
    dense_weights(file)
    file["layers/dense/again"] = file["layers"]


def loop_to_root(file):
    file["again"] = file["/"]


def external_storage(file):
    file.create_dataset(
        "layers/dense/vars/0",
        shape=(4,),
        dtype="float32",
        external=[("/etc/passwd", 0, 16)],
    )


def virtual(file):
    layout = h5py.VirtualLayout(shape=(4,), dtype="float32")
    layout[:] = h5py.VirtualSource("other.h5", "x", shape=(4,))
    file.create_virtual_dataset("layers/dense/vars/0", layout)


def objects(file):
    file.create_dataset("a", data=["x", "y"], dtype=h5py.string_dtype())


def references(file):
    file.create_dataset("a", shape=(2,), dtype=h5py.ref_dtype)


def compound(file):
    file["a"] = np.zeros(2, [("x", "f4"), ("y", "i4")])


def opaque(file):
    file["a"] = np.zeros(2, "V8")


def named_type(file):
    file["a"] = np.dtype("f4")


def null_space(file):
    file["a"] = h5py.Empty("f4")


def never_written(file):
    file.create_dataset("a", shape=(10**6, 10**6), dtype="float32")


def sparse_chunks(file):
    # 8 TB, of which nothing is stored.
    file.create_dataset(
        "a", shape=(10**6, 10**6), dtype="float64", chunks=(1000, 1000)
    )


def compressed_bomb(file):
    file.create_dataset("a", data=np.zeros(10**7, "float32"), compression=9)


def deep(file):
    file.create_group("/".join("a" * 100))


HOSTILE = {
    external_link: "ExternalLink",
    soft_link: "SoftLink",
    loop: "linked twice",
    loop_to_root: "linked twice",
    external_storage: "another file",
    virtual: "another file",
    objects: "not numbers",
    references: "not numbers",
    compound: "not numbers",
    opaque: "not numbers",
    named_type: "not a data set",
    null_space: "not numbers",
    never_written: "claim the shape 1000000x1000000",
    sparse_chunks: "claim the shape 1000000x1000000",
    compressed_bomb: "claim the shape",
    deep: "nested too deep",
}


@pytest.mark.parametrize("fill", HOSTILE, ids=lambda fill: fill.__name__)
def test_hostile_weights(tmp_path, fill):
    path = write(tmp_path / "a.keras", members(fill=fill))
    with pytest.raises(StorageError) as caught:
        archive.check(path)
    assert HOSTILE[fill] in str(caught.value)


def test_many_small_bombs_count_together(tmp_path):
    def fill(file):
        for number in range(200):
            file.create_dataset(
                str(number), data=np.zeros(200_000, "float32"), compression=9
            )

    path = write(tmp_path / "a.keras", members(fill=fill))
    with pytest.raises(StorageError, match="claim"):
        archive.check(path)


def test_not_hdf5(tmp_path):
    contents = {**members(), "model.weights.h5": b"x" * 1000}
    path = write(tmp_path / "a.keras", contents)
    with pytest.raises(StorageError, match="HDF5 cannot read"):
        archive.check(path)


def test_compressed_weights_are_welcome(tmp_path):
    def fill(file):
        data = np.random.default_rng(0).normal(size=(100, 100))
        for name in ("gzip", "lzf"):
            file.create_dataset(name, data=data, compression=name, shuffle=True)

    archive.check(write(tmp_path / "a.keras", members(fill=fill)))


def read(fill):
    with h5py.File(io.BytesIO(hdf5(fill))) as file:
        return weight_stats.read_weights(file)


def test_statistics_of_the_dense_layer():
    kernel, bias = read(dense_weights)
    assert (kernel.path, kernel.layer) == ("layers/dense/vars/0", "dense")
    assert (kernel.shape, kernel.dtype, kernel.size) == ((3, 2), "float32", 6)
    for weight, values in ((kernel, KERNEL), (bias, BIAS)):
        assert weight.min == values.min()
        assert weight.max == values.max()
        assert weight.mean == pytest.approx(values.mean())
        assert weight.std == pytest.approx(values.std())
        assert (weight.nan, weight.inf) == (0, 0)


@pytest.mark.parametrize("piece", [1, 7, 64, 10**6])
def test_pieces_give_the_statistics_of_the_whole(monkeypatch, piece):
    monkeypatch.setattr(weight_stats, "_PIECE", piece)
    # A mean far from zero loses digits in the sum of squares.
    values = np.random.default_rng(1).normal(1e4, 0.1, (30, 4, 3))
    [weight] = read(lambda file: file.create_dataset("a/vars/0", data=values))
    assert weight.mean == pytest.approx(values.mean(), rel=1e-12)
    assert weight.std == pytest.approx(values.std(), rel=1e-9)
    assert (weight.min, weight.max) == (values.min(), values.max())


def test_nan_and_infinity_are_counted_and_left_out():
    values = np.array([np.nan, 1.0, np.inf, -np.inf, 3.0, np.nan], "float32")
    [weight] = read(lambda file: file.create_dataset("a", data=values))
    assert (weight.nan, weight.inf) == (2, 2)
    assert (weight.min, weight.max, weight.mean, weight.std) == (1, 3, 2, 1)


def test_nothing_finite_and_nothing_at_all():
    def fill(file):
        file["0"] = np.full(3, np.nan, "float32")
        file["1"] = np.zeros((0, 4), "float32")
        file["2"] = np.float32(5.0)

    broken, empty, scalar = read(fill)
    assert (broken.min, broken.std, broken.nan) == (None, None, 3)
    assert (empty.min, empty.size) == (None, 0)
    assert (scalar.mean, scalar.std, scalar.shape) == (5.0, 0.0, ())


@pytest.mark.parametrize("dtype", ["float16", "int8", "uint32", "bool"])
def test_other_numbers(dtype):
    values = np.array([0, 1, 1, 1]).astype(dtype)
    [weight] = read(lambda file: file.create_dataset("a", data=values))
    assert (weight.mean, weight.max, weight.dtype) == (0.75, 1, dtype)


def test_bfloat16_as_keras_stores_it():
    import ml_dtypes

    values = np.array([1.5, -2.0, 3.25], ml_dtypes.bfloat16)

    def fill(file):
        file.create_dataset("a", data=values.view("V2"))
        file["a"].attrs["dtype"] = "bfloat16"

    [weight] = read(fill)
    assert (weight.min, weight.max, weight.dtype) == (-2.0, 3.25, "bfloat16")


def test_no_warning_on_overflow():
    values = np.array([6e4, 6e4, -6e4], "float16")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [weight] = read(lambda file: file.create_dataset("a", data=values))
    assert weight.mean == pytest.approx(values.astype("f8").mean())


def test_order_is_natural_and_the_optimizer_left_out():
    def fill(file):
        for name in ("dense_10", "dense_9", "dense"):
            file[f"layers/{name}/vars/0"] = KERNEL
        file["optimizer/vars/0"] = KERNEL

    names = [weight.layer for weight in read(fill)]
    assert names == ["dense", "dense_9", "dense_10"]
