"""The sets of `keras.datasets`: from KERAS_HOME, else downloaded by Keras.

Files that lie in KERAS_HOME are read here, not by Keras, which writes into
that folder and, where it may not, looks in another and downloads again.
The official test part stays the test part.
"""

import dataclasses
import gzip
import importlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.memory import Parts, make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.npz import DAMAGE
from kerasnotes.data.restricted_pickle import load_npz, load_pickle
from kerasnotes.data.sets import class_names
from kerasnotes.runtime.quiet import quiet_start

REGRESSION = ("california-housing", "boston-housing")
WORDS = 4000
"""Most frequent words that a text becomes a table of."""


@dataclasses.dataclass(frozen=True)
class KerasSet:
    """One set of `keras.datasets`.

    Args:
        name: Its module's name there.
        path: File or folder in `KERAS_HOME/datasets` that holds it.
        read: Reads that; returns `train` and `test` parts.
        classes: Names of classes 0 to K-1.
        words: Whether inputs are texts, as lists of word ranks.
    """

    name: str
    path: str
    read: Callable[[Path], Parts]
    classes: tuple[str, ...]
    words: bool = False

    @property
    def at_hand(self) -> bool:
        """Whether it is on this machine: else Keras downloads it."""
        return (home() / "datasets" / self.path).exists()

    def load(self, config: DataConfig, problems: Problems) -> Dataset | None:
        """Loads the set.

        Raises:
            DataError: If it is not there and cannot be downloaded.
        """
        path = home() / "datasets" / self.path
        parts = self.read(path) if self.at_hand else self._download()
        features: tuple[str, ...] = ()
        if self.words:
            parts = {n: (multi_hot(x), y) for n, (x, y) in parts.items()}
            features = tuple(f"word {rank}" for rank in range(1, WORDS + 1))
        return make_dataset(
            parts,
            config,
            problems,
            name=self.name,
            target=fields.one_class(self.classes),
            features=features,
        )

    def _download(self) -> Parts:
        with quiet_start("tensorflow"):
            module = importlib.import_module(f"keras.datasets.{self.name}")
        # Raw word ranks: no start sign, none replaced, none shifted.
        options = {"start_char": None, "oov_char": None, "index_from": 0}
        try:
            train, test = module.load_data(**(options if self.words else {}))
        except Exception as error:
            # Keras raises a bare Exception where it cannot download.
            raise DataError(
                f"{self.name} is not in {home() / 'datasets'}, and could not "
                "be downloaded.",
                expected=f"{self.path} there, or a network",
                received=str(error).splitlines()[0] if str(error) else None,
                hint="set KERAS_HOME to a folder whose datasets/ holds it, "
                "or use --data digits, which needs no download",
            ) from error
        return {
            "train": (train[0], train[1].reshape(-1)),
            "test": (test[0], test[1].reshape(-1)),
        }


def home() -> Path:
    """Returns the folder where Keras keeps its files."""
    default = Path("~/.keras")
    return Path(os.environ.get("KERAS_HOME") or default).expanduser()


def multi_hot(texts: Array) -> Array:
    """Returns for each text which of the most frequent words it holds.

    Args:
        texts: Lists of word ranks; 1 is the most frequent word.

    Returns:
        Array `(N, 4000)`, uint8, 0 or 1.
    """
    table = np.zeros((len(texts), WORDS + 1), "uint8")
    for row, text in zip(table, texts, strict=True):
        ranks = np.asarray(text, "int64")
        row[ranks[ranks <= WORDS]] = 1
    return table[:, 1:]


def _read_mnist(path: Path) -> Parts:
    try:
        with open(path, "rb") as file:
            arrays = np.load(file, allow_pickle=False)
            return {
                part: (arrays[f"x_{part}"], arrays[f"y_{part}"])
                for part in ("train", "test")
            }
    except (*DAMAGE, KeyError) as error:
        raise _damaged(path, error) from error


def _read_fashion(folder: Path) -> Parts:
    return {
        part: (
            _read_idx(folder / f"{prefix}-images-idx3-ubyte.gz", 16),
            _read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", 8),
        )
        for part, prefix in (("train", "train"), ("test", "t10k"))
    }


def _read_idx(path: Path, header: int) -> Array:
    try:
        with gzip.open(path) as file:
            values = np.frombuffer(file.read()[header:], "uint8")
    except (OSError, EOFError) as error:
        raise _damaged(path, error) from error
    return values.reshape(-1, 28, 28) if header == 16 else values


def _read_cifar10(folder: Path) -> Parts:
    folder = _inner(folder, "cifar-10-batches-py")
    names = [f"data_batch_{number}" for number in range(1, 6)]
    return {
        "train": _cifar_batches(folder, names, "labels"),
        "test": _cifar_batches(folder, ["test_batch"], "labels"),
    }


def _read_cifar100(folder: Path) -> Parts:
    folder = _inner(folder, "cifar-100-python")
    return {
        part: _cifar_batches(folder, [part], "fine_labels")
        for part in ("train", "test")
    }


def _inner(folder: Path, name: str) -> Path:
    # Keras unpacks the archive into a folder of its own.
    return folder / name if (folder / name).is_dir() else folder


def _cifar_batches(
    folder: Path, names: list[str], labels: str
) -> tuple[Array, Array]:
    batches = [load_pickle(folder / name) for name in names]
    x = np.concatenate([np.asarray(batch["data"]) for batch in batches])
    y = np.concatenate([np.asarray(batch[labels]) for batch in batches])
    return x.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), y


def _read_imdb(path: Path) -> Parts:
    file = load_npz(path)
    return {p: (file[f"x_{p}"], file[f"y_{p}"]) for p in ("train", "test")}


def _read_reuters(path: Path) -> Parts:
    """Shuffles and cuts as `keras.datasets.reuters` does by default."""
    file = load_npz(path)
    order = np.arange(len(file["x"]))
    np.random.RandomState(113).shuffle(order)
    x, y = file["x"][order], file["y"][order]
    cut = int(len(x) * (1 - 0.2))
    return {"train": (x[:cut], y[:cut]), "test": (x[cut:], y[cut:])}


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path} is damaged: {error}.",
        expected="the file that Keras offers for download",
        received=str(path),
        hint="remove the file, so that it is downloaded again",
    )


_SETS = (
    KerasSet("mnist", "mnist.npz", _read_mnist, class_names.DIGITS),
    KerasSet(
        "fashion_mnist",
        "fashion-mnist",
        _read_fashion,
        class_names.FASHION_MNIST,
    ),
    KerasSet(
        "cifar10",
        "cifar-10-batches-py-target",
        _read_cifar10,
        class_names.CIFAR10,
    ),
    KerasSet(
        "cifar100",
        "cifar-100-python-target",
        _read_cifar100,
        class_names.CIFAR100,
    ),
    KerasSet("imdb", "imdb.npz", _read_imdb, class_names.IMDB, words=True),
    KerasSet(
        "reuters",
        "reuters.npz",
        _read_reuters,
        class_names.REUTERS,
        words=True,
    ),
)
SETS = {known.name: known for known in _SETS}
