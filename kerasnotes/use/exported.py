"""An exported model and its description."""

import dataclasses
from pathlib import Path
from typing import Any

from kerasnotes.base.files import read_json
from kerasnotes.export import export


@dataclasses.dataclass(frozen=True)
class Exported:
    """A model written for another runtime, compared with the original.

    Args:
        path: The artefact: a folder or a file.
        format: A key of `kerasnotes.export.formats.FORMATS`.
        report: The JSON file that describes it.
        entry: What the report says of it: signatures, checks, the record.
    """

    path: Path
    format: str
    report: Path
    entry: dict[str, Any] = dataclasses.field(repr=False)

    @property
    def signature(self) -> dict[str, Any]:
        """Shapes and types of `inputs` and `outputs`, by name."""
        return dict(self.entry["signature"])

    @property
    def largest_difference(self) -> float | None:
        """Largest absolute difference from the model's own outputs."""
        return self.entry.get("largest_difference")


def export_model(
    source: Path, *, format: str, quantize: str | None, **options: Any
) -> Exported:
    """Exports a model; see `kerasnotes.export.export.export_model`."""
    path = export.export_model(
        source, format=format, quantize=quantize, **options
    )
    report = export.report_path(path, format, quantize)
    entry = read_json(report)[export.report_key(format, quantize)]
    return Exported(path, format, report, entry)
