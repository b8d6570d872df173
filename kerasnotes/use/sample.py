"""Drawing from a trained generator: what `kn sample` does."""

import dataclasses
import hashlib
import time
from typing import Any, cast

import numpy as np

from kerasnotes.base.errors import StorageError, UsageError, did_you_mean
from kerasnotes.base.types import Progress
from kerasnotes.contracts.generation import Generated, Request, check
from kerasnotes.data.spec import Spec
from kerasnotes.figures.sample_grid import to_bytes
from kerasnotes.runs.archive.zip_file import plain
from kerasnotes.runtime.setup import Choice, versions
from kerasnotes.tasks.generation import Generation
from kerasnotes.use import sample_files
from kerasnotes.use.memory import explain_memory
from kerasnotes.use.recipe import Recipe, RecordedRequest
from kerasnotes.use.samples import Samples
from kerasnotes.use.trained import Trained, check_generates

COUNT = 64
TENTHS = 11
"""Pictures of the way there: the start, and every tenth of the way."""


def sample(
    generator: Trained,
    choice: Choice,
    *,
    recipe: Recipe | None = None,
    named: bool = True,
    label: str | None = None,
    trajectory: bool = False,
    output: sample_files.OutputRequest | None = None,
    progress: Progress | None = None,
    **fields: Any,
) -> Samples:
    """Draws what a user wants, and writes it where it is wanted.

    Args:
        generator: What draws.
        choice: The backend in use.
        recipe: To start from, or `None`.
        named: Whether the user named the generator beside the recipe.
        label: Class by name or number, or `None`.
        trajectory: Whether the trajectory is kept.
        output: What is written; nothing, if `None`.
        progress: Told how far it is.
        **fields: Other fields of `Request`; `None` leaves a field.

    Raises:
        UsageError: If the wishes do not fit the model, or each other.
        StorageError: If the weights are not those of the recipe, or
            something cannot be written.
        OutOfMemoryError: If it does not fit into memory.
    """
    check_generates(generator.path, generator.task.name)
    warnings = check_recipe(recipe, generator, named)
    trajectory = trajectory or (
        output is not None and output.trajectory is not None
    )
    request = make_request(
        generator.spec, recipe, label=label, trajectory=trajectory, **fields
    )
    places = sample_files.Places()
    if output is not None:
        # Before anything is drawn, which may take minutes.
        places = sample_files.plan(
            output,
            name=generator.path.resolve().stem,
            table=generator.spec.input.kind == "table",
            count=request.count,
        )
    samples = draw(generator, request, choice, progress)
    text = samples.recipe.text()
    files = sample_files.write(places, samples.generated, samples.task, text)
    return dataclasses.replace(
        samples,
        warnings=tuple(warnings),
        same=is_same(recipe, samples.recipe),
        places=places,
        files=tuple(files),
    )


def find_label(name: str, spec: Spec) -> int:
    """Returns the number of a class, given by its name or its number.

    Raises:
        UsageError: If there is none; names the nearest.
    """
    if not spec.target.classes:
        raise UsageError(
            "This generator was trained without classes.",
            received=f"--class {name}",
            hint="leave --class out",
        )
    if name in spec.target.classes:
        return spec.target.classes.index(name)
    if (
        name.isascii()
        and name.isdigit()
        and int(name) < spec.target.num_classes
    ):
        return int(name)
    raise UsageError(
        f"There is no class `{name}`.",
        expected=f"a name, or a number from 0 to {spec.target.num_classes - 1}",
        received=f"--class {name}",
        hint=did_you_mean(name, spec.target.classes[:50]),
    )


def check_recipe(
    recipe: Recipe | None, generator: Trained, named: bool
) -> list[str]:
    """Checks that the picture's own weights draw it again.

    Args:
        recipe: Of the picture, or `None`.
        generator: What is to draw.
        named: Whether the user named the generator; then other weights are
            no mistake.

    Returns:
        Warnings, one sentence each.

    Raises:
        StorageError: If the run has other weights by now.
    """
    if recipe is None or recipe.weights == generator.weights:
        return []
    if named:
        return [
            f"{generator.path} has other weights than those that drew the "
            "picture: it will be another one."
        ]
    raise StorageError(
        f"The weights in {generator.path} are not those that drew the picture.",
        expected=f"weights {recipe.weights[:12]}",
        received=f"weights {generator.weights[:12]}",
        hint="to draw with these: "
        f"kn sample {generator.path} --from PICTURE.png",
    )


def make_request(
    spec: Spec,
    recipe: Recipe | None,
    *,
    label: str | None,
    trajectory: bool,
    **fields: Any,
) -> Request:
    """Returns what the user asks for, on top of a recipe if there is one.

    Args:
        spec: What the generator was trained on.
        recipe: To start from, or `None`.
        label: Class by name or number, or `None`.
        trajectory: Whether the trajectory is wanted.
        **fields: Other fields of `Request`; `None` leaves a field.

    Raises:
        UsageError: If there is no such class.
    """
    changes = {name: v for name, v in fields.items() if v is not None}
    if label is not None:
        changes["label"] = find_label(label, spec)
    changes["frames"] = TENTHS if trajectory else 0
    if recipe is not None:
        return recipe.request(**changes)
    return Request(**{"count": COUNT, **changes})


def is_same(before: Recipe | None, now: Recipe) -> bool | None:
    """Returns whether a repetition came out equal; `None` if it is none."""
    if before is None or before.weights != now.weights:
        return None
    still = {"frames": before.asked.frames}
    if before.asked != now.asked.model_copy(update=still):
        return None
    return before.result == now.result


def draw(
    generator: Trained,
    request: Request,
    choice: Choice,
    progress: Progress | None = None,
) -> Samples:
    """Draws examples.

    Args:
        generator: What draws.
        request: What is asked.
        choice: The backend in use, for the recipe.
        progress: Told how far it is.

    Raises:
        UsageError: If the request does not fit the model.
        OutOfMemoryError: If it does not fit into memory.
    """
    spec, model = generator.spec, generator.model
    check(request, model.sample_options, generator.note, spec)
    started = time.monotonic()
    with explain_memory(request.count):
        generated = model.generate(request, progress)
    seconds = time.monotonic() - started
    recipe = _recipe(generator, request, generated, choice)
    task = cast(Generation, generator.task)
    return Samples(generated, recipe, seconds, task)


def _recipe(
    generator: Trained, request: Request, generated: Generated, choice: Choice
) -> Recipe:
    classes = generator.spec.target.classes
    label = None if request.label is None else classes[request.label]
    installed = versions(choice.backend)
    return Recipe(
        run=plain(str(generator.path)),
        weights=generator.weights,
        note=plain(generator.note),
        asked=RecordedRequest(**dataclasses.asdict(request)),
        label=label and plain(label)[:200],
        used={name: _plain(v) for name, v in generated.settings.items()},
        result=_digest(generated, generator.spec),
        versions={
            "kerasnotes": str(installed.get("kerasnotes", "")),
            "keras": str(installed.get("keras", "")),
            "backend": choice.backend,
            "precision": choice.precision,
        },
    )


def _plain(value: Any) -> str | int | float | bool | None:
    """Returns a setting as JSON knows it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, int | float | bool):
        return value
    return plain(str(value))[:200]


def _digest(generated: Generated, spec: Spec) -> str:
    values = np.asarray(generated.values, "<f4")
    if spec.input.kind == "image":
        values = to_bytes(values, spec.input.limits)
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
