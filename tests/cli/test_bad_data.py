"""Data that cannot be used: one clear screen, exit code 3, no trace left."""

import pytest

from tests.cli.conftest import listing, run_kn
from tests.cli.samples import WRONG

pytestmark = pytest.mark.once


@pytest.mark.parametrize("maker", WRONG, ids=lambda maker: maker.__name__)
def test_fit(maker, place):
    source = maker(place)
    before = listing(place)
    note, words = WRONG[maker]
    ended = run_kn("fit", note, "--data", source, "--quiet")
    assert ended.code == 3, ended
    assert ended.err.startswith("Error: ")
    assert words in ended.err
    assert "Received: " in ended.err
    assert len(ended.err.splitlines()) <= 20
    assert ended.out == ""
    assert listing(place) == before


@pytest.mark.parametrize("maker", WRONG, ids=lambda maker: maker.__name__)
def test_data(maker, place):
    ended = run_kn("data", maker(place))
    assert ended.code == 3, ended
    assert ended.err == ""
    assert WRONG[maker][1].split(":")[-1] in ended.out
    assert "would stop training" in ended.out


@pytest.mark.parametrize(
    ("note", "source", "hint"),
    [("unet", "digits", "kn fit mlp"), ("mlp", "digit-scenes", "kn fit unet")],
)
def test_data_of_another_task(note, source, hint, place):
    ended = run_kn("fit", note, "--data", source, "--quiet")
    assert ended.code == 2
    assert "does not fit" in ended.err
    assert hint in ended.err
    assert listing(place) == []
