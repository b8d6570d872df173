import contextlib

import pytest

from tests.conftest import BACKEND


@pytest.fixture
def float64():
    """Double precision, which JAX has to be told of."""
    with contextlib.ExitStack() as stack:
        if BACKEND == "jax":
            import jax

            stack.enter_context(jax.enable_x64(True))
        yield
