"""The objective of DDPM against NumPy, and what it does with requests."""

import keras
import numpy as np
import pytest

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.generation import Request
from kerasnotes.diffusion.choices import PARAMETERIZATIONS
from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.note import DDPM
from kerasnotes.training.compiling import compile_model
from tests.checks import to_numpy
from tests.specs import flat

IMAGES = flat(
    "tiny",
    "image",
    (8, 8, 1),
    "uint8",
    "class",
    ("a", "b", "c"),
    value_range=(0.0, 16.0),
)
TABLE = flat("points", "table", (2,), "float32", "class", ("one",))
SMALL = {"widths": [16, 16], "timesteps": 50}
UNET = {"widths": [8, 8], "timesteps": 50, "network": "unet", "blocks": 1}
# Parity draws with a U-Net, trains and saves it, on every backend.
NETWORKS = [
    pytest.param(SMALL, id="mlp"),
    pytest.param(UNET, id="unet", marks=pytest.mark.once),
]


def make(spec=IMAGES, seed=0, **settings):
    keras.utils.set_random_seed(seed)
    config = DDPMConfig(**{**SMALL, **settings})
    width = spec.input.shape[-1]
    model = DDPM(config, spec, [1.0] * width, [4.0] * width)
    rng = np.random.default_rng(seed)
    # The last layer starts at 0, behind which nothing could be seen.
    for weight in model.denoiser.trainable_variables:
        noise = 0.1 * rng.standard_normal(weight.shape)
        weight.assign(to_numpy(weight) + noise.astype("float32"))
    return model


def make_inputs(spec=IMAGES, count=4, seed=1, steps=50):
    rng = np.random.default_rng(seed)
    shape = (count, *spec.input.shape)
    return {
        "x": rng.integers(0, 17, shape).astype("float32"),
        "y": rng.integers(0, spec.target.num_classes, count).astype("int32"),
        "t": rng.integers(0, steps, count).astype("int32"),
        "noise": rng.standard_normal(shape).astype("float32"),
    }


@pytest.mark.parametrize("parameterization", PARAMETERIZATIONS)
@pytest.mark.parametrize("spec", [IMAGES, TABLE], ids=["images", "table"])
def test_the_loss_against_numpy(parameterization, spec):
    model = make(spec, parameterization=parameterization)
    inputs = make_inputs(spec)
    shift, scale = (8, 8) if spec is IMAGES else (1, 2)
    x = (inputs["x"].astype("float64") - shift) / scale
    schedule = make_schedule("cosine", 50)
    t, noise = inputs["t"], inputs["noise"].astype("float64")
    ac = schedule.alphas_cumprod[t].reshape(-1, *(1,) * (x.ndim - 1))
    before = schedule.alphas_cumprod_prev[t].reshape(ac.shape)
    beta = schedule.betas[t].reshape(ac.shape)
    x_t = np.sqrt(ac) * x + np.sqrt(1 - ac) * noise
    mean = (
        np.sqrt(before) * beta * x + np.sqrt(1 - beta) * (1 - before) * x_t
    ) / (1 - ac)
    target = {
        "noise": noise,
        "x_start": x,
        "score": -noise / np.sqrt(1 - ac),
        "v": np.sqrt(ac) * noise - np.sqrt(1 - ac) * x,
        "mean": mean,
    }[parameterization]
    answer = model.denoiser(
        [x_t.astype("float32"), t.astype("float32"), inputs["y"]]
    )
    error = np.square(to_numpy(answer) - target).reshape(len(x), -1).mean(1)
    # Score and mean are weighed to be the loss of the noise.
    noise_weight = {
        "score": 1 - ac,
        "mean": ac * (1 - ac) / (before * beta**2),
    }.get(parameterization, np.ones_like(ac))
    right = error * noise_weight.reshape(-1)
    result = to_numpy(model(inputs, training=False)["loss"])
    np.testing.assert_allclose(result, right, rtol=2e-4)


def test_compute_loss_is_the_mean():
    model = make()
    loss = np.array([1.0, 2.0, 6.0], "float32")
    assert to_numpy(model.compute_loss(y_pred={"loss": loss})) == 3.0


def test_times_are_stratified():
    model = make(timesteps=1000)
    inputs = {"x": np.zeros((10, 8, 8, 1), "float32")}
    draws = np.stack([to_numpy(model._times(inputs)) for _ in range(50)])
    assert draws.min() >= 0
    assert draws.max() <= 999
    # One time in every tenth of the range, in each of the draws.
    np.testing.assert_array_equal(
        np.sort(draws // 100, axis=1), np.tile(np.arange(10), (50, 1))
    )
    assert len(np.unique(draws)) > 250


def test_classes_are_hidden_in_training_only():
    model = make(drop=0.25)
    inputs = {
        "y": np.array([0, 1, 2, 0], "int32"),
        "keep": np.array([0.1, 0.3, 0.24, 0.25], "float32"),
    }
    label = to_numpy(model._labels(inputs, training=True))
    np.testing.assert_array_equal(label, [3, 1, 3, 0])
    label = to_numpy(model._labels(inputs, training=False))
    np.testing.assert_array_equal(label, inputs["y"])


def test_draws_are_new_each_time_and_given_ones_kept():
    model = make()
    inputs = make_inputs()
    free = {name: inputs[name] for name in ("x", "y")}
    one, two = (to_numpy(model(free)["loss"]) for _ in range(2))
    assert not np.allclose(one, two)
    one, two = (to_numpy(model(inputs)["loss"]) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("settings", NETWORKS)
def test_saving(settings, tmp_path):
    model = make(**settings)
    model.save(tmp_path / "model.keras")
    twin = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    one, two = (to_numpy(m(make_inputs())["loss"]) for m in (model, twin))
    np.testing.assert_array_equal(one, two)
    assert twin.note_config == model.note_config
    request = Request(2, steps=3)
    np.testing.assert_array_equal(
        model.generate(request).values, twin.generate(request).values
    )


@pytest.mark.parametrize("settings", NETWORKS)
def test_fit_lowers_the_loss_of_fixed_draws(settings):
    model = make(**settings)
    inputs = make_inputs(count=8)
    train = TrainConfig(learning_rate=3e-3, warmup=0, schedule="constant")
    compile_model(model, None, train, total_steps=100)
    losses = [
        float(np.ravel(model.train_on_batch(inputs, inputs["y"]))[0])
        for _ in range(30)
    ]
    assert losses[-1] < 0.9 * losses[0]


def test_an_image_depends_on_seed_and_number_alone():
    model = make()
    few = model.generate(Request(2, seed=3, steps=4)).values
    many = model.generate(Request(5, seed=3, steps=4)).values
    other = model.generate(Request(2, seed=4, steps=4)).values
    np.testing.assert_allclose(many[:2], few, atol=1e-4)
    assert np.abs(other - few).max() > 0.1
    assert few.shape == (2, 8, 8, 1)
    assert few.dtype == np.float32
    assert few.min() >= 0
    assert few.max() <= 16


def test_classes_come_in_turn_or_as_asked():
    model = make()
    turn = model.generate(Request(5, steps=2))
    np.testing.assert_array_equal(turn.labels, [0, 1, 2, 0, 1])
    one = model.generate(Request(5, steps=2, label=1))
    np.testing.assert_array_equal(one.labels, [1] * 5)
    np.testing.assert_allclose(turn.values[1], one.values[1], atol=1e-4)
    assert np.abs(turn.values[0] - one.values[0]).max() > 1e-3


def test_guidance_of_one_is_none_and_of_zero_ignores_the_class():
    model = make(timesteps=20)
    plain = model.generate(Request(3, steps=3, label=1))
    guided = {
        scale: model.generate(Request(3, steps=3, label=1, guidance=scale))
        for scale in (0.0, 1.0, 1.0001, 4.0)
    }
    np.testing.assert_array_equal(guided[1.0].values, plain.values)
    np.testing.assert_allclose(guided[1.0001].values, plain.values, atol=0.02)
    assert np.abs(guided[4.0].values - plain.values).max() > 0.01
    other = model.generate(Request(3, steps=3, label=2, guidance=0.0))
    np.testing.assert_allclose(guided[0.0].values, other.values, atol=1e-4)


def test_the_trajectory_ends_at_the_values():
    model = make()
    drawn = model.generate(Request(2, steps=10, frames=5))
    assert drawn.trajectory.shape == (5, 2, 8, 8, 1)
    np.testing.assert_array_equal(drawn.trajectory[-1], drawn.values)


def test_ddpm_takes_all_steps_unless_a_number_is_given():
    model = make(timesteps=20)
    plan = model.drawing.plan
    assert plan(Request(1, sampler="ddpm")).settings["steps"] == 20
    assert plan(Request(1, sampler="ddpm", steps=5)).settings["steps"] == 5
    assert plan(Request(1)).settings["sampler"] == "dpmpp_2m"


BAD = {
    "too many steps": ({}, {"steps": 51}),
    "no steps": ({}, {"steps": 0}),
    "no such sampler": ({}, {"sampler": "eulr"}),
    "no such schedule": ({}, {"schedule": "karas"}),
    "does not fit": ({}, {"sampler": "ddim", "schedule": "karras"}),
    "eta of another": ({}, {"sampler": "dpmpp_2m", "eta": 0.5}),
    "no such class": ({}, {"label": 3}),
    "negative class": ({}, {"label": -1}),
    "class, unconditional": ({"conditional": False}, {"label": 1}),
    "guidance, unconditional": ({"conditional": False}, {"guidance": 2.0}),
    "guidance, never hidden": ({"drop": 0.0}, {"guidance": 2.0}),
    "guidance below 0": ({}, {"guidance": -1.0}),
    "guidance not finite": ({}, {"guidance": float("nan")}),
}


@pytest.mark.once
@pytest.mark.parametrize("name", BAD)
def test_bad_requests(name):
    settings, request = BAD[name]
    with pytest.raises(UsageError):
        make(**settings).generate(Request(1, **request))


WRONG = {
    "no levels left": (IMAGES, {**UNET, "widths": [16] * 5}),
    "groups": (IMAGES, {**UNET, "groups": 3}),
    "heads": (IMAGES, {**UNET, "key_dim": 3}),
    "attention": (IMAGES, {**UNET, "attention": [2]}),
    "table": (TABLE, UNET),
    "schedule": (IMAGES, {**SMALL, "schedule": "linear", "timesteps": 20}),
    "sizes vary": (
        flat("any", "image", (None, None, 1), "uint8", "class", ("a",)),
        SMALL,
    ),
}


@pytest.mark.once
@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit(name):
    spec, settings = WRONG[name]
    with pytest.raises(UsageError) as caught:
        DDPM(DDPMConfig(**settings), spec, [0.0], [1.0])
    assert caught.value.received


@pytest.mark.once
def test_sides_that_do_not_halve_are_padded():
    spec = flat("odd", "image", (9, 14, 3), "uint8", "class", ("a",))
    model = make(spec, **{**UNET, "widths": [8, 8, 8]})
    assert model.generate(Request(1, steps=2)).values.shape == (1, 9, 14, 3)


def test_the_serving_model_samples():
    model = make()
    noise = np.stack(
        [
            np.random.default_rng([5, i]).standard_normal((8, 8, 1), "float32")
            for i in range(3)
        ]
    )
    serving = model.serving_model()
    label = np.arange(3, dtype="int32")
    result = to_numpy(serving([noise, label]))
    right = model.generate(Request(3, seed=5)).values
    np.testing.assert_allclose(result, right, atol=2e-3)
