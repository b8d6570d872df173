"""The objective of the VAE against NumPy, its networks, and its answers."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from kerasnotes.base import config as cfg
from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.generation import Request
from kerasnotes.notes.vae.config import VAEConfig
from kerasnotes.notes.vae.note import LOWEST, VAE
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.state import slot_name
from tests.checks import to_numpy
from tests.specs import flat

CLASSES = ("a", "b")
MLP = {"network": "mlp", "widths": (6,), "latent": 3}
CONV = {"widths": (4, 6), "hidden": 5, "latent": 3}


def image_spec(*shape, limits=(0.0, 16.0)):
    return flat(
        "i", "image", shape, "uint8", "class", CLASSES, value_range=limits
    )


IMAGES = image_spec(6, 5, 2)
TABLE = flat("t", "table", (2,), "float32", "class", CLASSES)


def make(spec=IMAGES, seed=0, **config):
    keras.utils.set_random_seed(seed)
    size = {} if "network" in config or spec is TABLE else MLP
    return VAE(
        VAEConfig(**{"latent": 3, **size, **config}),
        spec,
        [10.0, -4.0],
        [4.0, 0.25],
    )


def make_inputs(spec=IMAGES, count=5, seed=1, latent=3):
    rng = np.random.default_rng(seed)
    shape = (count, *spec.input.shape)
    x = (
        rng.integers(0, 17, shape)
        if spec.input.kind == "image"
        else rng.normal((10.0, -4.0), (2.0, 0.5), shape)
    )
    return {
        "x": x.astype("float32"),
        "y": np.zeros(count, "int32"),
        "noise": rng.standard_normal((count, latent), "float32"),
        "uniform": rng.random(shape, "float32"),
    }


def dense(network, name, x):
    kernel, bias = (
        w.astype("float64") for w in network.get_layer(name).get_weights()
    )
    return x @ kernel + bias


def written_out(model, seen, noise):
    """The decoder's answer and the KL, layer by layer, in float64."""
    flat = seen.reshape(len(seen), -1).astype("float64")
    hidden = np.maximum(dense(model.encoder, "e_dense1", flat), 0)
    mean = dense(model.encoder, "e_mean", hidden)
    log_var = dense(model.encoder, "e_log_var", hidden)
    z = mean + np.sqrt(np.exp(log_var)) * noise
    hidden = np.maximum(dense(model.decoder, "d_dense1", z), 0)
    answer = dense(model.decoder, "d_last", hidden)
    kl = -0.5 * (1 + log_var - mean**2 - np.exp(log_var))
    return flat, answer, kl


# === Objective ===


@pytest.mark.parametrize("binarize", ["none", "threshold", "stochastic"])
def test_the_bernoulli_loss_against_numpy(binarize):
    model, inputs = make(binarize=binarize), make_inputs()
    seen = inputs["x"].astype("float64") / 16
    seen = {
        "none": seen,
        "threshold": np.where(seen > 0.5, 1.0, 0.0),
        "stochastic": np.where(inputs["uniform"] < seen, 1.0, 0.0),
    }[binarize]
    x, logits, kl = written_out(model, seen, inputs["noise"])
    p = special.expit(logits)
    score = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)
    check_loss(model, inputs, score, kl)


@pytest.mark.parametrize("spec", [IMAGES, TABLE], ids=["images", "table"])
@pytest.mark.parametrize("variance", [None, 0.2], ids=["learned", "fixed"])
def test_the_gaussian_loss_against_numpy(spec, variance):
    settings = {**MLP, "likelihood": "gaussian", "variance": variance}
    model, inputs = make(spec, **settings), make_inputs(spec)
    seen = inputs["x"] / 16
    if spec is TABLE:
        seen = (inputs["x"] - [10.0, -4.0]) / [2.0, 0.5]
    if variance is None:
        model.log_var.assign(-0.7)
        variance = np.exp(LOWEST + np.logaddexp(0, -0.7 - LOWEST))
        # The floor is far below: the weight is the log variance itself.
        assert variance == pytest.approx(np.exp(-0.7), rel=1e-3)
    x, mean, kl = written_out(model, seen, inputs["noise"])
    score = stats.norm.logpdf(x, mean, np.sqrt(variance)).sum(axis=1)
    check_loss(model, inputs, score, kl)


def check_loss(model, inputs, score, kl):
    answer = model(inputs, training=True)
    found = {name: to_numpy(ops.stop_gradient(v)) for name, v in answer.items()}
    np.testing.assert_allclose(found["log_likelihood"], score, rtol=1e-4)
    np.testing.assert_allclose(found["kl"], kl, rtol=1e-3, atol=1e-6)
    loss = model.compute_loss(x=inputs, y_pred=answer)
    # Sums over pixels and latents; the mean over the batch alone.
    right = (kl.sum(axis=1) - score).mean()
    assert float(to_numpy(ops.stop_gradient(loss))) == pytest.approx(
        right, rel=1e-4
    )
    assert float(model.kl.result()) == pytest.approx(kl.sum(1).mean(), rel=1e-3)
    assert float(model.reconstruction.result()) == pytest.approx(
        -score.mean(), rel=1e-4
    )


def test_beta_and_free_bits():
    kl = np.float32([[0.1, 2.0], [0.3, 4.0]])
    answer = {"log_likelihood": np.float32([-7.0, -9.0]), "kl": kl}
    for given, right in (
        ({}, 8 + 3.2),
        ({"beta": 4.0}, 8 + 4 * 3.2),
        ({"beta": 0.0}, 8.0),
        ({"free_bits": 0.5}, 8 + 0.5 + 3.0),
        ({"beta": 2.0, "free_bits": 5.0}, 8 + 2 * 10.0),
    ):
        model = make(**given)
        loss = float(to_numpy(model.compute_loss(y_pred=answer)))
        assert loss == pytest.approx(right, rel=1e-5)
        # What is reported is the divergence, whatever it cost.
        assert float(model.kl.result()) == pytest.approx(3.2, rel=1e-5)


def test_draws_are_new_each_time_and_given_ones_kept():
    model, inputs = make(binarize="stochastic"), make_inputs()
    free = {name: inputs[name] for name in ("x", "y")}

    def score(given):
        answer = model(given)["log_likelihood"]
        return to_numpy(ops.stop_gradient(answer))

    assert not np.allclose(score(free), score(free))
    np.testing.assert_array_equal(score(inputs), score(inputs))


def test_stochastic_bits_are_on_as_often_as_pixels_are_bright():
    model = make(image_spec(1, 3, 1), binarize="stochastic")
    x = np.tile(np.float32([0, 4, 16]).reshape(1, 1, 3, 1), (4000, 1, 1, 1))
    drawn = model.observe(x, model._uniform({"x": x}))
    share = to_numpy(drawn).mean(axis=0).ravel()
    np.testing.assert_allclose(share, [0, 0.25, 1], atol=0.03)
    assert set(np.unique(to_numpy(drawn))) == {0.0, 1.0}


@pytest.mark.once
def test_pixels_beyond_the_limits_are_cut():
    model = make(image_spec(1, 2, 1))
    x = np.float32([-3, 40]).reshape(1, 1, 2, 1)
    seen = to_numpy(model.observe(x, x)).ravel()
    np.testing.assert_array_equal(seen, [0, 1])


@pytest.mark.parametrize("settings", [MLP, {"network": "conv", **CONV}])
def test_fit_lowers_the_loss_of_fixed_draws(settings):
    model, inputs = make(**settings), make_inputs(count=8)
    train = TrainConfig(learning_rate=1e-2, warmup=0, schedule="constant")
    compile_model(model, None, train, total_steps=100)
    losses = [
        float(np.ravel(model.train_on_batch(inputs, inputs["y"]))[0])
        for _ in range(30)
    ]
    assert losses[-1] < 0.95 * losses[0]


# === Networks ===


@pytest.mark.once
@pytest.mark.parametrize(
    ("shape", "widths"),
    [
        ((8, 8, 1), (4, 6)),
        ((28, 28, 1), (4, 6)),
        ((9, 7, 3), (2, 2, 2)),
        ((1, 1, 1), (2,)),
        ((5, 33, 2), (3,)),
    ],
)
@pytest.mark.parametrize("hidden", [0, 5])
def test_images_of_any_size(shape, widths, hidden):
    model = make(
        image_spec(*shape), network="conv", widths=widths, hidden=hidden
    )
    assert model.decoder.output.shape == (None, *shape)
    assert {n: t.shape for n, t in model.encoder.output.items()} == {
        "mean": (None, 3),
        "log_var": (None, 3),
    }


@pytest.mark.once
def test_what_is_left_open_fits_the_data():
    image, table = VAEConfig(), VAEConfig()
    assert image.network_for(IMAGES) == "conv"
    assert image.likelihood_for(IMAGES) == "bernoulli"
    assert table.network_for(TABLE) == "mlp"
    assert table.likelihood_for(TABLE) == "gaussian"


@pytest.mark.once
def test_the_perceptron_of_the_paper():
    model = make(image_spec(28, 28, 1), network="mlp", latent=20)
    units = [
        layer.units
        for part in model.parts.values()
        for layer in part.layers
        if isinstance(layer, keras.layers.Dense)
    ]
    assert units == [400, 20, 20, 400, 784]
    assert model.count_params() == 652_824


@pytest.mark.parametrize("settings", [MLP, {"network": "conv", **CONV}])
def test_every_slot_of_the_optimizer_has_a_name_of_its_own(settings):
    """Encoder and decoder mirror each other; their layers' names do not."""
    model = make(**settings)
    compile_model(model, None, TrainConfig(ema=0.9), total_steps=1)
    names = [slot_name(v) for v in model.optimizer.variables]
    assert len(names) == len(set(names))


@pytest.mark.once
@pytest.mark.parametrize(
    ("spec", "given", "text"),
    [
        (image_spec(None, None, 1), {}, "one size"),
        (TABLE, {"network": "conv"}, "no neighbours"),
        (TABLE, {"likelihood": "bernoulli"}, "two limits"),
        (TABLE, {"binarize": "threshold"}, "bernoulli"),
        (IMAGES, {"likelihood": "gaussian", "binarize": "threshold"}, "bern"),
        (IMAGES, {"variance": 0.1}, "gaussian"),
    ],
)
def test_what_does_not_fit_is_told(spec, given, text):
    with pytest.raises(UsageError, match=text) as caught:
        VAE(VAEConfig(**given), spec, [0.0, 0.0], [1.0, 1.0])
    assert caught.value.received
    assert caught.value.hint


@pytest.mark.once
@pytest.mark.parametrize(
    "given",
    [
        {"latent": 0},
        {"widths": []},
        {"widths": [0]},
        {"variance": 0},
        {"beta": -1},
        {"free_bits": -1},
        {"importance": 0},
        {"binarize": "dynamic"},
        {"likelihood": "normal"},
        {"activation": "softmax"},
    ],
)
def test_values_out_of_range(given):
    with pytest.raises(UsageError, match=next(iter(given))):
        cfg.build(VAEConfig, given, "model")


# === Answers ===


CASES = {
    "mlp": (IMAGES, MLP),
    "conv": (IMAGES, {"network": "conv", **CONV}),
    "gaussian": (IMAGES, {**MLP, "likelihood": "gaussian"}),
    "table": (TABLE, {"network": "mlp", "widths": (6,)}),
}


@pytest.fixture(params=CASES)
def case(request):
    spec, settings = CASES[request.param]
    return make(spec, **settings), spec


def test_a_saved_model_is_the_same_model(case, tmp_path):
    model, spec = case
    if model.log_var is not None:
        model.log_var.assign(-1.5)
    model.save(tmp_path / "model.keras")
    twin = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    inputs = make_inputs(spec)
    for name, value in model(inputs).items():
        np.testing.assert_array_equal(
            to_numpy(ops.stop_gradient(value)),
            to_numpy(ops.stop_gradient(twin(inputs)[name])),
        )
    assert twin.note_config == model.note_config
    np.testing.assert_array_equal(
        model.generate(Request(3)).values, twin.generate(Request(3)).values
    )


def test_an_example_depends_on_its_seed_and_number_alone(case):
    model, spec = case
    many = model.generate(Request(70, seed=3)).values
    assert many.shape == (70, *spec.input.shape)
    assert many.dtype == np.float32
    few = model.generate(Request(5, seed=3)).values
    np.testing.assert_array_equal(few, many[:5])
    assert not np.allclose(model.generate(Request(5, seed=4)).values, few)
    if spec.input.kind == "image":
        assert 0 <= many.min() < many.max() <= 16


def test_what_is_served_is_what_is_sampled(case):
    model, spec = case
    served = model.serving_model()
    name = "image" if spec.input.kind == "image" else "features"
    assert [tensor.name for tensor in served.inputs] == ["noise"]
    assert served.output_names == [name]
    noise = np.random.default_rng([0, 2]).standard_normal((1, 3), "float32")
    found = to_numpy(ops.stop_gradient(served(noise)))[0]
    if spec.input.kind == "image":
        found = np.clip(found, 0, 16)
    np.testing.assert_allclose(
        found, model.generate(Request(3)).values[2], rtol=1e-4, atol=1e-4
    )


def test_decoding_is_the_mean_in_raw_units():
    z = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    for spec, settings, back in (
        (IMAGES, MLP, lambda a: 16 * special.expit(a)),
        (IMAGES, {**MLP, "likelihood": "gaussian"}, lambda a: 16 * a),
        (TABLE, {"network": "mlp"}, lambda a: a * [2, 0.5] + [10, -4]),
    ):
        model = make(spec, **settings)
        answer = to_numpy(ops.stop_gradient(model.decoder(z)))
        np.testing.assert_allclose(
            model.decode(z),
            back(answer.astype("float64")),
            rtol=1e-3,
            atol=1e-4,
        )


def test_encoding_takes_raw_values():
    for binarize in ("none", "threshold"):
        model, inputs = make(binarize=binarize), make_inputs()
        seen = inputs["x"] / 16
        if binarize == "threshold":
            seen = (seen > 0.5).astype("float32")
        right = model.encoder(seen)
        found = model.encode(inputs["x"])
        for name in ("mean", "log_var"):
            assert found[name].shape == (5, 3)
            np.testing.assert_allclose(
                found[name],
                to_numpy(ops.stop_gradient(right[name])),
                rtol=1e-4,
                atol=1e-5,
            )


def test_encoding_stochastic_bits_depends_on_the_seed():
    model, x = make(binarize="stochastic"), make_inputs()["x"]
    one, same, other = (model.encode(x, seed)["mean"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


@pytest.mark.once
@pytest.mark.parametrize(
    "option",
    [{"label": 1}, {"sampler": "ddim"}, {"steps": 5}, {"guidance": 2.0}],
)
def test_what_it_cannot_do_is_refused(option):
    with pytest.raises(UsageError, match="has no option"):
        make().generate(Request(1, **option))
