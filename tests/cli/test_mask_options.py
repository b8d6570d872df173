"""--threshold, --instances and --ignore, from the folder to the report."""

import json
import types

import numpy as np
import pytest
from PIL import Image, ImageFilter

from kerasnotes.use.measured_data import _data_config
from tests.cli.conftest import run_kn

pytestmark = pytest.mark.once

SMALL = ("--set", "width=2", "--set", "depth=1", "--epochs", 1)


def write(place, mask_of, count=8):
    for number in range(count):
        noise = np.random.default_rng(number).integers(0, 99, (16, 16), "uint8")
        mask = np.zeros((16, 16), "uint8")
        mask[2 : 6 + number, 3:11] = 1
        for name, image in (
            ("images", Image.fromarray(noise + 90 * mask)),
            ("masks", mask_of(mask, number)),
        ):
            (place / "set" / name).mkdir(parents=True, exist_ok=True)
            image.save(place / "set" / name / f"{number}.png")


def soft(mask, number):
    image = Image.fromarray(255 * mask)
    return image.filter(ImageFilter.GaussianBlur(1.2))


def numbered(mask, number):
    return Image.fromarray(mask * (number + 1))


def with_void(mask, number):
    mask = mask.copy()
    mask[:4] = 255
    return Image.fromarray(mask)


OPTIONS = {
    "threshold": (soft, ("--threshold", 128), "--threshold 128"),
    "instances": (numbered, ("--instances",), "--instances joins"),
    "ignore": (with_void, ("--ignore", 255), "--ignore 255"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_refused_with_the_option_that_helps(name, place):
    make, option, words = OPTIONS[name]
    write(place, make)
    for verb in (("fit", "unet", "--data"), ("data",)):
        ended = run_kn(*verb, "set")
        assert ended.code == 3
        assert words in ended.err + ended.out
    ended = run_kn("data", "set", *option)
    assert ended.code == 0, ended.out
    assert f"--set data.{name}=" in ended.out.splitlines()[-1]


def test_void_from_the_folder_to_the_report(place):
    write(place, with_void)
    options = ("--ignore", 255, "--out", "run")
    ended = run_kn("fit", "unet", "--data", "set", *SMALL, *options)
    assert (ended.code, ended.err) == (0, "")
    assert "25.00 % of all mask pixels" in ended.out
    record = json.loads((place / "run" / "run.json").read_text())
    assert record["config"]["data"]["ignore"] == 255
    assert record["spec"]["targets"][0]["classes"] == ["0", "1"]
    # Elsewhere the same setting says what its masks mean.
    (place / "set").rename("other")
    ended = run_kn("eval", "run", "--data", "other", "--json")
    assert json.loads(ended.out)["metrics"] == pytest.approx(
        record["metrics"], abs=1e-5
    )


@pytest.mark.parametrize("name", OPTIONS)
def test_other_data_are_read_by_the_settings_of_the_run(name, mask_spec):
    value = True if name == "instances" else OPTIONS[name][1][1]
    recorded = {"source": "set", name: value, "test": 0.5}
    trained = types.SimpleNamespace(
        record={"config": {"data": recorded}}, spec=mask_spec
    )
    config = _data_config(trained, "other")
    assert getattr(config, name) == value
    assert (config.source, config.test) == ("other", 0.2)


def test_they_exclude_each_other(place):
    write(place, soft)
    ended = run_kn("data", "set", "--threshold", 9, "--instances")
    assert ended.code == 2
    assert "exclude each other" in ended.err
