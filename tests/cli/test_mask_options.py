"""--threshold, --instances and --ignore, from the folder to the report."""

import json

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.cli.conftest import run_kn

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
    ended = run_kn(
        "fit", "unet", "--data", "set", "--out", "run", *SMALL, *option
    )
    assert (ended.code, ended.err) == (0, "")
    record = json.loads((place / "run" / "run.json").read_text())
    wanted = True if name == "instances" else option[1]
    assert record["config"]["data"][name] == wanted
    assert len(record["spec"]["classes"]) == 2
    ended = run_kn("eval", "run", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["metrics"] == pytest.approx(
        record["metrics"], abs=1e-5
    )
    other = place / "other"
    (place / "set").rename(other)
    again = json.loads(run_kn("eval", "run", "--data", other, "--json").out)
    assert again["metrics"] == pytest.approx(record["metrics"], abs=1e-5)


@pytest.mark.once
def test_they_exclude_each_other(place):
    write(place, soft)
    ended = run_kn("data", "set", "--threshold", 9, "--instances")
    assert ended.code == 2
    assert "exclude each other" in ended.err
