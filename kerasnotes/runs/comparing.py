"""Two runs side by side: which settings differ, and what they reached."""

import dataclasses
from typing import Any

from kerasnotes.runs.run import Record

Pair = tuple[Any, Any]
OTHER = ("backend", "precision", "device", "keras")
"""What of a run's environment can change its numbers."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What two runs do not share.

    Args:
        settings: Values that differ, by the names that `--set` takes;
            `None` where a run has no such setting.
        metrics: All numbers, by name; `None` where a run has none.
    """

    settings: dict[str, Pair]
    metrics: dict[str, Pair]


def compare(one: Record, other: Record) -> Comparison:
    """Compares two records."""
    settings = _pairs(_settings(one), _settings(other))
    return Comparison(
        {name: pair for name, pair in settings.items() if pair[0] != pair[1]},
        _pairs(one.get("metrics") or {}, other.get("metrics") or {}),
    )


def _pairs(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Pair]:
    names = dict.fromkeys([*one, *other])
    return {name: (one.get(name), other.get(name)) for name in names}


def _settings(record: Record) -> dict[str, Any]:
    """Returns everything that decides how a run goes, flat."""
    config = record.get("config", {})
    found = {"note": record.get("note"), **config.get("model", {})}
    for block in ("data", "train"):
        values = config.get(block, {})
        found |= {f"{block}.{name}": value for name, value in values.items()}
    around = record.get("environment", {})
    found |= {name: around[name] for name in OTHER if name in around}
    # The same words may name other data, and other words the same.
    data = record.get("data", {})
    return found | {"data": data.get("fingerprint")}
