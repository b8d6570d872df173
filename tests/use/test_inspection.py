"""What `kn info` counts, of layers that are made of several."""

import json

import pytest
from click.testing import CliRunner

from kerasnotes_cli.main import cli

pytestmark = pytest.mark.once


def info(*words):
    done = CliRunner().invoke(cli, ["info", *words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["transformer", "pixelcnn", "made", "lstm"])
def test_every_matrix_is_counted(name):
    told = info(name)
    costs = {row["kind"]: row for row in told["layers"]}
    assert told["flops"] >= 1.5 * told["parameters"]
    if name == "made":
        # All pixels are one vector: each weight once, but for biases.
        cost = costs["MaskedLayers"]
        assert 0.98 < cost["flops"] / (2 * cost["parameters"]) <= 1
    if name == "lstm":
        # 8 rows of a digit, each with (8 + 128) x 512 products.
        assert costs["LSTM"]["flops"] == 2 * 8 * 136 * 512
    if name == "transformer":
        # Of each of 6 tokens in 2 blocks: 4 matrices of attention, and two.
        assert costs["Encoder"]["flops"] == 2 * 6 * 2 * 12 * 64 * 64


def test_steps_of_time_are_counted():
    told = info("snn", "--set", "steps=5", "--set", "widths=[8]")
    flops = [row["flops"] for row in told["layers"] if row["kind"] == "Dense"]
    # A static image goes through the first layer once.
    assert flops == [2 * 64 * 8, 5 * 2 * 8 * 10]
    told = info("snn", "--set", "encoding=rate", "--set", "widths=[8]")
    flops = [row["flops"] for row in told["layers"] if row["kind"] == "Dense"]
    assert flops == [25 * 2 * 64 * 8, 25 * 2 * 8 * 10]
