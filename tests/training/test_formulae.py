"""Steps in NumPy against torch.optim, in float64."""

import numpy as np
import pytest

from kerasnotes.training.optimizers.formulae import EPSILON, FORMULAE, walk
from kerasnotes.use.landscape.surfaces import SURFACES

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.once
RATE, STEPS = 0.02, 60
THEIRS = {
    "sgd": lambda w: torch.optim.SGD(w, RATE),
    "momentum": lambda w: torch.optim.SGD(w, RATE, momentum=0.9),
    "nesterov": lambda w: torch.optim.SGD(w, RATE, momentum=0.9, nesterov=True),
    "adagrad": lambda w: torch.optim.Adagrad(
        w, RATE, initial_accumulator_value=0.1, eps=EPSILON
    ),
    "rmsprop": lambda w: torch.optim.RMSprop(w, RATE, alpha=0.9, eps=EPSILON),
    "adadelta": lambda w: torch.optim.Adadelta(w, RATE, rho=0.95, eps=EPSILON),
    "adam": lambda w: torch.optim.Adam(w, RATE, eps=EPSILON),
}


def test_only_what_torch_lacks_is_not_compared():
    assert set(FORMULAE) - set(THEIRS) == {"yogi", "lion"}


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("surface", SURFACES)
def test_paths_are_torchs(name, surface):
    told = SURFACES[surface]
    start = np.array(told.start)
    found = walk(name, told.gradient, start, RATE, STEPS)
    weight = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = THEIRS[name]([weight])
    for step in range(1, STEPS + 1):
        place = weight.detach().numpy().copy()
        weight.grad = torch.tensor(told.gradient(place))
        optimizer.step()
        np.testing.assert_allclose(
            found[step], weight.detach().numpy(), rtol=0, atol=1e-10
        )
