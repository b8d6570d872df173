"""Files in the formats that Keras downloads, made here in small."""

import gzip
import pickle
import shutil

import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.sets import keras_sets

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "datasets").mkdir(parents=True)
    return tmp_path / "home" / "datasets"


def images(count):
    return RNG.integers(0, 255, (count, 28, 28), "uint8")


def test_mnist_keeps_its_test_part(home, config):
    x, y = images(60), np.arange(60, dtype="uint8") % 10
    np.savez(
        home / "mnist.npz",
        x_train=x[:40],
        y_train=y[:40],
        x_test=x[40:],
        y_test=y[40:],
    )
    data = load(config("mnist"))
    assert data.spec.input.shape == (28, 28, 1)
    assert [len(data.split(p)) for p in ("train", "validation", "test")] == [
        36,
        4,
        20,
    ]
    np.testing.assert_array_equal(data.test[5][0][..., 0], x[45])
    assert sorted(p.name for p in home.parent.iterdir()) == ["datasets"]


def test_fashion_mnist(home, config):
    (home / "fashion-mnist").mkdir()
    truth = {}
    for prefix, count in (("train", 30), ("t10k", 10)):
        x, y = images(count), np.arange(count, dtype="uint8") % 10
        truth[prefix] = x
        for name, header, values in (
            ("images-idx3", 16, x),
            ("labels-idx1", 8, y),
        ):
            path = home / "fashion-mnist" / f"{prefix}-{name}-ubyte.gz"
            with gzip.open(path, "wb") as file:
                file.write(b"\0" * header + values.tobytes())
    data = load(config("fashion-mnist"))
    assert data.spec.target.classes[9] == "ankle boot"
    np.testing.assert_array_equal(data.test[3][0][..., 0], truth["t10k"][3])


@pytest.mark.parametrize("protocol", [2, 4])
def test_cifar(home, config, protocol):
    folder = home / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    data = RNG.integers(0, 255, (6, 10, 3072), "uint8")
    for name, rows in zip(names, data, strict=True):
        batch = {"data": rows, "labels": list(range(10))}
        (folder / name).write_bytes(pickle.dumps(batch, protocol))
    found = load(config("cifar10"))
    assert found.spec.input.shape == (32, 32, 3)
    assert len(found.test) == 10
    x, y = found.test[3]
    np.testing.assert_array_equal(x[:, :, 1], data[5, 3].reshape(3, 32, 32)[1])
    assert found.spec.target.classes[int(y)] == "cat"


def test_words_become_a_table(home, config):
    texts = np.empty(20, object)
    for i in range(20):
        texts[i] = [1, 5, 5, 4000, 4001 + i] if i % 2 else [2]
    labels = np.arange(20) % 2
    np.savez(
        home / "imdb.npz",
        x_train=texts,
        y_train=labels,
        x_test=texts,
        y_test=labels,
    )
    data = load(config("imdb"))
    assert data.spec.input.kind == "table"
    assert data.spec.input.shape == (4000,)
    assert data.spec.target.classes == ("negative", "positive")
    x, y = data.test[1]
    assert np.flatnonzero(x).tolist() == [0, 4, 3999]
    assert y == 1


def test_reuters_is_cut_as_keras_cuts_it(home, config, monkeypatch):
    texts = np.empty(50, object)
    for i in range(50):
        texts[i] = [i + 1]
    np.savez(home / "reuters.npz", x=texts, y=np.arange(50) % 46)
    data = load(config("reuters"))
    order = np.arange(50)
    np.random.RandomState(113).shuffle(order)
    assert len(data.test) == 10
    assert np.flatnonzero(data.test[0][0]) == order[40]


def test_a_pickle_that_names_a_program_is_refused(home, config):
    class Evil:
        def __reduce__(self):
            return (open, (str(home / "written"), "w"))

    folder = home / "cifar-100-python-target"
    folder.mkdir()
    for name in ("train", "test"):
        (folder / name).write_bytes(pickle.dumps(Evil()))
    objects = np.empty(1, object)
    objects[0] = Evil()
    np.savez(home / "imdb.npz", x_train=objects, y_train=[0])
    for name in ("cifar100", "imdb"):
        with pytest.raises(DataError, match="cannot be read: it names"):
            load(config(name))
    assert not (home / "written").exists()


def test_a_damaged_file_says_so(home, config):
    (home / "mnist.npz").write_bytes(b"PK\3\4 not whole")
    with pytest.raises(DataError, match="damaged"):
        load(config("mnist"))


def test_offline_and_missing_is_a_data_error(home, config, monkeypatch):
    class Offline:
        @staticmethod
        def load_data(**options):
            raise Exception("URL fetch failure on somewhere")

    monkeypatch.setattr(
        keras_sets.importlib, "import_module", lambda name: Offline
    )
    with pytest.raises(DataError, match="set KERAS_HOME") as error:
        load(config("reuters"))
    assert "URL fetch failure" in str(error.value)


def test_a_download_is_used(home, config, monkeypatch):
    class Online:
        @staticmethod
        def load_data():
            x = RNG.integers(0, 255, (20, 32, 32, 3), "uint8")
            y = np.arange(20).reshape(20, 1) % 10
            return (x, y), (x, y)

    monkeypatch.setattr(
        keras_sets.importlib, "import_module", lambda name: Online
    )
    data = load(config("cifar10"))
    assert len(data.test) == 20
    assert data.spec.target.num_classes == 10


def test_real_mnist_from_a_folder_that_is_not_written(
    shared_data, config, monkeypatch
):
    monkeypatch.setenv("KERAS_HOME", str(shared_data / "keras"))
    before = sorted((shared_data / "keras").iterdir())
    data = load(config("mnist"))
    assert [len(data.split(p)) for p in ("train", "validation", "test")] == [
        54_000,
        6_000,
        10_000,
    ]
    assert [int(data.test[i][1]) for i in range(5)] == [7, 2, 1, 0, 4]
    assert sorted((shared_data / "keras").iterdir()) == before


def test_home_defaults_to_the_users(monkeypatch):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    assert keras_sets.home().name == ".keras"
    assert shutil.os.path.isabs(keras_sets.home())
