"""What a notebook imports is there; `make test` runs them whole."""

import ast
import importlib.util
import json

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.once

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def imported_names(path):
    """Returns `(module, name)` of every `from kerasnotes... import name`."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    nodes = [
        node
        for cell in cells
        if cell["cell_type"] == "code"
        for node in ast.walk(ast.parse("".join(cell["source"])))
    ]
    return [
        (node.module, alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        and node.module.startswith("kerasnotes")
        for alias in node.names
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_name_is_there(path):
    names = imported_names(path)
    assert names
    missing = [
        f"{module}.{name}"
        for module, name in names
        if not hasattr(importlib.import_module(module), name)
        and importlib.util.find_spec(f"{module}.{name}") is None
    ]
    assert not missing
