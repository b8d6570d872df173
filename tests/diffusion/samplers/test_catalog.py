import importlib
import subprocess
import sys

import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.diffusion.samplers.catalog import SAMPLERS, find_sampler
from kerasnotes.diffusion.samplers.rows import (
    DENOISED,
    NOISE,
    PAST,
    START,
    Row,
    X,
    slope,
)
from kerasnotes.diffusion.samplers.table import make_table

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_has_its_file(name):
    module = importlib.import_module(f"kerasnotes.diffusion.samplers.{name}")
    assert "Reference:" in module.__doc__
    assert SAMPLERS[name].spacing in SAMPLERS[name].spacings


def test_no_framework_comes_with_the_catalog():
    program = (
        "import sys\n"
        "from kerasnotes.diffusion.samplers.catalog import SAMPLERS\n"
        "SAMPLERS['unipc'].table([3., 1., .2, 0.])\n"
        "print(*{'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


def test_an_unknown_sampler_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="no sampler `dpm_2m`") as caught:
        find_sampler("dpm_2m")
    assert "dpmpp_2m" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("heun", {"eta": 0.5}, "no option `eta`"),
        ("ddim", {"eta": 1.5}, "eta=1.5"),
        ("ddim", {"eta": -0.1}, "out of range"),
        ("ddim", {"eta": float("nan")}, "out of range"),
        ("ddpm", {"eta": 0.0}, "no option `eta`"),
    ],
)
def test_wrong_options_are_refused(name, options, words):
    with pytest.raises(UsageError, match=words):
        find_sampler(name).table([2.0, 1.0, 0.0], **options)


def test_an_unknown_variance_is_refused():
    with pytest.raises(UsageError, match="learned"):
        find_sampler("ddpm").table([2.0, 1.0, 0.0], variance="learned")


@pytest.mark.parametrize("name", ["ddpm", "ddim", "pndm"])
def test_samplers_of_timesteps_refuse_other_levels(name):
    with pytest.raises(UsageError, match="needs levels at timesteps") as caught:
        find_sampler(name).check_spacing("karras")
    assert caught.value.hint
    find_sampler(name).check_spacing("trailing")


@pytest.mark.parametrize(
    "levels",
    [[1.0], [], [1.0, 2.0], [2.0, 1.0, 1.0], [1.0, -1.0], [np.inf, 1.0],
     [np.nan, 1.0], [[2.0, 1.0]]],
)  # fmt: skip
def test_levels_that_do_not_fall_are_refused(levels):
    with pytest.raises(UsageError, match="noise levels"):
        find_sampler("euler").table(levels)


def test_rows_are_sums_of_columns():
    row = Row(2.0, x=2 * X - slope(2.0) / 4 + 3 * NOISE, keep=(DENOISED, X))
    want = [
        [2 - 1 / 8, 0, 0, 0, 0, 1 / 8, 3],
        [0, 1, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0, 0, 0],
    ]
    np.testing.assert_array_equal(row.matrix(), want)
    assert np.float64(2.0) * X is not None


def test_registers_that_nothing_reads_are_left_out():
    rows = [
        Row(2.0, x=X + PAST[1], keep=(DENOISED,)),
        Row(1.0, x=DENOISED, start=START),
    ]
    table = make_table(rows, [2.0, 1.0, 0.0])
    assert table.registers == 3  # x, past1, past2
    assert table.weights.shape == (2, 3, 5)
    assert not table.stochastic
