"""The same numbers on TensorFlow, JAX and torch, case by case."""

import numpy as np
import pytest

from kerasnotes.notes import NOTES

from . import cases
from .cases import supervised
from .children import BACKENDS, PAIRS, run_children

pytestmark = [pytest.mark.once, pytest.mark.large]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where each backend has left its answers to every case."""
    folder = tmp_path_factory.mktemp("parity")
    for case in cases.NAMES:
        (folder / case).mkdir()
        cases.find(case).write(folder / case)
    run_children(folder)
    return folder


@pytest.fixture(params=PAIRS, ids="-".join)
def names(request):
    """Two backends, both installed."""
    for name in request.param:
        if name not in BACKENDS:
            pytest.skip(f"{name} is not installed")
    return request.param


def load(folder, case, name):
    """Returns what a backend answered; fails with what it died of."""
    died = folder / f"{case}-{name}.txt"
    assert not died.exists(), died.read_text()
    return dict(np.load(folder / f"{case}-{name}.npz"))


@pytest.mark.parametrize("case", cases.NAMES)
@pytest.mark.parametrize("name", BACKENDS)
def test_each_answers_something_that_can_differ(folder, case, name):
    cases.find(case).check(load(folder, case, name))


@pytest.mark.parametrize("case", cases.NAMES)
def test_two_answer_alike(folder, case, names):
    one, other = (load(folder, case, name) for name in names)
    assert one.keys() == other.keys()
    tolerances, compared = cases.find(case).TOLERANCES, set()
    for key, array in one.items():
        what = key.partition("/")[2]
        if what in tolerances:
            np.testing.assert_allclose(
                array, other[key], err_msg=key, **tolerances[what]
            )
            compared.add(what)
    assert compared == tolerances.keys()


@pytest.mark.parametrize("name", BACKENDS)
def test_what_one_saves_the_others_load(folder, name):
    read = dict(np.load(folder / f"read-{name}.npz"))
    found = set()
    for key, array in read.items():
        case, _, stem = key.partition("/")
        part, _, writer = stem.partition("-")
        written = load(folder, case, writer)
        expected = written.get(f"{part}/after", written.get(f"{part}/before"))
        np.testing.assert_allclose(
            array, expected, atol=1e-5, rtol=1e-5, err_msg=key
        )
        found.add((case, part, writer))
    parts = [("supervised", part) for part in supervised.PARTS]
    parts += [("notes", note) for note in NOTES]
    assert found == {(*part, name) for part in parts for name in BACKENDS}
