import threading

import h5py
import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.readers import hdf5, hdf5_split
from kerasnotes.data.statistics import fit

pytestmark = pytest.mark.once


@pytest.fixture
def save(tmp_path):
    def write(name="set.h5", options=None, **arrays):
        with h5py.File(tmp_path / name, "w") as file:
            for key, array in arrays.items():
                extra = options if key in ("x", "images") else None
                file.create_dataset(key, data=array, **(extra or {}))
        return tmp_path / name

    return write


@pytest.fixture
def small_limits(monkeypatch):
    """Makes a set of a few hundred kilobytes a large one."""
    monkeypatch.setattr(hdf5, "IN_MEMORY", 10_000)
    monkeypatch.setattr(hdf5, "BLOCK_BYTES", 4_000)
    monkeypatch.setattr(hdf5_split, "WINDOW_BYTES", 16_000)
    monkeypatch.setattr(hdf5_split, "CACHE_BYTES", 40_000)


X = np.arange(1000 * 64, dtype="uint16").reshape(1000, 8, 8)
Y = np.arange(1000) % 3
CHUNKS = {"chunks": (8, 8, 8), "compression": "gzip"}


def test_rows_and_labels_stay_together(save, config):
    data = load(config(save(x=X, y=Y, options=CHUNKS)))
    assert (data.spec.input.shape, data.spec.input.dtype) == (
        (8, 8, 1),
        "uint16",
    )
    rows = [data.split(p).rows for p in ("train", "validation", "test")]
    assert [len(r) for r in rows] == [700, 100, 200]
    assert sorted(np.concatenate(rows)) == list(range(1000))
    order = np.random.default_rng(0).permutation(200)[:50]
    x, y = data.test.read(order)
    np.testing.assert_array_equal(x[..., 0], X[data.test.rows[order]])
    np.testing.assert_array_equal(y, Y[data.test.rows[order]])
    x, y = data.test[7]
    np.testing.assert_array_equal(x[..., 0], X[data.test.rows[7]])


@pytest.mark.usefixtures("small_limits")
def test_a_large_set_is_split_and_read_by_blocks(save, config, monkeypatch):
    """An epoch reads each block once, and still mixes the rows."""
    data = load(config(save(x=X, y=Y, options=CHUNKS)))
    split = data.train
    reader = split.readers[0]
    assert reader.rows % 8 == 0
    whole = set(split.rows.tolist())
    blocks = split.rows // reader.rows
    assert all(
        set(range(b * reader.rows, min(1000, (b + 1) * reader.rows))) <= whole
        for b in blocks
    )
    reads = []
    real = type(reader)._read
    monkeypatch.setattr(
        type(reader),
        "_read",
        lambda self, start: (reads.append(start), real(self, start))[1],
    )
    order = split.order(np.random.default_rng(0))
    assert sorted(order) == list(range(len(split)))
    for start in range(0, len(order), 32):
        x, y = split.read(order[start : start + 32])
        np.testing.assert_array_equal(
            x[..., 0], X[split.rows[order[start : start + 32]]]
        )
    assert len(reads) == len(set(reads)) == len(set(blocks))
    assert len(reader._blocks) * reader.rows * reader.row_bytes <= 40_000
    neighbours = np.mean(np.diff(split.rows[order]) == 1)
    assert neighbours < 0.2


@pytest.mark.usefixtures("small_limits")
def test_labels_in_runs_are_still_in_every_part(save, config):
    y = np.repeat([0, 1, 2, 3], 250)
    data = load(config(save(x=X, y=y, options=CHUNKS)))
    for part in ("train", "validation", "test"):
        counts = np.bincount(data.split(part).y, minlength=4)
        assert counts.min() > 0.5 * counts.mean()


@pytest.mark.usefixtures("small_limits")
def test_reading_from_threads(save, config):
    split = load(config(save(x=X, y=Y, options=CHUNKS))).train
    wrong = []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(20):
            rows = rng.integers(0, len(split), 16)
            x, _ = split.read(rows)
            if (x[..., 0] != X[split.rows[rows]]).any():
                wrong.append(rows)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.usefixtures("small_limits")
def test_statistics_of_a_part_are_near_the_whole(save, config):
    data = load(config(save(x=X, y=Y, options=CHUNKS)))
    mean, variance = fit(data.train, data.spec, limit=300)
    assert mean == pytest.approx(X.mean(), rel=0.15)
    assert variance**0.5 == pytest.approx(X.std(), rel=0.15)


def test_masks_tables_text_and_parts(save, config):
    masks = np.uint8(X % 2 * 255)[..., None]
    data = load(config(save(images=X, masks=masks)))
    assert data.spec.target.mask_values == (0, 255)
    x, y = data.train.read(np.array([5, 900 % len(data.train)]))
    np.testing.assert_array_equal(y, x[..., 0] % 2)
    text = np.array([b"no", b"yes", b"so"])[Y]
    table = X.reshape(1000, 64).astype("f8")
    data = load(config(save("text.h5", x=table, labels=text)))
    assert data.spec.target.classes == ("no", "so", "yes")
    assert data.spec.input.shape == (64,)
    assert data.train[0][0].dtype == "float32"
    data = load(
        config(
            save(
                "parts.h5",
                x_train=X[:800],
                y_train=Y[:800],
                x_test=X[800:],
                y_test=Y[800:],
            )
        )
    )
    assert len(data.test) == 200
    np.testing.assert_array_equal(data.test[3][0][..., 0], X[803])
    assert len(data.validation) == 80


def test_links_to_other_files_are_refused(save, config, tmp_path):
    other = save("other.h5", x=X, y=Y)
    with h5py.File(tmp_path / "link.h5", "w") as file:
        file["x"] = h5py.ExternalLink(other, "x")
        file["y"] = Y
    with h5py.File(tmp_path / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout(X.shape, X.dtype)
        layout[...] = h5py.VirtualSource(other, "x", X.shape)
        file.create_virtual_dataset("x", layout)
        file["y"] = Y
    with h5py.File(tmp_path / "soft.h5", "w") as file:
        file["away"] = h5py.ExternalLink(other, "/")
        file["x"] = h5py.SoftLink("/away/x")
        file["y"] = Y
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        external = [(str(tmp_path / "raw.bin"), 0, X.nbytes)]
        file.create_dataset("x", data=X, external=external)
        file["y"] = Y
    for name in ("link", "virtual", "soft", "raw"):
        with pytest.raises(DataError, match="another file"):
            load(config(tmp_path / f"{name}.h5"))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": X, "b": Y}, "does not hold inputs and labels"),
        ({"x": X, "y": Y[:-1]}, "differ in number"),
        ({"x": X, "y": Y * 0}, "single class"),
        ({"x": X, "y": np.uint8(X[:, :4])}, "do not fit"),
    ],
)
def test_bad_files(save, config, arrays, message):
    with pytest.raises(DataError, match=message):
        load(config(save(**arrays)))


def test_damaged_files(save, config, tmp_path):
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(DataError, match="cannot be read"):
        load(config(tmp_path / "text.h5"))
    path = save(x=X, y=Y)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(DataError, match="cannot be read"):
        load(config(path))


def test_nan_is_named_when_it_is_read(save, config):
    x = X.astype("float32")
    x[5, 0, 0] = np.nan
    data = load(config(save(x=x, y=Y), test=0, validation=0))
    with pytest.raises(DataError, match="rows 5"):
        data.train.read(np.arange(64))


@pytest.mark.parametrize(
    ("x_name", "y_name"),
    [("img", "lbl"), ("images", "labels"), ("X", "Y"), ("data", "label")],
)
@pytest.mark.parametrize("valid", ["val", "valid"])
def test_a_group_a_part_is_read(tmp_path, config, x_name, y_name, valid):
    with h5py.File(tmp_path / "set.h5", "w") as file:
        for part, count in (("train", 12), (valid, 6), ("test", 9)):
            group = file.create_group(part)
            group[x_name] = X[:count]
            group[y_name] = Y[:count]
    data = load(config(tmp_path / "set.h5"))
    assert [len(data.split(p)) for p in ("train", "validation", "test")] == [
        12,
        6,
        9,
    ]
    assert data.spec.target.classes == ("0", "1", "2")
