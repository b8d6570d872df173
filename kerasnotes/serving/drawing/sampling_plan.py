"""What a client asks of a served generator, checked and filled in."""

import dataclasses
from typing import Annotated, Any

import numpy as np
import pydantic

from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.contracts.sampling_bounds import (
    LARGEST_SEED,
    LONGEST_NAME,
    MOST_STEPS,
)
from kerasnotes.diffusion.samplers.catalog import SAMPLERS, find_sampler
from kerasnotes.diffusion.samplers.table import Table
from kerasnotes.diffusion.sigmas import noise_levels
from kerasnotes.serving.drawing.generator import ServedGenerator
from kerasnotes.serving.engine.errors import ServingError, invalid
from kerasnotes.serving.http.json_keys import refuse_twins

Array = np.ndarray[Any, Any]

MOST_AT_ONCE = 100
"""Examples of one request; `kn sample` draws more."""
MOST_NUMBERS = 2**22
"""Numbers in all examples of one request: 16 MiB, and a few times as much
while they are drawn."""
FRAMES_AT_ONCE = 50
"""Pictures of the trajectory that one request may ask for."""
STEPS = 20
"""Steps of a sampler where no number is asked for."""
Name = Annotated[str, pydantic.Field(max_length=LONGEST_NAME)]


class SamplingRequest(pydantic.BaseModel):
    """The body of a request; names are those of `kn sample`'s options."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False
    )

    count: int = pydantic.Field(16, ge=1, le=MOST_AT_ONCE)
    seed: int = pydantic.Field(0, ge=0, le=LARGEST_SEED)
    label: int | Name | None = pydantic.Field(None, alias="class")
    sampler: Name | None = None
    schedule: Name | None = None
    steps: int | None = pydantic.Field(None, ge=1, le=MOST_STEPS)
    guidance: float | None = pydantic.Field(None, ge=0, le=100)
    eta: float | None = pydantic.Field(None, ge=0, le=1)
    frames: int = pydantic.Field(12, ge=0, le=FRAMES_AT_ONCE)


@dataclasses.dataclass(frozen=True)
class SamplingPlan:
    """A request with everything filled in.

    Args:
        count: Examples, N.
        seed: Of all noise.
        labels: Array `(N,)` of classes, or `None`.
        label: The one class asked for, or `None`.
        table: The sampler at its noise levels; `None` for a model that needs
            one call.
        guidance: 1 for none.
        settings: What was used, name by name, to tell the client.
    """

    count: int
    seed: int
    labels: Array | None = None
    label: int | None = None
    table: Table | None = None
    guidance: float = 1.0
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)


def read_request(body: bytes) -> SamplingRequest:
    """Reads the JSON body of a request.

    Raises:
        ServingError: If it is not JSON, or a field is unknown, wrong or given
            twice.
    """
    try:
        request = SamplingRequest.model_validate_json(body or b"{}")
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][:1])
        words = f"{place}: {first['msg']}" if place else str(first["msg"])
        raise invalid(words[:300]) from None
    refuse_twins(body or b"{}")
    return request


def make_plan(
    generator: ServedGenerator, request: SamplingRequest
) -> SamplingPlan:
    """Checks what is asked against the model, and fills in the rest.

    Raises:
        ServingError: If the model cannot do it.
    """
    _check_understood(generator, request)
    if request.count > most_examples(generator):
        raise invalid(
            f"count: expected at most {most_examples(generator)} examples of "
            f"this size, received {request.count}."
        )
    label = _find_class(generator, request.label)
    labels = _labels(generator, request.count, label)
    plan = SamplingPlan(request.count, request.seed, labels, label)
    if not generator.sampler:
        return plan
    try:
        table, settings = _make_table(generator, request)
    except UsageError as error:
        raise _explain(error) from None
    guidance = 1.0 if request.guidance is None else request.guidance
    if generator.guided:
        settings["guidance"] = guidance
    return dataclasses.replace(
        plan, table=table, guidance=guidance, settings=settings
    )


def most_examples(generator: ServedGenerator) -> int:
    """Returns how many examples one request may ask for."""
    return max(1, min(MOST_AT_ONCE, MOST_NUMBERS // generator.spec_size))


def _make_table(
    generator: ServedGenerator, request: SamplingRequest
) -> tuple[Table, dict[str, Any]]:
    default = generator.sampler.get("default") or {}
    name = request.sampler or str(default.get("sampler", "dpmpp_2m"))
    sampler = find_sampler(name)
    spacing = request.schedule or sampler.spacing
    sampler.check_spacing(spacing)
    total = generator.schedule.num_timesteps
    steps = request.steps
    if steps is None:
        steps = min(total if name == "ddpm" else STEPS, total)
    options: dict[str, Any] = {}
    if "variance" in sampler.options:
        options["variance"] = generator.sampler.get("variance", "fixed_small")
    if request.eta is not None:
        options["eta"] = request.eta
    levels = noise_levels(generator.schedule, steps, spacing)
    settings = {
        "sampler": name,
        "schedule": spacing,
        "steps": steps,
        "eta": request.eta,
    }
    return sampler.table(levels, **options), settings


def _check_understood(
    generator: ServedGenerator, request: SamplingRequest
) -> None:
    """Raises a `ServingError` for what the model has no use for."""
    supported = set()
    if generator.sampler:
        supported |= {"sampler", "schedule", "steps", "eta"}
    if generator.conditional:
        supported.add("label")
    if generator.guided:
        supported.add("guidance")
    for name in ("label", "sampler", "schedule", "steps", "eta", "guidance"):
        if getattr(request, name) is not None and name not in supported:
            option = "class" if name == "label" else name
            raise invalid(
                f"{option}: {generator.servable.name} has no such option."
            )


def _find_class(
    generator: ServedGenerator, label: int | str | None
) -> int | None:
    """Returns the number of a class, given by its name or its number."""
    if label is None:
        return None
    classes = generator.spec.target.classes
    if isinstance(label, str) and label in classes:
        return classes.index(label)
    digits = isinstance(label, int) or (label.isascii() and label.isdigit())
    if digits and 0 <= int(label) < len(classes):
        return int(label)
    raise invalid(
        f"class: there is none called {label}; "
        f"{did_you_mean(str(label), classes[:50])}"
    )


def _labels(
    generator: ServedGenerator, count: int, label: int | None
) -> Array | None:
    """Returns the class of each example; in turn, where none is asked for."""
    if not generator.conditional:
        return None
    if label is not None:
        return np.full(count, label, "int32")
    return np.arange(count, dtype="int32") % len(generator.spec.target.classes)


def _explain(error: UsageError) -> ServingError:
    words = [error.message.rstrip(".")]
    if error.expected:
        words.append(f"expected {error.expected}")
    if error.received:
        words.append(f"received {error.received}")
    return invalid("; ".join(words) + ".")


def options(generator: ServedGenerator) -> dict[str, Any]:
    """Returns what can be asked of a generator, for a page to offer."""
    choices: dict[str, Any] = {
        "most": most_examples(generator),
        "conditional": generator.conditional,
        "guidance": generator.guided,
        "samplers": [],
    }
    if not generator.sampler:
        return choices
    default = generator.sampler.get("default") or {}
    return {
        **choices,
        "timesteps": generator.schedule.num_timesteps,
        "default": {"sampler": "dpmpp_2m", "steps": STEPS, **default},
        "samplers": [
            {
                "name": each.name,
                "title": each.title,
                "schedule": each.spacing,
                "schedules": list(each.spacings),
                "eta": "eta" in each.options,
                "noise": each.stochastic,
                "evaluations": each.evaluations,
            }
            for each in SAMPLERS.values()
        ],
    }
