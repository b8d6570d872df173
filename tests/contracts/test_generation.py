"""What may be asked of a generator."""

import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.generation import OPTIONS, Request, check
from tests.specs import flat

pytestmark = pytest.mark.once

SPEC = flat("cats", "image", (4, 4, 1), "uint8", "class", ("tabby", "manx"))
ALL = frozenset(OPTIONS)


def test_what_was_named():
    assert Request(3).given() == {}
    named = Request(3, seed=5, label=0, eta=0.0, guidance=2.0)
    assert named.given() == {"label": 0, "eta": 0.0, "guidance": 2.0}


def test_a_request_that_fits():
    check(Request(1, label=1, steps=1, sampler="ddim"), ALL, "ddpm", SPEC)
    check(Request(9, seed=3), frozenset(), "vae", SPEC)


@pytest.mark.parametrize(
    ("request_", "understood", "told"),
    [
        (Request(0), ALL, "count=0"),
        (Request(1, label=2), ALL, "class 2"),
        (Request(1, label=-1), ALL, "class -1"),
        (Request(1, steps=0), ALL, "steps=0"),
        (Request(1, sampler="ddim"), frozenset(), "--sampler ddim"),
        (Request(1, frames=4), frozenset({"label"}), "--trajectory"),
    ],
)
def test_a_request_that_does_not(request_, understood, told):
    with pytest.raises(UsageError) as caught:
        check(request_, understood, "ddpm", SPEC)
    assert caught.value.received == told
