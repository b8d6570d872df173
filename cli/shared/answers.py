"""An answer for a file, in a few words."""

import math
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

SURE, UNSURE = 0.1, 1 / 3
"""Parts of the largest entropy, log K, where `sure` and `fairly sure` end."""
NAMED = 3
"""Classes of a mask that are named, the largest first."""


def say(row: Row) -> str:
    """Says what one row of `predictions.csv` answers.

    Args:
        row: As a task made it.
    """
    from kerasnotes.contracts.report import HIGH, LOW, PREDICTED

    if "entropy" in row:
        return f"{_say_class(row)}, {_say_doubt(row)}"
    if "class" in row:
        return _say_class(row)
    if "translation" in row:
        return str(row["translation"])
    values = [name for name in row if name.startswith(PREDICTED)]
    if values:
        shown = []
        for title in (name.removeprefix(PREDICTED) for name in values):
            text = f"{title} {row[PREDICTED + title]:.6g}"
            if LOW + title in row:
                low, high = row[LOW + title], row[HIGH + title]
                text += f" ({low:.4g} to {high:.4g})"
            shown.append(text)
        return ", ".join(shown)
    if "overlay" in row:
        count = f", {row['objects']} objects" if "objects" in row else ""
        return f"{_say_parts(row)}{count} -> {row['overlay']}"
    where = f" -> {row['restored']}" if "restored" in row else ""
    if "filled" in row:
        return f"{row['filled']:.0%} of it filled in{where}"
    if "enlarged" in row:
        return f"enlarged {row['enlarged']} times{where}"
    return f"changed by {row['change']:.3g} (root mean square){where}"


def _say_class(row: Row) -> str:
    return f"{row['class']} ({row['probability']:.3f})"


def _say_doubt(row: Row) -> str:
    """Says how uncertain a Bayesian answer is, and whence that comes.

    The entropy of the mean answer is that within each pass (aleatoric) and
    the mutual information of answer and weights (epistemic).
    """
    entropy, epistemic = row["entropy"], max(0.0, row["mutual_information"])
    share = entropy / _largest_entropy(row)
    sure = "sure" if share < SURE else "fairly sure"
    if share >= UNSURE:
        sure = "unsure"
    return (
        f"{sure}: entropy {entropy:.2f} = {max(0.0, entropy - epistemic):.2f} "
        f"aleatoric + {epistemic:.2f} epistemic"
    )


def explain_doubt(row: Row) -> str | None:
    """Returns what the numbers of a Bayesian answer mean; else `None`."""
    if "entropy" not in row:
        return None
    return (
        f"in nats, {_largest_entropy(row):.2f} at most. Aleatoric: the example "
        "itself is ambiguous.\n         Epistemic: the weights are in doubt; "
        "more training data like it would help."
    )


def _largest_entropy(row: Row) -> float:
    classes = sum(name.startswith("p_") for name in row)
    return math.log(max(2, classes))


def _say_parts(row: Row) -> str:
    """Names the largest classes of a mask: `3 38%, 7 33%, background 11%`."""
    parts = {
        name.removeprefix("part_"): value
        for name, value in row.items()
        if name.startswith("part_") and value
    }
    ordered = sorted(parts, key=lambda name: -parts[name])
    told = [f"{name} {parts[name]:.0%}" for name in ordered[:NAMED]]
    left = len(ordered) - NAMED
    return ", ".join(told) + (f" and {left} more" if left > 0 else "")
