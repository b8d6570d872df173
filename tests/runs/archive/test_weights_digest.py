"""Weights are known by their values, whatever else is in the file."""

import keras
import pytest

from kerasnotes.base.errors import StorageError
from kerasnotes.runs.archive import archive
from kerasnotes.runs.archive.weights_digest import weights_digest
from kerasnotes.runs.saving import save_model


@pytest.fixture
def model():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


@pytest.mark.once
def test_only_the_weights_count(model, tmp_path):
    path = tmp_path / "a.keras"
    save_model(model, path, {"note": "a"})
    before = weights_digest(path)
    archive.write_record(path, {"note": "b"})
    assert weights_digest(path) == before
    model.set_weights([w + 1 for w in model.get_weights()])
    save_model(model, path, {"note": "a"})
    assert weights_digest(path) != before


@pytest.mark.once
def test_what_is_no_model_is_an_error(tmp_path):
    (tmp_path / "a.keras").write_bytes(b"PK no")
    for path in (tmp_path / "a.keras", tmp_path / "missing.keras"):
        with pytest.raises(StorageError):
            weights_digest(path)
