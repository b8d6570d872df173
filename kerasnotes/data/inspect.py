"""What is in a data set, and every problem with it, without training."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Progress
from kerasnotes.data import load
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.meaning.twins import Twins
from kerasnotes.data.problems import Problem, Problems
from kerasnotes.data.scanning import PartSummary, Scan, one_line
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.text.making import learn


@dataclasses.dataclass(frozen=True)
class Inspection:
    """Everything `kn data` shows.

    Args:
        source: What was asked for.
        data: What can be used, or `None`.
        parts: Summary by part.
        mean: Per channel or column, training part.
        deviation: Standard deviation, likewise.
        problems: What would stop training.
        notes: What is worth knowing.
    """

    source: str
    data: Dataset | None
    parts: dict[str, PartSummary]
    mean: Array | None
    deviation: Array | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Returns all of it as JSON values."""
        spec = self.data.spec.to_json() if self.data else None
        return {
            "source": self.source,
            "spec": spec,
            "fingerprint": self.data.fingerprint if self.data else None,
            "parts": {
                name: _part_json(part, self.data)
                for name, part in self.parts.items()
            },
            "mean": _numbers(self.mean),
            "deviation": _numbers(self.deviation),
            "problems": [dataclasses.asdict(p) for p in self.problems],
            "remarks": list(self.notes),
        }


def _numbers(values: Array | None) -> list[float] | None:
    return None if values is None else [float(value) for value in values]


def _part_json(part: PartSummary, data: Dataset | None) -> dict[str, Any]:
    classes = data.spec.target.classes if data else ()
    counts = part.balance.tolist()
    return {
        "count": part.count,
        "classes": dict(zip(classes, counts, strict=False)),
        "smallest": part.low,
        "largest": part.high,
        "minimum": part.minimum if np.isfinite(part.minimum) else None,
        "maximum": part.maximum if np.isfinite(part.maximum) else None,
        "targets": None if part.targets is None else part.targets.tolist(),
    }


def inspect(
    config: DataConfig,
    progress: Progress | None = None,
    opened: Callable[[Dataset], object] | None = None,
) -> Inspection:
    """Reads a source completely and collects every problem.

    Args:
        config: The source and how it is split.
        progress: Told how far the reading has come.
        opened: Handed the data before each example is read, which takes long.

    Raises:
        UsageError: If the source's name is unknown, or `config.classes`
            does not fit.
    """
    problems = Problems()
    data: Dataset | None = None
    try:
        data = load.read(config, problems)
        if data is not None:
            data = learn(data, config, problems)
            if opened is not None:
                opened(data)
    except DataError as error:
        hint = f" Next: {error.hint}" if error.hint else ""
        problems.add("not read", "", one_line(error) + hint)
    parts: dict[str, PartSummary] = {}
    seen, told = Twins(), {problem.kind for problem in problems.fatal}
    for name in PARTS if data else ():
        split = data.split(name) if data else None
        if split is not None and data is not None:
            scan = Scan(name, split, data.spec, problems, seen, told)
            parts[name] = scan.run(progress)
    mean, deviation = _statistics(data, parts)
    notes = (*(data.remarks if data else ()), *problems.notes)
    return Inspection(
        source=config.source,
        data=data,
        parts=parts,
        mean=mean,
        deviation=deviation,
        problems=tuple(dict.fromkeys(problems.fatal)),
        notes=notes,
    )


def _statistics(
    data: Dataset | None, parts: dict[str, PartSummary]
) -> tuple[Array | None, Array | None]:
    from kerasnotes.data import statistics

    if data is None or not parts["train"].count:
        return None, None
    if data.spec.input.kind in ("text", "tokens"):
        return None, None
    try:
        mean, variance = statistics.fit(data.train, data.spec)
    except DataError:
        # A file that cannot be read has been told of already.
        return None, None
    return mean, np.sqrt(variance)


def default_sheet(config: DataConfig, folder: Path) -> Path:
    """Returns where the contact sheet of a source goes by default."""
    name = Path(config.source).stem or Path(config.source).resolve().name
    return folder / f"{name}-contact-sheet.png"
