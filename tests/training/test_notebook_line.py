"""The line that a notebook shows while it trains."""

import types

import IPython.display
import pytest

from kerasnotes.training.notebook_line import NotebookLine
from kerasnotes.training.progress import Plain, make_reporter

pytestmark = pytest.mark.once


class Cell:
    """Stands in for a cell's output: what was shown in its one line."""

    def __init__(self):
        self.lines, self.shown = 0, []

    def display(self, content, raw, display_id):
        assert raw
        assert display_id
        self.lines += 1
        self.shown.append(content["text/plain"])
        return self

    def update(self, content, raw):
        self.shown.append(content["text/plain"])


@pytest.fixture
def cell(monkeypatch):
    made = Cell()
    monkeypatch.setattr(IPython.display, "display", made.display)
    return made


def test_one_line_is_rewritten(cell, capsys):
    line = NotebookLine()
    line.begin(2, 10, "val_accuracy")
    line.step(0, 5, {"loss": 1.25})
    line.step(1, 5, {"loss": 0.5})
    row = {"epoch": 2.0, "loss": 0.5, "learning_rate": 0.1, "seconds": 1.0}
    line.epoch(row)
    line.end()
    assert cell.lines == 1
    assert cell.shown[0] == "compiling ..."
    assert cell.shown[1].startswith("epoch 1/2 [######....")
    assert cell.shown[2].startswith("epoch 2/2 [##################......] loss")
    assert "steps/s" in cell.shown[2]
    assert cell.shown[-1] == ""
    assert all(text.isprintable() for text in cell.shown)
    assert capsys.readouterr().out.startswith("epoch 2/2  loss 0.5000")


def test_it_is_for_notebooks_only(monkeypatch):
    kinds = {None: Plain, "kernel": NotebookLine}
    for attribute, kind in kinds.items():
        shell = types.SimpleNamespace(**({attribute: 1} if attribute else {}))
        monkeypatch.setattr(IPython, "get_ipython", lambda shell=shell: shell)
        assert type(make_reporter(as_json=False, quiet=False)) is kind
    assert type(make_reporter(as_json=False, quiet=True)) is not NotebookLine
