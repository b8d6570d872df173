"""The directive `settings`: every field of a block, from its own class.

    ```{settings} unet
    ```

The argument is a note's name, `data` or `train`. No framework is imported.
"""

from typing import Any

import pydantic
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from kerasnotes.base.config import DataConfig, TrainConfig, describe_range
from kerasnotes.notes import NOTES

COLUMNS = ("setting", "default", "takes", "meaning")
SHARED = {"data": DataConfig, "train": TrainConfig}


def rows(block: str) -> list[tuple[str, str, str, str]]:
    """Returns the cells of a block's table, a field a row.

    Args:
        block: `data`, `train`, or the name of a note.
    """
    model: type[pydantic.BaseModel]
    prefix = f"{block}." if block in SHARED else ""
    model = SHARED.get(block) or NOTES[block].config_class()
    return [
        (
            prefix + name,
            _default(field.default),
            describe_range(model, name),
            field.description or "",
        )
        for name, field in model.model_fields.items()
    ]


def _default(value: Any) -> str:
    """Returns a default as `--set` would take it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ",".join(map(str, value)) + "]"
    return str(value)


class SettingsDirective(Directive):
    """Draws the table of one block."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        group = nodes.tgroup(cols=len(COLUMNS))
        group += [nodes.colspec(colwidth=width) for width in (2, 2, 4, 5)]
        head = nodes.thead("", _row(COLUMNS, code=()))
        cells = rows(self.arguments[0])
        body = nodes.tbody("", *(_row(line, code=(0, 1)) for line in cells))
        group += [head, body]
        return [nodes.table("", group)]


def _row(cells: tuple[str, ...], code: tuple[int, ...]) -> nodes.row:
    """Makes a row; the cells numbered in `code` are set as code."""
    row = nodes.row()
    for number, text in enumerate(cells):
        kind = nodes.literal if number in code else nodes.inline
        row += nodes.entry("", nodes.paragraph("", "", kind(text=text)))
    return row


def setup(app: Sphinx) -> dict[str, Any]:
    """Tells Sphinx of the directive."""
    app.add_directive("settings", SettingsDirective)
    return {"parallel_read_safe": True}
