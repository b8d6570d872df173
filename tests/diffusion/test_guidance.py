import numpy as np
import pytest
from keras import ops

from kerasnotes.diffusion.guidance import classifier_free
from tests.checks import to_numpy

NULL = 10
calls = []


def network(x_t, t, conditions):
    calls.append(tuple(x_t.shape))
    label = ops.reshape(ops.cast(conditions["label"], x_t.dtype), (-1, 1))
    shift = conditions["shift"] if "shift" in conditions else 0.0
    scale = conditions["scale"] if "scale" in conditions else 1.0
    return ops.tanh(x_t + scale * label + shift) * ops.reshape(t, (-1, 1))


def inputs():
    rng = np.random.default_rng(0)
    x_t = rng.standard_normal((4, 3)).astype("float32")
    return x_t, np.array([0.5, 1, 2, 3], "float32"), np.array([0, 3, 9, 1])


def ask(guidance, **conditions):
    x_t, t, label = map(ops.convert_to_tensor, inputs())
    answer = classifier_free(network, NULL)(
        x_t, t, {"label": label, "guidance": guidance, **conditions}
    )
    return to_numpy(answer)


@pytest.mark.parametrize("w", [0.0, 1.0, 2.5])
def test_is_the_formula(w):
    x_t, t, label = inputs()
    with_label = np.tanh(x_t + label[:, None]) * t[:, None]
    without = np.tanh(x_t + NULL) * t[:, None]
    want = without + w * (with_label - without)
    np.testing.assert_allclose(ask(np.float32(w)), want, atol=1e-5)


def test_every_sample_may_have_its_own():
    w = np.array([0.0, 1.0, 2.5, 1.0], "float32")
    want = [ask(np.float32(each))[i] for i, each in enumerate(w)]
    np.testing.assert_allclose(ask(w), want, atol=1e-6)


def test_one_call_of_twice_the_batch():
    calls.clear()
    ask(np.float32(2))
    assert calls == [(8, 3)]


def test_other_conditions_go_to_both_halves():
    shift = np.linspace(-1, 1, 12).reshape(4, 3).astype("float32")
    scale = np.float32(0.1)
    x_t, t, label = inputs()
    part = np.tanh(x_t + 0.1 * label[:, None] + shift) * t[:, None]
    none = np.tanh(x_t + 0.1 * NULL + shift) * t[:, None]
    got = ask(
        np.float32(3),
        shift=ops.convert_to_tensor(shift),
        scale=ops.convert_to_tensor(scale),
    )
    np.testing.assert_allclose(got, none + 3 * (part - none), atol=1e-5)
