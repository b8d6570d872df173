import importlib
import subprocess
import sys

import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.diffusion.samplers.catalog import SAMPLERS, find_sampler

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_has_its_file(name):
    module = importlib.import_module(f"kerasnotes.diffusion.samplers.{name}")
    assert callable(getattr(module, name))
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
