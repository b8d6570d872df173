import keras
import numpy as np
import pytest
from keras import layers

from kerasnotes.diffusion import draw_samples as driver
from kerasnotes.diffusion.choices import PARAMETERIZATIONS
from kerasnotes.diffusion.draw_samples import draw_samples
from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.process import Process
from kerasnotes.diffusion.samplers.catalog import SAMPLERS, find_sampler
from kerasnotes.diffusion.sampling_loop import SamplingLoop
from kerasnotes.diffusion.sigmas import noise_levels
from kerasnotes.diffusion.whole_chain import chain_model
from tests.checks import to_numpy

SCHEDULE = make_schedule("cosine", 100)
SHAPE = (3, 2)


def small_network():
    """Weights from NumPy, so that all backends have the same."""
    x, t = keras.Input(SHAPE), keras.Input(())
    label = keras.Input((), dtype="int32")
    h = layers.Dense(8, activation="tanh")(layers.Flatten()(x))
    h = h + layers.Dense(8)(layers.Reshape((1,))(t / 100.0))
    h = h + layers.Embedding(4, 8)(label)
    out = layers.Reshape(SHAPE)(layers.Dense(6)(h))
    network = keras.Model([x, t, label], out)
    rng = np.random.default_rng(0)
    network.set_weights(
        [
            rng.normal(0, 0.5, weight.shape).astype("float32")
            for weight in network.get_weights()
        ]
    )
    return network


@pytest.fixture(scope="module")
def network():
    return small_network()


@pytest.fixture(scope="module")
def process(network):
    def predict(x_t, t, conditions, training=False):
        return network([x_t, t, conditions["label"]])

    plain = Process(SCHEDULE, predict, parameterization="v", network=network)
    return plain.guided(3)


@pytest.fixture(scope="module")
def loop(process):
    return SamplingLoop(process.denoise, process.network)


def draw(loop, name="dpmpp_2m", *, steps=8, count=6, labels=None, **options):
    sampler = find_sampler(name)
    table = sampler.table(noise_levels(SCHEDULE, steps, sampler.spacing))
    labels = np.arange(count) % 3 if labels is None else labels
    conditions = {
        "label": labels.astype("int32"),
        "guidance": np.float32(1.5),
    }
    return draw_samples(
        loop, table, SCHEDULE, shape=SHAPE, count=count,
        conditions=conditions, **options,
    )  # fmt: skip


# Drawn on TensorFlow; every backend must draw the same.
PINNED = {
    "ddpm": (1.0, -0.695442),
    "dpmpp_2m": (-0.532759, 0.637514),
    "dpmpp_sde": (0.999368, 0.700348),
    "unipc": (-0.552530, 0.635511),
}


@pytest.mark.parametrize("name", PINNED)
def test_one_seed_is_one_sample_on_every_backend(loop, name):
    values = draw(loop, name, seed=5).values
    assert values.shape == (6, *SHAPE)
    assert values.dtype == np.float32
    got = values[1, 1, 0], values[4, 2, 1]
    assert got == pytest.approx(PINNED[name], abs=1e-4)


@pytest.mark.parametrize("name", ["ddpm", "heun", "dpmpp_sde"])
def test_a_sample_depends_on_its_number_alone(loop, name, monkeypatch):
    labels = np.array([0, 1, 2, 0, 1])
    whole = draw(loop, name, count=5, labels=labels).values
    few = draw(loop, name, count=2, labels=labels[:2]).values
    parts = draw(loop, name, count=5, labels=labels, batch_size=2).values
    monkeypatch.setattr(driver, "CHUNK_NUMBERS", 3 * whole.size)
    chunks = draw(loop, name, count=5, labels=labels).values
    for other in (few, parts, chunks):
        np.testing.assert_allclose(other, whole[: len(other)], atol=2e-5)
    again = draw(loop, name, count=5, labels=labels, seed=1).values
    assert np.abs(again - whole).max() > 0.1


def test_noise_is_numpys(loop):
    """The first picture is pure noise, from the generator of its number."""
    frames = draw(loop, count=3, seed=7, frames=2).trajectory
    for i in range(3):
        rng = np.random.default_rng([7, i])
        want = rng.standard_normal((1, *SHAPE), "float32")[0]
        np.testing.assert_allclose(frames[0, i], want, rtol=1e-5)


@pytest.mark.parametrize("name", ["heun", "pndm", "euler_ancestral"])
def test_trajectories(loop, name):
    plain = draw(loop, name, steps=10)
    assert plain.trajectory is None
    samples = draw(loop, name, steps=10, frames=11)
    assert samples.trajectory.shape == (11, 6, *SHAPE)
    np.testing.assert_array_equal(samples.trajectory[-1], samples.values)
    np.testing.assert_allclose(samples.values, plain.values, atol=2e-5)
    moves = np.abs(np.diff(samples.trajectory, axis=0)).max(axis=(1, 2, 3))
    assert (moves > 1e-4).all()
    # More pictures than steps: some are shown twice.
    many = draw(loop, name, steps=2, frames=7).trajectory
    assert many.shape[0] == 7
    assert np.isfinite(many).all()


def test_progress_counts_network_calls(loop):
    told = []
    draw(
        loop, "ddpm", steps=100, count=5, batch_size=3,
        progress=lambda *each: told.append(each),
    )  # fmt: skip
    assert [done for _, done, _ in told] == [50, 100, 150, 200]
    assert {total for *_, total in told} == {200}


def test_new_weights_are_seen(network, loop):
    before = draw(loop).values
    old = network.get_weights()
    network.set_weights([0.0 * weight for weight in old])
    after = draw(loop).values
    network.set_weights(old)
    assert np.abs(after - before).max() > 0.1
    np.testing.assert_allclose(draw(loop).values, before, atol=1e-6)


def test_the_loop_holds_the_networks_weights(network, loop):
    assert len(loop.variables) == len(network.variables)


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"batch_size": 0}, {"frames": 1}, {"seed": -1}]
)
def test_wrong_numbers_are_refused(loop, wrong):
    with pytest.raises(ValueError, match="Received: count="):
        draw(loop, **wrong)


@pytest.mark.parametrize("name", PARAMETERIZATIONS)
def test_any_parameterization_samples_its_data(name):
    """Networks of every kind that know the best answer, Gaussian data."""
    from kerasnotes.diffusion.parameterization import (
        coefficients,
        make_target,
    )

    spread = 0.5

    def predict(x_t, t, conditions):
        c = coefficients(SCHEDULE, t, x_t)
        share = spread**2 / (c.signal**2 * spread**2 + c.noise**2)
        x_start = c.signal * share * x_t
        noise = (x_t - c.signal * x_start) / c.noise
        return make_target(name, c, x_start=x_start, noise=noise)

    process = Process(SCHEDULE, predict, parameterization=name, clip=None)
    loop = SamplingLoop(process.denoise)
    sampler = SAMPLERS["dpmpp_2m"]
    table = sampler.table(noise_levels(SCHEDULE, 40, "uniform"))
    samples = draw_samples(loop, table, SCHEDULE, shape=(4,), count=8, frames=2)
    want = spread * samples.trajectory[0]
    np.testing.assert_allclose(samples.values, want, rtol=0.03, atol=1e-3)


@pytest.mark.parametrize("name", ["dpmpp_2m", "unipc", "heun"])
def test_the_whole_chain_as_one_model(loop, process, name):
    sampler = find_sampler(name)
    table = sampler.table(noise_levels(SCHEDULE, 8, sampler.spacing))
    model = chain_model(
        process, table, shape=SHAPE,
        conditions={
            "label": keras.Input((), dtype="int32", name="label"),
            "guidance": keras.Input((), name="guidance"),
        },
    )  # fmt: skip
    frames = draw(loop, name, frames=2)
    inputs = {
        "noise": frames.trajectory[0],
        "label": np.arange(6).astype("int32") % 3,
        "guidance": np.full((6,), 1.5, "float32"),
    }
    got = to_numpy(model(inputs))
    np.testing.assert_allclose(got, frames.values, atol=1e-5)
    part = {key: value[:2] for key, value in inputs.items()}
    np.testing.assert_allclose(to_numpy(model(part)), got[:2], atol=1e-5)
    assert len(model.variables) == len(process.network.variables)


def test_a_noisy_sampler_is_no_model(process):
    table = find_sampler("ddpm").table(noise_levels(SCHEDULE, 8, "uniform"))
    with pytest.raises(ValueError, match="7 noisy rows"):
        chain_model(process, table, shape=SHAPE)
