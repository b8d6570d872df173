"""A stranger's table: asked about, trained on, measured, gone on with."""

import json

import numpy as np
import pytest

from tests.cli.conftest import run_kn

pytestmark = pytest.mark.once


@pytest.fixture
def table(place):
    """An id, two coordinates and a material that they decide."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 80)).round(3)
    rows = [
        f"{i};{u};{v};{'wood' if u > v else 'iron'}".replace(".", ",")
        for i, (u, v) in enumerate(zip(x, y, strict=True))
    ]
    (place / "set.csv").write_text("\n".join(["Id;x;y;material", *rows]))
    return place / "set.csv"


def test_an_unclear_label_is_asked_for_by_every_verb(table):
    for words in (["data"], ["fit", "mlp", "--data"]):
        ended = run_kn(*words, table)
        assert ended.code == 3
        told = ended.out + ended.err
        assert "Which column" in told
        assert "`y` or `material`" in told


def test_what_was_read_is_told(table):
    ended = run_kn("data", table, "--target", "material")
    assert ended.code == 0, ended.err
    for said in (
        "The label is the column `material`, as you say.",
        "Features, 2: x, y.",
        "The column `Id` is left out: it numbers the rows. To keep it:",
        "Decimals are written with a comma.",
        "kn fit mlp --data",
        "--target material",
    ):
        assert said in ended.out


def test_a_run_on_a_table_and_one_of_before(table, place):
    words = ("--target", "material", "--set", "data.keep=[Id]")
    quick = ("--epochs", 1, "--set", "widths=[4]", "--out", "run")
    ended = run_kn("fit", "mlp", "--data", table, *words, *quick)
    assert ended.code == 0, ended.err
    assert "The label is the column `material`" in ended.out + ended.err
    asked = run_kn("predict", "run", table, "--csv")
    assert asked.code == 0, asked.err
    assert len(asked.out.splitlines()) == 81
    measured = run_kn("eval", "run", "--json")
    assert measured.code == 0, measured.err
    other = run_kn("eval", "run", "--data", table, "--target", "y")
    assert other.code == 3
    # A run of a time when columns were kept whatever they numbered.
    record = json.loads((place / "run/run.json").read_text())
    for name in ("keep", "leave_out", "labels"):
        del record["config"]["data"][name]
    (place / "run/run.json").write_text(json.dumps(record))
    again = run_kn("eval", "run", "--json")
    assert (
        json.loads(again.out)["metrics"] == json.loads(measured.out)["metrics"]
    )
    longer = run_kn("fit", "--resume", "run", "--epochs", 2)
    assert longer.code == 0, longer.err
