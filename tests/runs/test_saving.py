import errno
import gc
import resource
import zipfile

import h5py
import keras
import numpy as np
import pytest

from kerasnotes.base.errors import StorageError
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from kerasnotes.notes.unet.config import UNetConfig
from kerasnotes.notes.unet.note import UNet
from kerasnotes.runs import saving
from kerasnotes.runs.archive import archive, summary
from tests.specs import flat

RECORD = {"note": "x", "metrics": {"accuracy": 0.5}}
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 10, 12, 1))
MASKS = flat("cells", "image", (16, 16, 1), "uint8", "mask", ("a", "b"))


@keras.saving.register_keras_serializable("kerasnotes", "TestNested")
class Nested(keras.Model):
    """A functional model with a configuration of its own, and one inside."""

    def __init__(self, width, **kwargs):
        image = keras.Input((None, None, 1), name="image")
        x = keras.layers.Rescaling(1 / 255, name="scale")(image)
        inner = keras.Sequential(
            [
                keras.layers.Conv2D(width, 3, padding="same", name="conv"),
                keras.layers.BatchNormalization(name="norm"),
                keras.layers.Dropout(0.5, name="drop"),
            ],
            name="inner",
        )
        x = keras.layers.Conv2D(3, 1, name="probabilities")(inner(x))
        super().__init__(inputs=image, outputs=x, **kwargs)
        self.width = width

    def get_config(self):
        return {"width": self.width, "name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)


def sequential():
    model = keras.Sequential(
        [
            keras.Input((10, 12, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax", name="probabilities"),
        ]
    )
    return model


def functional():
    image = keras.Input((10, 12, 1), name="image")
    shared = keras.layers.Dense(4, name="shared")
    x = keras.layers.Flatten()(shared(keras.layers.Dense(4)(image)))
    return keras.Model(image, keras.layers.Dense(3, name="scores")(x))


def unet():
    config = UNetConfig(width=2, depth=1)
    return UNet(config, MASKS, [127.0], [4000.0])


def mlp():
    spec = flat("t", "table", (4,), "float32", "class", ("a", "b", "c"))
    return MLP(MLPConfig(widths=(8,)), spec, [0.0] * 4, [1.0] * 4)


MODELS = {
    "nested": lambda: Nested(4),
    "sequential": sequential,
    "functional": functional,
    "unet": unet,
}


def predict(model, images=IMAGES):
    return model.predict(images.astype("float32"), verbose=0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.keras"


@pytest.mark.parametrize("name", MODELS)
def test_round_trip(path, name):
    model = MODELS[name]()
    for weight in model.weights:  # not the initial ones, which a bug may keep
        if weight.dtype == "float32":
            weight.assign(
                np.random.default_rng(1).uniform(0.1, 1, weight.shape)
            )
    saving.save_model(model, path, RECORD)
    loaded = saving.load_model(path)
    np.testing.assert_array_equal(predict(loaded), predict(model))
    assert not loaded.compiled
    assert archive.read_record(path)["metrics"] == RECORD["metrics"]
    assert [p.name for p in path.parent.iterdir()] == ["model.keras"]


@pytest.mark.parametrize("name", MODELS)
def test_shown_layers_are_those_of_the_model(path, name):
    model = MODELS[name]()
    saving.save_model(model, path, RECORD)
    shown = summary.describe(path)
    assert shown["totals"]["parameters"] == model.count_params()
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert shown["totals"]["trainable"] == trainable
    flat = {
        layer.name: layer
        for layer in model._flatten_layers(include_self=False)
        if not isinstance(layer, keras.Model)
    }
    rows = {row["name"].split("/")[-1]: row for row in shown["layers"]}
    # A Sequential hides its InputLayer from `layers`.
    assert set(rows) == {
        key
        for key, layer in flat.items()
        if not isinstance(layer, keras.layers.InputLayer)
        or layer in model.layers
    }
    for key, row in rows.items():
        assert row["class"] == type(flat[key]).__name__
        assert row["parameters"] == flat[key].count_params()
    weights = {(w["layer"], w["path"][-1]): w for w in shown["weights"]}
    for (layer, number), weight in weights.items():
        live = flat[layer.split("/")[-1]].weights[int(number)]
        assert weight["mean"] == pytest.approx(
            keras.ops.convert_to_numpy(live).mean(), abs=1e-6
        )


def test_a_bare_keras_file_shows_the_same(path):
    """The layers from config.json against those of the live model."""
    model = functional()
    saving.save_model(model, path, RECORD)
    noted = summary.describe(path)
    model.save(path)
    bare = summary.describe(path)
    assert bare["record"] is None
    for ours, theirs in zip(noted["layers"], bare["layers"], strict=True):
        # Only a record knows what is trained; a Dense at the end is built
        # on a flat input, its output shape derived from its units.
        assert {**ours, "trainable": None} == theirs


def test_output_shapes_and_inner_names_are_noted(path):
    saving.save_model(Nested(4), path, RECORD)
    rows = {row["name"]: row for row in archive.read_record(path)["layers"]}
    assert rows["inner/conv"]["output_shape"] == [None, None, None, 4]
    assert rows["inner/norm"]["trainable"] == 8
    assert rows["inner/norm"]["parameters"] == 16
    assert rows["image"]["class"] == "InputLayer"
    assert rows["probabilities"]["dtype"] == "float32"


def test_optimizer_stays_out_and_training_goes_on(path):
    model = sequential()
    model.compile("adam", "sparse_categorical_crossentropy")
    labels = np.zeros(2)
    model.train_on_batch(IMAGES, labels)
    optimizer = model.optimizer
    saving.save_model(model, path, RECORD)
    assert model.compiled
    assert model.optimizer is optimizer
    model.train_on_batch(IMAGES, labels)
    assert int(optimizer.iterations) == 2
    with zipfile.ZipFile(path) as file, file.open("model.weights.h5") as data:
        assert "optimizer" not in h5py.File(data)
    with zipfile.ZipFile(path) as file:
        assert b"Adam" not in file.read("config.json")
    model.save(path)  # what bare Keras would have written
    assert summary.describe(path)["totals"]["optimizer_state"]


def test_a_failed_save_leaves_model_and_old_file_whole(path, monkeypatch):
    model = sequential()
    model.compile("adam", "mse")
    saving.save_model(model, path, RECORD)
    before = path.read_bytes()

    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive, "append_record", fail)
    with pytest.raises(StorageError, match="No space left") as caught:
        saving.save_model(model, path, RECORD)
    assert "free some space" in caught.value.hint
    assert path.read_bytes() == before
    assert model.compiled
    assert model.optimizer is not None
    assert [p.name for p in path.parent.iterdir()] == ["model.keras"]


def test_a_full_disk_inside_keras_is_a_storage_error(path):
    model = keras.Sequential([keras.Input((300,)), keras.layers.Dense(300)])
    saving.save_model(model, path, {"old": True})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(StorageError, match=r"write \S+: File too large\."):
            saving.save_model(model, path, RECORD)
        gc.collect()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert archive.read_record(path)["old"]
    archive.check(path)
    assert [p.name for p in path.parent.iterdir()] == ["model.keras"]


def test_unwritable_folder_and_wrong_name(tmp_path):
    with pytest.raises(StorageError, match="Cannot write"):
        saving.save_model(sequential(), tmp_path / "no" / "m.keras", RECORD)
    with pytest.raises(StorageError, match=r"ends in \.keras"):
        saving.save_model(sequential(), tmp_path / "m.h5", RECORD)


def test_lambda_is_never_run(path, tmp_path):
    proof = tmp_path / "proof"
    name = str(proof)
    code = keras.layers.Lambda(lambda x: (open(name, "w").close(), x)[1])
    model = keras.Sequential([keras.Input((3,)), code])
    model.save(path)
    assert proof.exists()  # it runs when called, as it would when loaded
    proof.unlink()
    with pytest.raises(StorageError, match="Lambda"):
        saving.load_model(path)
    assert not proof.exists()


def test_class_of_another_package(path):
    @keras.saving.register_keras_serializable("elsewhere")
    class Odd(keras.layers.Layer):
        def call(self, x):
            return x

    keras.Sequential([keras.Input((3,)), Odd()]).save(path)
    with pytest.raises(StorageError, match="another package") as caught:
        saving.load_model(path)
    assert "elsewhere>Odd" in caught.value.message


def test_what_keras_cannot_rebuild_is_one_screen(path):
    saving.save_model(sequential(), path, RECORD)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    config = members["config.json"].replace(b'"units": 3', b'"units": 4')
    with zipfile.ZipFile(path, "w") as file:
        for name, data in {**members, "config.json": config}.items():
            file.writestr(name, data)
    with pytest.raises(StorageError, match="cannot rebuild") as caught:
        saving.load_model(path)
    assert caught.value.exit_code == 5
    assert len(str(caught.value).splitlines()) <= 5


def test_mixed_precision_keeps_float32_weights(path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = mlp()
        saving.save_model(model, path, RECORD)
    finally:
        keras.config.set_dtype_policy("float32")
    loaded = saving.load_model(path)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    # The note's own configuration follows the policy of the day.
    assert {w.dtype for w in loaded.weights} <= {"float32", "uint32", "int32"}
    np.testing.assert_allclose(predict(loaded, x), predict(model, x), atol=2e-2)
