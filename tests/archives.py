"""`.keras` files made by hand, without a framework: good and hostile."""

import io
import json
import zipfile

import h5py
import numpy as np

KERNEL = np.arange(6, dtype="float32").reshape(3, 2)
BIAS = np.array([-1.5, 4.0], "float32")


def layer(kind="Dense", name="dense", module="keras.layers", **config):
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": name, **config},
        "registered_name": None,
    }


def sequential(*layers):
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "net", "layers": list(layers)},
        "registered_name": None,
    }


def dense_weights(file):
    group = file.create_group("layers/dense/vars")
    group.attrs["name"] = "dense"
    group["0"] = KERNEL
    group["1"] = BIAS


def hdf5(fill=dense_weights):
    """Returns the bytes of an HDF5 file that `fill` filled."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def members(config=None, fill=dense_weights, record=None):
    """Returns the members of a `.keras` file, by name."""
    found = {
        "metadata.json": '{"keras_version": "3.15.1", "date_saved": "d@t"}',
        "config.json": json.dumps(config or sequential(layer())),
        "model.weights.h5": hdf5(fill),
    }
    if record is not None:
        found["kerasnotes.json"] = json.dumps(record)
    return found


def write(path, contents=None, compression=zipfile.ZIP_STORED):
    """Writes members to `path`; keys may be names or `ZipInfo`."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, text in (contents or members()).items():
            archive.writestr(name, text)
    return path
