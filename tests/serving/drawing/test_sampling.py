"""Drawing through a server's queue gives the pictures of `kn sample`."""

import asyncio

import keras
import numpy as np
import pytest

from kerasnotes.contracts.capabilities import ServesMore, ServesSampler
from kerasnotes.contracts.generation import Request
from kerasnotes.diffusion.samplers.catalog import SAMPLERS
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.note import DDPM
from kerasnotes.notes.gan.config import GANConfig
from kerasnotes.notes.gan.note import GAN
from kerasnotes.notes.vae.config import VAEConfig
from kerasnotes.notes.vae.note import VAE
from kerasnotes.serving.drawing import sampling
from kerasnotes.serving.drawing.generator import ServedGenerator, find_generator
from kerasnotes.serving.drawing.sampling_plan import (
    make_plan,
    options,
    read_request,
)
from kerasnotes.serving.engine.errors import ServingError
from tests.serving.stub_core import StubCore, StubServable, keras_functions
from tests.specs import flat

pytestmark = pytest.mark.once

IMAGES = flat(
    "tiny", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"),
    value_range=(0.0, 16.0),
)  # fmt: skip
POINTS = flat("points", "table", (2,), "float32", "class", ("one",), ("x", "y"))


def serve(model, spec, name="generator"):
    walks = isinstance(model, ServesSampler)
    details = model.sampler_details() if walks else None
    card = {
        "task": "generation",
        "note": model.name,
        "spec": spec.to_json(),
        "sampler": details,
        "weights": "0" * 64,
        "source": "run",
        "versions": {"keras": keras.__version__},
    }
    models = {"serving_default": model.serving_model()}
    if isinstance(model, ServesMore):
        models |= model.serving_models()
    return StubServable(name, keras_functions(models), card)


def blur(network, seed=0):
    """Moves every weight: the last layer starts at 0."""
    rng = np.random.default_rng(seed)
    for weight in network.trainable_variables:
        noise = 0.1 * rng.standard_normal(weight.shape)
        weight.assign(np.asarray(weight) + noise.astype("float32"))


def make_ddpm(spec=IMAGES, **settings):
    keras.utils.set_random_seed(0)
    config = DDPMConfig(widths=[16], timesteps=30, **settings)
    channels = spec.input.shape[-1]
    model = DDPM(config, spec, [1.0] * channels, [4.0] * channels)
    blur(model.denoiser)
    return model


@pytest.fixture(scope="module")
def ddpm():
    return make_ddpm(conditional=True, drop=0.1)


def draw(servable, body="{}", frames=0):
    core, generator = StubCore(servable), ServedGenerator(servable)
    plan = make_plan(generator, read_request(body.encode()))

    async def run():
        return [s async for s in sampling.draw(core, generator, plan, frames)]

    return asyncio.run(run()), core


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_draws_what_kn_sample_draws(ddpm, name):
    states, _ = draw(
        serve(ddpm, IMAGES),
        f'{{"count": 3, "seed": 5, "sampler": "{name}", "steps": 6}}',
    )
    own = ddpm.generate(Request(3, seed=5, sampler=name, steps=6))
    np.testing.assert_allclose(states[-1].values, own.values, atol=2e-3)


def test_class_guidance_eta_and_levels_as_kn_sample(ddpm):
    body = (
        '{"count": 2, "class": "b", "guidance": 2.5, "eta": 0.5,'
        '"sampler": "ddim", "schedule": "leading", "steps": 5}'
    )
    states, _ = draw(serve(ddpm, IMAGES), body)
    request = Request(
        2, label=1, guidance=2.5, eta=0.5,
        sampler="ddim", schedule="leading", steps=5,
    )  # fmt: skip
    own = ddpm.generate(request)
    np.testing.assert_allclose(states[-1].values, own.values, atol=2e-3)
    plain = ddpm.generate(Request(2, label=1, sampler="ddim", steps=5))
    assert np.abs(plain.values - own.values).max() > 0.1


def test_the_way_there_is_that_of_kn_sample(ddpm):
    states, _ = draw(serve(ddpm, IMAGES), '{"count": 2, "steps": 8}', 5)
    shown = [s.values for s in states if s.values is not None]
    own = ddpm.generate(Request(2, steps=8, frames=5))
    np.testing.assert_allclose(shown, own.trajectory, atol=2e-3)
    assert [s.done for s in states] == list(range(states[-1].total + 1))


@pytest.mark.parametrize("condition", ["none", "superres", "inpaint"])
def test_models_told_nothing(condition):
    model = make_ddpm(condition=condition, conditional=False, drop=0.1)
    states, _ = draw(serve(model, IMAGES), '{"count": 2, "steps": 4}')
    own = model.generate(Request(2, steps=4))
    np.testing.assert_allclose(states[-1].values, own.values, atol=2e-3)


def test_rows_of_a_table():
    model = make_ddpm(POINTS, conditional=False)
    states, _ = draw(serve(model, POINTS), '{"count": 5, "steps": 4}')
    own = model.generate(Request(5, steps=4))
    np.testing.assert_allclose(states[-1].values, own.values, atol=2e-3)


@pytest.mark.parametrize("conditional", [False, True])
def test_a_gan_draws_what_kn_sample_draws(conditional):
    keras.utils.set_random_seed(0)
    config = GANConfig(latent=3, conditional=conditional)
    model = GAN(config, IMAGES, [1.0], [4.0])
    states, _ = draw(serve(model, IMAGES), '{"count": 4, "seed": 7}')
    own = model.generate(Request(4, seed=7))
    assert len(states) == 1
    np.testing.assert_allclose(states[-1].values, own.values, atol=1e-3)


def test_a_vae_draws_what_kn_sample_draws():
    keras.utils.set_random_seed(0)
    model = VAE(VAEConfig(latent=3), IMAGES, [1.0], [4.0])
    states, core = draw(serve(model, IMAGES), '{"count": 70, "seed": 7}')
    own = model.generate(Request(70, seed=7))
    np.testing.assert_allclose(states[-1].values, own.values, atol=1e-3)
    # Never more than 64 at once: others wait meanwhile.
    assert core.calls == [("serving_default", 64), ("serving_default", 6)]


def test_one_request_to_the_network_a_row(ddpm):
    states, core = draw(
        serve(ddpm, IMAGES), '{"count": 70, "sampler": "heun", "steps": 3}'
    )
    # Heun asks twice a step, the last but once.
    assert states[-1].total == 5
    assert core.calls == [("denoise", 64), ("denoise", 6)] * 5


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", None),
        ("[]", "object"),
        ('{"count": 0}', "count"),
        ('{"count": 101}', "count"),
        ('{"count": 2.5}', "count"),
        ('{"count": "2"}', "count"),
        ('{"count": true}', "count"),
        ('{"seed": -1}', "seed"),
        ('{"seed": 9223372036854775808}', "seed"),
        ('{"steps": 0}', "steps"),
        ('{"steps": 31}', "1 to 30"),
        ('{"guidance": NaN}', "finite"),
        ('{"guidance": -1}', "guidance"),
        ('{"eta": 0.5}', "eta"),
        ('{"eta": 2, "sampler": "ddim"}', "eta"),
        ('{"sampler": "eulr"}', "euler"),
        ('{"sampler": "ddpm", "schedule": "karras"}', "timesteps"),
        ('{"schedule": "even"}', "karras"),
        ('{"class": "d"}', "d"),
        ('{"class": 3}', "3"),
        ('{"class": -1}', "-1"),
        ('{"frames": 51}', "frames"),
        ('{"colour": 1}', "colour"),
        ('{"count": 1, "count": 2}', '"count" is given twice'),
        ('{"count": 1', "JSON"),
        ("[" * 5000, "JSON"),
        ("\x00\xff", "JSON"),
    ],
)
def test_what_is_refused(ddpm, body, words):
    generator = ServedGenerator(serve(ddpm, IMAGES))
    if words is None:
        assert make_plan(generator, read_request(body.encode())).count == 16
        return
    with pytest.raises(ServingError, match=words) as caught:
        make_plan(generator, read_request(body.encode()))
    assert caught.value.code.http == 400


@pytest.mark.parametrize("name", ["sampler", "steps", "eta", "guidance"])
def test_a_model_without_the_option_says_so(name):
    keras.utils.set_random_seed(0)
    model = VAE(VAEConfig(latent=3), IMAGES, [1.0], [4.0])
    generator = ServedGenerator(serve(model, IMAGES))
    value = '"ddim"' if name == "sampler" else "1"
    request = read_request(f'{{"{name}": {value}}}'.encode())
    with pytest.raises(ServingError, match=f"{name}: .* no such option"):
        make_plan(generator, request)


def test_options_are_those_of_the_catalog(ddpm):
    described = options(ServedGenerator(serve(ddpm, IMAGES)))
    assert [each["name"] for each in described["samplers"]] == list(SAMPLERS)
    assert described["timesteps"] == 30
    assert described["conditional"]
    assert described["guidance"]


@pytest.mark.parametrize(
    "change",
    [
        {"task": "classification"},
        {"spec": None},
        {"spec": {"name": "x"}},
        {"sampler": {"schedule": {"name": "cosine", "num_timesteps": 30}}},
        {"sampler": []},
        {"sampler": {"schedule": {"name": "?", "num_timesteps": 30}}},
    ],
)
def test_a_description_of_something_else(ddpm, change):
    servable = serve(ddpm, IMAGES)
    servable.card = {**servable.card, **change}
    generator = find_generator(servable)
    # Without a sampler's description there is still the whole chain.
    assert generator is None or not generator.sampler


def test_large_examples_are_drawn_by_fewer(ddpm, monkeypatch):
    monkeypatch.setattr(
        "kerasnotes.serving.drawing.sampling_plan.MOST_NUMBERS", 200
    )
    generator = ServedGenerator(serve(ddpm, IMAGES))
    assert options(generator)["most"] == 3
    with pytest.raises(ServingError, match="at most 3 examples"):
        make_plan(generator, read_request(b'{"count": 4}'))
