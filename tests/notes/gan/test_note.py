"""The GAN note: sizes, choices, sampling, warnings."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasnotes.base import config as cfg
from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.generation import Request
from kerasnotes.notes.gan.config import GANConfig
from kerasnotes.notes.gan.note import GAN
from tests.checks import check_saving, to_numpy
from tests.specs import flat

CLASSES = ("a", "b", "c")
SMALL = {"width": 2, "hidden": 5, "widths": [4], "latent": 3}


def image_spec(*shape):
    return flat("i", "image", shape, "uint8", "class", CLASSES)


TABLE = flat("t", "table", (2,), "float32", "class", CLASSES)


def make(spec=TABLE, **config):
    keras.utils.set_random_seed(0)
    columns = spec.input.shape[-1] or 1
    mean = [10.0, -4.0][:columns] + [0.0] * (columns - 2)
    variance = [4.0, 0.25][:columns] + [1.0] * (columns - 2)
    return GAN(GANConfig(**{**SMALL, **config}), spec, mean, variance)


# === Networks ===


@pytest.mark.once
@pytest.mark.parametrize(
    ("shape", "start", "end"),
    [
        ((8, 8, 1), (2, 2), (2, 2)),
        ((28, 28, 1), (7, 7), (4, 4)),
        ((12, 20, 3), (3, 5), (2, 3)),
        ((32, 32, 3), (4, 4), (4, 4)),
        ((4, 4, 2), (1, 1), (1, 1)),
        ((64, 8, 1), (16, 2), (4, 1)),
    ],
)
def test_images_of_any_multiple_of_4(shape, start, end):
    model = make(image_spec(*shape))
    layer = model.generator.get_layer("g_reshape")
    assert layer.output.shape[1:3] == start
    assert model.generator.output.shape == (None, *shape)
    flat = model.discriminator.get_layer("d_flatten")
    assert flat.input.shape[1:3] == end
    assert model.discriminator.output.shape == (None,)


@pytest.mark.once
@pytest.mark.parametrize("shape", [(6, 8, 1), (30, 30, 1), (None, None, 3)])
def test_other_sizes_are_refused(shape):
    with pytest.raises(UsageError, match="this size") as caught:
        make(image_spec(*shape))
    assert "multiples of 4" in caught.value.expected


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_the_discriminator_sees_examples_one_by_one(normalization):
    model = make(image_spec(8, 8, 1), normalization=normalization)
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (4, 8, 8, 1)).astype("float32")
    logits = model.discriminator(x, training=True)
    fewer = model.discriminator(x[:2], training=True)
    apart = np.abs(to_numpy_of(logits)[:2] - to_numpy_of(fewer)).max()
    # Only batch normalization mixes them: penalties are refused with it.
    assert (apart > 1e-4) == (normalization == "batch")


def to_numpy_of(tensor):
    return to_numpy(ops.stop_gradient(tensor))


# === Choices ===


@pytest.mark.once
@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, (1, 0.0, 0.2)),
        ({"loss": "hinge", "r1": 0.0}, (1, 0.0, 0.0)),
        ({"loss": "wasserstein"}, (5, 10.0, 0.0)),
        ({"loss": "wasserstein", "critic_steps": 2, "r1": 1.0}, (2, 10.0, 1.0)),
        ({"gradient_penalty": 3.0}, (1, 3.0, 0.0)),
        ({"normalization": "batch"}, (1, 0.0, 0.0)),
    ],
)
def test_what_is_left_open_fits_the_loss(given, found):
    config = GANConfig(**given)
    assert (config.repeats, config.penalty, config.r1_weight) == found


@pytest.mark.once
@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"loss": "wasserstein", "gradient_penalty": 0}, "only defined with"),
        ({"loss": "wasserstein", "normalization": "batch"}, "mixes the"),
        ({"normalization": "batch", "r1": 0.1}, "mixes the examples"),
        ({"loss": "wgan"}, "loss"),
        ({"latent": 0}, "latent"),
        ({"critic_steps": 0}, "critic_steps"),
    ],
)
def test_what_does_not_fit_is_told(given, text):
    with pytest.raises(UsageError, match=text):
        cfg.build(GANConfig, given, "model")


@pytest.mark.once
def test_defaults_take_about_as_many_moves_whatever_the_data():
    for spec, examples, expected in (
        (TABLE, 5600, 13_000),
        (image_spec(8, 8, 1), 1258, 13_000),
        (image_spec(28, 28, 1), 54_000, 26_000),
    ):
        for loss in ("hinge", "wasserstein"):
            config = GANConfig(loss=loss)
            found = config.train_defaults(spec, examples)
            batches = examples // found["batch_size"]
            moves = found["epochs"] * batches * (1 + config.repeats)
            assert moves == pytest.approx(expected, rel=0.1)


@pytest.mark.once
def test_fewer_examples_than_critic_steps():
    model = make(loss="wasserstein")
    with pytest.raises(UsageError, match="fewer training examples"):
        model.prepare_training(examples=4, steps_per_epoch=1, epochs=1)
    model.prepare_training(examples=5, steps_per_epoch=1, epochs=1)


# === Objective ===


def test_losses_of_the_forward_pass_equal_numpy():
    model = make(loss="least_squares")
    rng = np.random.default_rng(0)
    x = rng.normal(8.0, 3.0, (6, 2)).astype("float32")
    noise = rng.standard_normal((6, 3), "float32")
    inputs = {"x": x, "y": np.zeros(6, "int32"), "noise": noise}
    answer = model(inputs, training=False)
    made = to_numpy_of(model.generator(noise))
    unit = (x - [10.0, -4.0]) / [2.0, 0.5]
    real = to_numpy_of(model.discriminator(unit.astype("float32")))
    fake = to_numpy_of(model.discriminator(made))
    np.testing.assert_allclose(to_numpy_of(answer["real"]), real, atol=1e-5)
    np.testing.assert_allclose(to_numpy_of(answer["fake"]), fake, atol=1e-5)
    diversity = made.var(axis=0).mean() / unit.var(axis=0).mean()
    assert float(to_numpy_of(answer["diversity"])) == pytest.approx(
        diversity, rel=1e-4
    )
    loss = float(to_numpy_of(model.compute_loss(x=inputs, y_pred=answer)))
    expected = (real - 1) ** 2 / 2 + fake**2 / 2 + (fake - 1) ** 2 / 2
    assert loss == pytest.approx(expected.mean(), rel=1e-5)
    accuracy = np.concatenate([real > 0.5, fake <= 0.5]).mean()
    assert float(model.trackers["accuracy"].result()) == pytest.approx(accuracy)


def test_the_gradient_penalty_of_a_linear_critic():
    model = make(loss="wasserstein")
    # Leaky ReLUs of one sign: the critic is linear where it is looked at.
    kernel, bias, last, _ = model.discriminator.trainable_variables
    bias.assign(np.full(bias.shape, 1e3, "float32"))
    slope = to_numpy_of(kernel.value) @ to_numpy_of(last.value)
    rng = np.random.default_rng(0)
    x, made = rng.normal(size=(2, 5, 2)).astype("float32")
    inputs = {"x": x, "y": np.zeros(5, "int32")}
    found = model._gradient_penalty(
        ops.convert_to_tensor(x), ops.convert_to_tensor(made), inputs
    )
    expected = 10 * (np.linalg.norm(slope) - 1) ** 2
    np.testing.assert_allclose(to_numpy_of(found), expected, rtol=1e-4)


# === Sampling ===


@pytest.mark.parametrize("spec", [TABLE, image_spec(8, 8, 1)])
def test_an_example_depends_on_its_seed_and_number_alone(spec):
    model = make(spec)
    many = model.generate(Request(70, seed=3)).values
    assert many.shape == (70, *spec.input.shape)
    assert many.dtype == np.float32
    np.testing.assert_array_equal(
        model.generate(Request(5, seed=3)).values, many[:5]
    )
    assert not np.allclose(model.generate(Request(5, seed=4)).values, many[:5])
    if spec.input.kind == "image":
        assert 0 <= many.min() < many.max() <= 255


def test_what_is_served_is_what_is_sampled():
    for spec, name in ((TABLE, "features"), (image_spec(8, 8, 1), "image")):
        model = make(spec)
        served = model.serving_model()
        assert served.output_names == [name]
        noise = np.random.default_rng([0, 2]).standard_normal((1, 3), "float32")
        np.testing.assert_allclose(
            to_numpy_of(served(noise))[0],
            model.generate(Request(3)).values[2],
            rtol=1e-4,
            atol=1e-3,
        )


def test_a_class_can_be_asked_for():
    model = make(conditional=True)
    drawn = model.generate(Request(7))
    assert drawn.labels.tolist() == [0, 1, 2, 0, 1, 2, 0]
    asked = model.generate(Request(4, label=2))
    assert asked.labels.tolist() == [2] * 4
    np.testing.assert_array_equal(asked.values[2], drawn.values[2])
    assert not np.allclose(asked.values[0], drawn.values[0])
    with pytest.raises(UsageError, match="no such class"):
        model.generate(Request(1, label=3))


@pytest.mark.once
@pytest.mark.parametrize(
    "option",
    [{"label": 1}, {"sampler": "ddim"}, {"steps": 5}, {"guidance": 2.0}],
)
def test_what_it_cannot_do_is_refused(option):
    with pytest.raises(UsageError, match="has no option"):
        make().generate(Request(1, **option))


def test_a_saved_model_samples_the_same(tmp_path):
    model = make(image_spec(8, 8, 1), conditional=True, dropout=0.1)
    rng = np.random.default_rng(0)
    inputs = {
        "x": rng.integers(0, 256, (4, 8, 8, 1)).astype("float32"),
        "y": np.array([0, 1, 2, 0], "int32"),
        "noise": rng.standard_normal((4, 3), "float32"),
    }
    path = tmp_path / "model.keras"
    model.save(path)
    twin = keras.saving.load_model(path, safe_mode=True)
    for name, value in model(inputs).items():
        np.testing.assert_array_equal(
            to_numpy_of(value), to_numpy_of(twin(inputs)[name])
        )
    np.testing.assert_array_equal(
        model.generate(Request(3)).values, twin.generate(Request(3)).values
    )
    served = [inputs["noise"], inputs["y"]]
    check_saving(model.serving_model(), served, tmp_path)


# === Warnings ===


@pytest.mark.once
def test_warnings_come_once_when_something_begins():
    model = make()
    fine = {"accuracy": 0.7, "diversity": 0.9}
    assert model.remarks(fine) == []
    (text,) = model.remarks({**fine, "diversity": 0.01})
    assert "collapsed" in text
    assert "0.01 of the data's" in text
    assert model.remarks({**fine, "diversity": 0.02}) == []
    (text,) = model.remarks({"accuracy": 1.0, "diversity": 0.02})
    assert "tells all examples apart" in text
    assert model.remarks(fine) == []
    assert len(model.remarks({"accuracy": 1.0, "diversity": 0.0})) == 2


@pytest.mark.once
def test_a_collapsed_generator_is_seen():
    model = make()
    for variable in model.generator.trainable_variables:
        variable.assign(np.zeros(variable.shape, "float32"))
    x = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    answer = model({"x": x, "y": np.zeros(8, "int32")})
    model.compute_loss(y_pred=answer)
    values = {n: float(t.result()) for n, t in model.trackers.items()}
    assert values["diversity"] == pytest.approx(0.0, abs=1e-6)
    assert any("collapsed" in text for text in model.remarks(values))
