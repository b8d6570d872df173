"""What docs/_ext adds to Sphinx, without a build."""

import sys

import pytest

from kerasnotes.notes import NOTES
from tests.conftest import ROOT

pytest.importorskip("sphinx")
pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def extensions(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "docs/_ext")])


@pytest.mark.parametrize("block", [*NOTES, "data", "train"])
def test_settings_have_a_row_each(block):
    from settings_tables import rows

    found = rows(block)
    assert len(found) == len({name for name, *_ in found})
    for name, default, takes, meaning in found:
        assert name.startswith(f"{block}.") == (block in ("data", "train"))
        assert default
        assert takes
        assert meaning, f"{name} has no description"


def test_defaults_are_what_set_takes():
    from settings_tables import rows

    defaults = {name: default for name, default, *_ in rows("mlp")}
    assert defaults["widths"] == "[512,512]"
    assert {n: d for n, d, *_ in rows("train")}["train.ema"] == "null"


DOCSTRING = """Says what.

    y = a x

More.

Args:
    a: One

        of two.
"""


def test_equations_stay_lines_and_sections_stay_sections():
    from docstrings import literal_blocks

    made = "\n".join(literal_blocks(DOCSTRING.splitlines()))
    assert made.count("::") == 1
    assert "Says what.\n\n::\n\n    y = a x\n\nMore." in made
    assert made.endswith("Args:\n    a: One\n\n        of two.")
