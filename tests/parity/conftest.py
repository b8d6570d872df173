import pytest

from .children import BACKENDS, PAIRS


@pytest.fixture(params=PAIRS, ids="-".join)
def names(request):
    """Two backends, both installed."""
    for name in request.param:
        if name not in BACKENDS:
            pytest.skip(f"{name} is not installed")
    return request.param


@pytest.fixture
def pair(names, answers):
    """What these two answered, from the module's `answers` by backend."""
    return [answers[name] for name in names]
