"""The Bayesian CNN: its objective, written out, and its Monte-Carlo passes."""

import keras
import numpy as np
import pytest

from kerasnotes.base.config import build
from kerasnotes.base.errors import UsageError
from kerasnotes.notes.bcnn import posterior as weight_samples
from kerasnotes.notes.bcnn import variational
from kerasnotes.notes.bcnn.config import BCNNConfig
from kerasnotes.notes.bcnn.note import BCNN
from kerasnotes.tasks.bayesian_classification import BayesianClassification
from tests.checks import check_saving, to_numpy
from tests.specs import flat

SPEC = flat("tiny", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
BATCH, BATCHES = 6, 4


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def data(rng):
    """26 images: 4 batches of 6, and 2 that an epoch leaves out."""
    x = rng.integers(0, 256, (26, 8, 8, 1)).astype("float32")
    return x, rng.integers(0, 3, 26).astype("int32")


def make(spec=SPEC, **given):
    """A small network, unsure of its weights and not sure of its answers."""
    keras.utils.set_random_seed(0)
    small = {
        "width": 0.3,
        "activation": "tanh",
        "initial_rho": -2.0,
        "prior_std": 0.1,
        "kl": "uniform",
    }
    given = {**small, **given}
    return BCNN(BCNNConfig(**given), spec, [127.0], [5000.0])


def compiled(model, examples=26, parts=1):
    task = BayesianClassification(SPEC)
    model.prepare_training(examples=examples, steps_per_epoch=BATCHES, epochs=2)
    optimizer = keras.optimizers.Adam(
        1e-3, gradient_accumulation_steps=parts if parts > 1 else None
    )
    model.compile(optimizer, loss=task.loss(), metrics=task.metrics())
    model.optimizer.build(model.trainable_variables)
    return model


def posteriors(model):
    """Mean and deviation of every kernel and bias, in NumPy."""
    pairs = []
    for layer in model.variational:
        for name in ("kernel", "bias"):
            mean = to_numpy(getattr(layer, f"{name}_mean"))
            rho = to_numpy(getattr(layer, f"{name}_rho"))
            pairs.append((mean, np.log1p(np.exp(rho.astype("float64")))))
    return pairs


def divergence(model, std):
    """KL of the posterior from `N(0, std^2)`, kernel and bias, in NumPy."""
    return sum(
        (np.log(std / s) + (s**2 + m**2) / (2 * std**2) - 0.5).sum()
        for m, s in posteriors(model)
    )


def nats(model, x, y):
    p = to_numpy(model(x, training=False)).astype("float64")
    return -np.log(p[np.arange(len(y)), y])


@pytest.fixture
def no_noise(monkeypatch):
    """Draws zeros, so that the likelihood is that of the means."""
    monkeypatch.setattr(
        variational,
        "unit_noise",
        lambda shape, dtype, layer: keras.ops.zeros(shape, dtype),
    )


def losses_of_an_epoch(model, x, y):
    found = []
    for i in range(BATCHES):
        part = slice(i * BATCH, (i + 1) * BATCH)
        answer = model(x[part], training=True)
        loss = model.compute_loss(x[part], y[part], answer, training=True)
        found.append(float(to_numpy(loss)))
    return np.array(found)


@pytest.mark.parametrize(
    ("scheme", "estimator"),
    [
        ("blundell", "lrt"),
        pytest.param("uniform", "lrt", marks=pytest.mark.once),
        pytest.param("uniform", "bbb", marks=pytest.mark.once),
    ],
)
def test_an_epochs_objectives_sum_to_the_negative_elbo(
    scheme, estimator, data, no_noise
):
    model = make(kl=scheme, estimator=estimator, prior_std=0.5)
    x, y = data[0][:24], data[1][:24]
    found = losses_of_an_epoch(compiled(model, examples=24), x, y)
    elbo = -nats(model, x, y).sum() - divergence(model, 0.5)
    # The objective of a batch is per example.
    assert BATCH * found.sum() == pytest.approx(-elbo, rel=1e-5)
    if scheme == "uniform":
        kl = divergence(model, 0.5) / 24
        parts = nats(model, x, y).reshape(BATCHES, BATCH).mean(axis=1)
        np.testing.assert_allclose(found, parts + kl, rtol=1e-5)


@pytest.mark.once
def test_what_an_epoch_leaves_out_counts_for_the_prior(data, no_noise):
    """26 examples, 24 of them seen: the likelihood is scaled to all."""
    x, y = data
    model = compiled(make())
    found = losses_of_an_epoch(model, x, y)
    likelihood = nats(model, x[:24], y[:24]).sum() * 26 / 24
    expected = likelihood + divergence(model, 0.1)
    assert 26 / BATCHES * found.sum() == pytest.approx(expected, rel=1e-5)


@pytest.mark.once
def test_fixed_beta_tempers_and_the_warm_up_rises(data, no_noise):
    x, y = data
    plain = losses_of_an_epoch(compiled(make()), x, y)
    model = make(kl="fixed", beta=0.25)
    found = losses_of_an_epoch(compiled(model), x, y)
    kl = divergence(model, 0.1) / 26
    np.testing.assert_allclose(plain - found, 0.75 * kl, rtol=1e-4)
    model = make(kl="soenderby")
    # A quarter of 2 epochs of 4 steps: whole from the second step on.
    found = losses_of_an_epoch(compiled(model), x, y)
    np.testing.assert_allclose(
        plain - found, [0.5 * kl, 0, 0, 0], rtol=1e-4, atol=1e-4
    )
    assert model.loss_may_grow


def test_validation_is_the_elbo_of_the_means_and_counts_no_step(data):
    x, y = data
    model = compiled(make(kl="blundell"))
    loss = model.compute_loss(x, y, model(x, training=False), training=False)
    expected = nats(model, x, y).mean() + divergence(model, 0.1) / 26
    assert float(to_numpy(loss)) == pytest.approx(expected, rel=1e-5)
    losses_of_an_epoch(model, x, y)
    before = [to_numpy(v) for v in model.variables if "steps" in v.path]
    model.compute_loss(x, y, model(x, training=False), training=False)
    after = [to_numpy(v) for v in model.variables if "steps" in v.path]
    assert before == after == [BATCHES]


@pytest.mark.once
def test_accumulated_parts_share_their_steps_place(data, no_noise):
    x, y = data
    model = compiled(make(kl="blundell"), parts=2)
    found = losses_of_an_epoch(model, x, y)
    parts = nats(model, x[:24], y[:24]).reshape(BATCHES, BATCH).mean(axis=1)
    kl = divergence(model, 0.1) / 26
    shares = np.array([8, 8, 4, 4]) * BATCHES / 15
    np.testing.assert_allclose(found, parts + shares * kl, rtol=1e-5)


@pytest.mark.parametrize(
    "given",
    [
        {},
        # On the other backends, tests/parity trains this one.
        pytest.param(
            {"estimator": "bbb", "prior": "mixture", "prior_std": 0.5},
            marks=pytest.mark.once,
        ),
    ],
    ids=["lrt", "bbb-mixture"],
)
def test_training_moves_means_and_deviations(given, data):
    x, y = data
    model = compiled(make(**given))
    before = [w.copy() for w in model.get_weights()]
    history = model.fit(x[:24], y[:24], batch_size=BATCH, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    kl = history.history["kl"]
    # A mixture's is drawn, and no such sign.
    assert kl[1] < kl[0] or "prior" in given
    moved = [
        not np.array_equal(old, new)
        for old, new in zip(before, model.get_weights(), strict=True)
    ]
    # All of it but the statistics of the input: none are left behind.
    trained = len(model.trainable_variables)
    assert sum(moved) >= trained
    assert len(model.variational) * 4 == trained


def test_passes_are_the_networks_drawn_by_numpy(data):
    x = data[0][:5]
    model = make()
    passes = model.monte_carlo(x, 3, seed=7)
    assert passes.shape == (3, 5, 3)
    assert passes.dtype == "float32"
    twin = make()
    for number in range(3):
        rng = np.random.default_rng([7, number])
        for layer, own in zip(twin.variational, model.variational, strict=True):
            for name in ("kernel", "bias"):
                mean = getattr(own, f"{name}_mean")
                std = to_numpy(getattr(own, f"{name}_std"))
                noise = rng.standard_normal(std.shape, "float32")
                drawn = to_numpy(mean) + std * noise
                getattr(layer, f"{name}_mean").assign(drawn)
        expected = to_numpy(twin(x, training=False))
        np.testing.assert_allclose(passes[number], expected, atol=1e-5)


def test_passes_depend_on_seed_and_number_alone(data):
    x, model = data[0][:6], make()
    passes = model.monte_carlo(x, 4, 1)
    np.testing.assert_allclose(
        model.monte_carlo(x[2:4], 4, 1), passes[:, 2:4], atol=1e-6
    )
    np.testing.assert_allclose(
        model.monte_carlo(x, 2, 1), passes[:2], atol=1e-6
    )
    assert np.abs(model.monte_carlo(x, 4, 2) - passes).max() > 0.01
    assert passes.std(axis=0).max() > 0.01


def test_passes_follow_the_weights(data):
    """What was compiled holds variables, not their values."""
    x, model = data[0][:2], make()
    before = model.monte_carlo(x, 2, 0)
    model.variational[-1].bias_mean.assign([50.0, 0.0, 0.0])
    after = model.monte_carlo(x, 2, 0)
    assert after[..., 0].min() > 0.9 > before[..., 0].min()


@pytest.mark.once
def test_pruning_takes_the_weights_of_least_signal(data, rng):
    model = make()
    for layer in model.variational:
        rho = rng.normal(-2, 1, tuple(layer.kernel_rho.shape))
        layer.kernel_rho.assign(rho)
    before = model.get_weights()
    pruned = model.pruned(0.4)
    ratios = np.concatenate(
        [(np.abs(m) / s).ravel() for m, s in posteriors(model)]
    )
    zero = np.concatenate([(m == 0).ravel() for m, _ in posteriors(pruned)])
    assert zero.mean() == pytest.approx(0.4, abs=1e-3)
    assert ratios[zero].max() <= ratios[~zero].min() * (1 + 1e-5)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    x = data[0][:4]
    same = to_numpy(model.pruned(0.0)(x))
    np.testing.assert_array_equal(same, to_numpy(model(x)))
    np.testing.assert_allclose(to_numpy(model.pruned(1.0)(x)), 1 / 3)


@pytest.mark.once
def test_saved_with_its_size_of_the_training_part(data, tmp_path):
    x, y = data
    model = compiled(make(prior="mixture", prior_std=0.5))
    losses_of_an_epoch(model, x, y)
    twin = check_saving(model, x[:3], tmp_path)
    assert twin.note_config == model.note_config
    np.testing.assert_array_equal(
        twin.monte_carlo(x[:3], 2), model.monte_carlo(x[:3], 2)
    )
    for own, other in zip(model.variables, twin.variables, strict=True):
        if own.path.rpartition("/")[2] in ("examples", "steps"):
            assert float(to_numpy(own)) == float(to_numpy(other)) > 1


@pytest.mark.once
def test_the_reference_network_has_123412_parameters():
    spec = flat(
        "m", "image", (28, 28, 1), "uint8", "class", tuple("0123456789")
    )
    model = BCNN(BCNNConfig(width=1), spec, [33.0], [6000.0])
    sizes = [int(np.prod(v.shape)) for v in model.trainable_variables]
    assert sum(sizes) == 123_412
    assert [tuple(x.kernel_mean.shape) for x in model.variational] == [
        (5, 5, 1, 6),
        (5, 5, 6, 16),
        (400, 120),
        (120, 84),
        (84, 10),
    ]


@pytest.mark.once
@pytest.mark.parametrize("network", ["lenet", "3conv3fc", "alexnet-small"])
@pytest.mark.parametrize("shape", [(4, 4, 1), (9, 7, 3), (32, 32, 3)])
def test_every_network_takes_every_size(network, shape, rng):
    spec = flat("s", "image", shape, "uint8", "class", ("a", "b"))
    config = BCNNConfig(network=network, width=0.05)
    model = BCNN(config, spec, [9.0] * shape[-1], [1.0] * shape[-1])
    x = rng.integers(0, 256, (2, *shape)).astype("float32")
    p = to_numpy(model(x, training=False))
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kl": "uniform", "beta": 0.5}, "needs `kl=fixed`"),
        ({"prior": "mixture", "prior_narrow": 0.2}, "below `prior_std`"),
        ({"prior_std": 0.0}, "prior_std"),
        ({"estimator": "flipout"}, "estimator"),
        ({"samples": 0}, "samples"),
    ],
)
def test_settings_that_contradict_are_refused(values, message):
    with pytest.raises(UsageError, match=message):
        build(BCNNConfig, values, "model")


@pytest.mark.once
@pytest.mark.parametrize(
    "spec",
    [
        flat("t", "table", (5,), "float32", "class", ("a", "b")),
        flat("f", "image", (None, None, 3), "uint8", "class", ("a", "b")),
    ],
    ids=["table", "any size"],
)
def test_data_that_do_not_fit_are_refused(spec):
    with pytest.raises(UsageError, match="does not fit bcnn"):
        BCNN(BCNNConfig(), spec, [0.0], [1.0])


@pytest.mark.once
def test_without_the_number_of_examples_there_is_no_objective(data):
    model = make()
    model.compile("sgd", loss=BayesianClassification(SPEC).loss())
    x, y = data
    with pytest.raises(RuntimeError, match="prepare_training"):
        model.compute_loss(x, y, model(x, training=True), training=True)


@pytest.mark.once
def test_by_default_a_tenth_of_the_divergence_counts():
    assert BCNNConfig().tempering == 0.1
    assert BCNNConfig(beta=0.0).tempering == 0.0
    saved = BCNNConfig(kl="uniform").model_dump(mode="json")
    assert BCNNConfig.model_validate(saved).kl == "uniform"


@pytest.mark.once
def test_tempered_validation_is_tempered_like_training(data):
    model = compiled(make(kl="fixed", beta=0.25))
    x, y = data
    loss = model.test_on_batch(x, y, return_dict=True)["loss"]
    kl = divergence(model, 0.1)
    expected = nats(model, x, y).mean() + 0.25 * kl / 26
    assert float(loss) == pytest.approx(expected, rel=1e-5)


@pytest.mark.once
def test_passes_do_not_depend_on_how_many_go_in_one_call(data, monkeypatch):
    model = make()
    at_once = model.monte_carlo(data[0], 5, seed=3)
    monkeypatch.setattr(weight_samples, "HELD", 1)
    one_by_one = make().monte_carlo(data[0], 5, seed=3)
    np.testing.assert_allclose(at_once, one_by_one, atol=1e-6)


@pytest.mark.once
def test_signal_to_noise_is_of_every_weight():
    model = make()
    ratios = [(np.abs(m) / s).ravel() for m, s in posteriors(model)]
    np.testing.assert_allclose(
        model.signal_to_noise(), np.concatenate(ratios), rtol=1e-5
    )
    with pytest.raises(UsageError, match="pruned"):
        model.pruned(1.5)
