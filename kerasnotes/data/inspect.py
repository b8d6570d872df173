"""What is in a data set, and every problem with it, without training."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Progress
from kerasnotes.data import load
from kerasnotes.data.dataset import Array, Dataset, Split
from kerasnotes.data.meaning.twins import Twins
from kerasnotes.data.problems import Problem, Problems
from kerasnotes.data.reading import read_batch
from kerasnotes.data.series.windows import WindowSplit
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.text.making import learn

BATCH = 256
"""Images of one shape read at a time."""
ROWS = 4096
"""Rows of a table read at a time."""


@dataclasses.dataclass
class PartSummary:
    """What every example of one part adds up to.

    Args:
        count: Examples that could be read.
        balance: Examples, or pixels, of each class.
        low: Smallest height and width, number of columns or of tokens, or
            both of a series' window.
        high: Largest.
        minimum: Smallest raw value.
        maximum: Largest raw value; of a table, of its columns of numbers.
        targets: Smallest and largest of each measured value, `(2, K)`.
    """

    count: int
    balance: Array
    low: list[int]
    high: list[int]
    minimum: float = np.inf
    maximum: float = -np.inf
    targets: Array | None = None


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


def inspect(config: DataConfig, progress: Progress | None = None) -> Inspection:
    """Reads a source completely and collects every problem.

    Args:
        config: The source and how it is split.
        progress: Told how far the reading has come.

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
    except DataError as error:
        problems.add("no data set", "", _one_line(error))
    parts: dict[str, PartSummary] = {}
    seen = Twins()
    for name in PARTS if data else ():
        split = data.split(name) if data else None
        if split is not None and data is not None:
            scan = _Scan(name, split, data.spec, problems, seen)
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


def _one_line(error: DataError) -> str:
    received = error.received and f"Received: {error.received}."
    expected = error.expected and f"Expected: {error.expected}."
    return " ".join(filter(None, (error.message, expected, received)))


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


class _Scan:
    """Reads one part, example by example or batch by batch."""

    def __init__(
        self,
        part: str,
        split: Split,
        spec: Spec,
        problems: Problems,
        twins: Twins,
    ) -> None:
        self.part, self.split, self.spec = part, split, spec
        self.problems, self.twins = problems, twins
        self.summary = PartSummary(
            count=0,
            balance=np.zeros(spec.target.num_classes, "int64"),
            low=[],
            high=[],
        )

    def run(self, progress: Progress | None) -> PartSummary:
        if isinstance(self.split, WindowSplit):
            return self._add_series(self.split)
        size = self._batch_size()
        for start in range(0, len(self.split), size):
            stop = min(start + size, len(self.split))
            self._read(np.arange(start, stop))
            if progress is not None:
                progress(f"reading {self.part}", stop, len(self.split))
        self.twins.end(self.part, self.split.name, self.problems)
        return self.summary

    def _add_series(self, split: WindowSplit) -> PartSummary:
        """Looks at the rows of a part, each once; windows hold nothing else."""
        summary, rows = self.summary, split.part
        summary.count = len(split)
        if len(split):
            summary.low = summary.high = [split.window, rows.shape[1]]
            summary.minimum = float(rows.min())
            summary.maximum = float(rows.max())
            low, high = rows.min(axis=0), rows.max(axis=0)
            summary.targets = np.stack([low, high])[:, split.places]
        return summary

    def _batch_size(self) -> int:
        if not hasattr(self.split, "read"):
            return 1
        return ROWS if self.spec.input.kind in ("table", "text") else BATCH

    def _read(self, indices: Array) -> None:
        try:
            x, y = read_batch(self.split, indices)
        except DataError as error:
            where = self.split.name(int(indices[0]))
            reason = getattr(error, "reason", "") or _one_line(error)
            self.problems.add("unreadable", where, reason)
            return
        self._check_finite(indices, x)
        if self.spec.input.kind not in ("text", "tokens"):
            # Of texts the reader told: here, what is cut looks alike.
            self.twins.add(indices, x)
        self._add(x, y)

    def _check_finite(self, indices: Array, x: Array) -> None:
        if x.dtype.kind != "f":
            return
        if self.spec.input.varied:
            # Their reader has looked at every number; NaN is behind the end.
            return
        bad = ~np.isfinite(x.reshape(len(x), -1)).all(axis=1)
        for index in indices[bad].tolist():
            name = self.split.name(index)
            self.problems.add("not finite", name, "NaN or infinity")

    def _add(self, x: Array, y: Array) -> None:
        summary = self.summary
        summary.count += len(x)
        if self.spec.target.kind == "values":
            whole = y
            if summary.targets is not None:
                whole = np.concatenate([y, summary.targets])
            summary.targets = np.stack([whole.min(axis=0), whole.max(axis=0)])
        elif self.spec.target.kind not in (
            "none",
            "next_token",
            "sequence",
        ):
            known = y[y >= 0] if self.spec.target.ignore else y.reshape(-1)
            summary.balance += np.bincount(
                known, minlength=self.spec.target.num_classes
            )
        if self.spec.input.kind in ("text", "tokens"):
            tokens = (x != 0).sum(axis=1)
            summary.low = [min([*summary.low, int(tokens.min())])]
            summary.high = [max([*summary.high, int(tokens.max())])]
            return
        size = list(
            x.shape[1:3] if self.spec.input.kind == "image" else x.shape[1:]
        )
        least, most = size, size
        if self.spec.input.varied:
            rows = (~np.isnan(x).all(axis=2)).sum(axis=1)
            least = [int(rows.min()), *size[1:]]
            most = [int(rows.max()), *size[1:]]
        summary.low = list(map(min, summary.low or least, least))
        summary.high = list(map(max, summary.high or most, most))
        amounts = x
        if self.spec.input.categorical:
            amounts = np.delete(x, self.spec.input.categorical, axis=-1)
        if amounts.size:
            summary.minimum = min(summary.minimum, float(np.nanmin(amounts)))
            summary.maximum = max(summary.maximum, float(np.nanmax(amounts)))


def default_sheet(config: DataConfig, folder: Path) -> Path:
    """Returns where the contact sheet of a source goes by default."""
    name = Path(config.source).stem or Path(config.source).resolve().name
    return folder / f"{name}-contact-sheet.png"
