"""The whole road on each backend: fit, eval, predict, show."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import listing, run_kn
from tests.cli.samples import png_header
from tests.conftest import BACKEND


def test_fit(trained):
    folder, ended = trained
    assert ended.err == ""
    assert f"{BACKEND} on " in ended.out
    assert "\r" not in ended.out
    assert ended.out.splitlines()[-1].startswith("Next ")
    made = set(listing(folder))
    wanted = {"model.keras", "run.json", "history.csv", "curves.png"}
    assert wanted | {"predictions.png", "state"} <= made
    record = json.loads((folder / "run.json").read_text())
    assert record["status"] == "finished"
    assert record["environment"]["backend"] == BACKEND


def test_eval_finds_what_fit_recorded(trained):
    folder, _ = trained
    ended = run_kn("eval", folder, "--json")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    record = json.loads((folder / "run.json").read_text())
    assert told["examples"] == record["data"]["counts"]["test"]
    assert told["metrics"] == pytest.approx(record["metrics"], abs=1e-5)


def test_predict(trained, place):
    from sklearn.datasets import load_digits

    digit = load_digits().images[0] * (255 / 16)
    Image.fromarray(digit.astype("uint8")).save("digit.png")
    ended = run_kn("predict", trained[0], "digit.png", "--json")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    (row,) = told["predictions"]
    assert row["class"] in "0123456789"
    assert (place / "digit-predictions/predictions.csv").is_file()


def test_show(trained):
    ended = run_kn("show", trained[0], "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["record"]["note"] == "mlp"


def text_file(path):
    path.write_text("hello")


def deep_image(path):
    Image.fromarray(np.full((8, 8), 60_000, "uint16")).save(path)


def huge_image(path):
    png_header(path, 60_000, 60_000)


def nothing(path):
    pass


UNREADABLE = {
    text_file: "not an image, whatever its name says",
    deep_image: "has more bits than the model's uint8",
    huge_image: "more pixels than any image may have",
    nothing: "There is no file or folder",
    lambda path: path.mkdir(): "There is nothing to read in",
}


@pytest.mark.once
@pytest.mark.parametrize(("make", "told"), UNREADABLE.items())
def test_predict_what_is_no_input(make, told, trained, place):
    make(place / "a.png")
    before = listing(place)
    ended = run_kn("predict", trained[0], "a.png")
    assert (ended.code, ended.out) == (3, "")
    assert told in ended.err
    assert listing(place) == before


@pytest.mark.once
def test_json_lines_of_fit(place):
    ended = run_kn("fit", "mlp", "--epochs", 1, "--set", "widths=[4]", "--json")
    assert (ended.code, ended.err) == (0, "")
    events = [json.loads(line) for line in ended.out.splitlines()]
    kinds = {event["event"] for event in events}
    assert {"begin", "epoch", "end"} <= kinds
    assert events[-1]["run"] == "ckpts/mlp"


@pytest.mark.once
def test_quiet_fit_says_nothing(place):
    options = ("--set", "widths=[4]", "--quiet")
    ended = run_kn("fit", "mlp", "--epochs", 1, *options)
    assert ended == type(ended)(0, "", "")
