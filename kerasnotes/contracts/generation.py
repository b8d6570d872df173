"""What is asked of a generator, and what it answers. No framework."""

import dataclasses
from typing import Any

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.data.spec import Spec

OPTIONS = (
    "label",
    "sampler",
    "schedule",
    "steps",
    "guidance",
    "eta",
    "frames",
)
"""Fields of `Request` that not every generator understands."""


_FLAGS = {"label": "--class", "frames": "--trajectory"}


def flag(name: str) -> str:
    """Returns what the command line calls a field of `Request`."""
    return _FLAGS.get(name, f"--{name}")


@dataclasses.dataclass(frozen=True)
class Request:
    """How to draw new examples; `None` leaves it to the note.

    Args:
        count: How many examples.
        seed: Of all noise. Example `i` depends on `(seed, i)` alone.
        label: Number of the class to draw.
        sampler: Name of the sampling algorithm.
        schedule: Name of its noise levels.
        steps: Steps of the sampler.
        guidance: Weight of classifier-free guidance; 1 is none.
        eta: Noise of DDIM, 0 to 1.
        frames: Pictures of the way to keep; 0 keeps none.
    """

    count: int
    seed: int = 0
    label: int | None = None
    sampler: str | None = None
    schedule: str | None = None
    steps: int | None = None
    guidance: float | None = None
    eta: float | None = None
    frames: int = 0

    def given(self) -> dict[str, Any]:
        """Returns the options that were named."""
        blank = Request(self.count)
        values = {name: getattr(self, name) for name in OPTIONS}
        return {
            name: value
            for name, value in values.items()
            if value != getattr(blank, name)
        }


@dataclasses.dataclass(frozen=True)
class Generated:
    """New examples.

    Args:
        values: Array `(N, ...)`, float32, in raw units; images lie within
            `Spec.limits`.
        labels: Array `(N,)` of the classes asked for, or `None`.
        trajectory: Array `(frames, N, ...)` of the way there, or `None`.
        settings: What was used in the end, name by name.
        calls: Of a network or a part of it, one after another, that an
            example took.
    """

    values: Array
    labels: Array | None = None
    trajectory: Array | None = None
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    calls: int = 1


def check(
    request: Request, understood: frozenset[str], note: str, spec: Spec
) -> None:
    """Raises a `UsageError` for what this generator cannot do.

    Args:
        request: What is asked.
        understood: Names from `OPTIONS`.
        note: The generator's name, for the message.
        spec: What it was trained on.
    """
    if request.count < 1:
        raise UsageError(
            "At least one example must be asked for.",
            received=f"count={request.count}",
        )
    for name in request.given():
        if name not in understood:
            flags = sorted(flag(option) for option in understood)
            raise UsageError(
                f"This {note} has no option {flag(name)}.",
                expected=", ".join(flags) or "a count and a seed only",
                received=flag(name)
                if name in _FLAGS
                else f"{flag(name)} {getattr(request, name)}",
            )
    if (
        request.label is not None
        and not 0 <= request.label < spec.target.num_classes
    ):
        raise UsageError(
            "There is no such class.",
            expected=f"0 to {spec.target.num_classes - 1}: "
            + ", ".join(spec.target.classes),
            received=f"class {request.label}",
        )
    if request.steps is not None and request.steps < 1:
        raise UsageError(
            "A sampler takes at least one step.",
            received=f"steps={request.steps}",
        )
