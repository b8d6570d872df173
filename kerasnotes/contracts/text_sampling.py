"""What is asked of a network that writes text. No framework."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.sampling_bounds import LARGEST_SEED

LENGTH = 500
"""Tokens drawn, unless the user says how many."""
MOST = 1_000_000


@dataclasses.dataclass(frozen=True)
class Wishes:
    """How tokens are drawn.

    Args:
        temperature: Logits are divided by it; 0 takes the likeliest.
        top_k: Only so many likeliest tokens may come.
        top_p: Only the likeliest tokens that together are so probable.
        seed: Of the draws.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0


def check(wishes: Wishes, length: int) -> None:
    """Raises a `UsageError` for the first number out of its range."""
    temperature, top_k, top_p = wishes.temperature, wishes.top_k, wishes.top_p
    fits = {
        ("temperature", temperature, "0 to 100"): math.isfinite(temperature)
        and 0 <= temperature <= 100,
        ("top-k", top_k, "1 or more"): top_k is None or top_k >= 1,
        ("top-p", top_p, "above 0, to 1"): top_p is None or 0 < top_p <= 1,
        ("length", length, f"1 to {MOST:,}"): 1 <= length <= MOST,
        ("seed", wishes.seed, f"0 to {LARGEST_SEED:,}"): 0
        <= wishes.seed
        <= LARGEST_SEED,
    }
    for (name, value, expected), right in fits.items():
        if not right:
            raise UsageError(
                f"This is no {name} that text can be drawn with.",
                expected=expected,
                received=f"--{name} {value}",
            )


TEXT = ("prompt", "length", "temperature", "top_k", "top_p")
"""Options of text alone."""


def check_options(task: str, given: Mapping[str, Any]) -> None:
    """Refuses options of the other kind of generator.

    Args:
        task: Of the run: `language`, or one that draws examples.
        given: Options by name; what is left at its default is `None` or
            false.

    Raises:
        UsageError: Says which.
    """
    text = task == "language"
    for name, value in given.items():
        if value is None or value is False or (name in TEXT) == text:
            continue
        flag = "--" + _FLAGS.get(name, name).replace("_", "-")
        raise UsageError(
            f"A run for {task} has no use for {flag}.",
            expected=", ".join(f"--{one.replace('_', '-')}" for one in TEXT)
            if text
            else "options of examples: kn sample --help",
            received=f"{flag} {value}",
            hint="leave it out",
        )


_FLAGS = {"label": "class", "recipe": "from"}
