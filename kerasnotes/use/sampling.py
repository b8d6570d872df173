"""Drawing from a trained generator: what `kn sample` does."""

import dataclasses
import hashlib
import time
from pathlib import Path
from typing import Any, cast

import numpy as np

from kerasnotes.base.commands import command
from kerasnotes.base.errors import StorageError, UsageError, did_you_mean
from kerasnotes.base.types import Progress
from kerasnotes.contracts.generation import Generated, Request, check
from kerasnotes.data.spec import Spec
from kerasnotes.figures.sample_grid import to_bytes
from kerasnotes.runs.archive.weights_digest import weights_digest
from kerasnotes.runs.archive.zip_file import plain
from kerasnotes.runs.run import find_model
from kerasnotes.runtime.setup import Choice, versions
from kerasnotes.tasks.generation import Generation
from kerasnotes.use import evaluation
from kerasnotes.use.recipe import Asked, Recipe

COUNT = 64
TENTHS = 11
"""Pictures of the way there: the start, and every tenth of the way."""


@dataclasses.dataclass(frozen=True)
class Generator:
    """A trained generator, ready to be asked.

    Args:
        path: As the user named it.
        model: The network.
        task: Draws what it makes.
        note: The note's name.
        weights: Digest of its weights.
    """

    path: Path
    model: Any
    task: Generation
    note: str
    weights: str

    @property
    def spec(self) -> Spec:
        return self.task.spec


@dataclasses.dataclass(frozen=True)
class Drawn:
    """What was drawn.

    Args:
        generated: The examples.
        recipe: How to draw them again.
        seconds: What drawing took.
    """

    generated: Generated
    recipe: Recipe
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Returns what `kn sample --json` says of it."""
        recipe, labels = self.recipe, self.generated.labels
        return {
            "run": recipe.run,
            "note": recipe.note,
            "weights": recipe.weights,
            "count": recipe.asked.count,
            "seed": recipe.asked.seed,
            "class": recipe.label,
            "used": recipe.used,
            "labels": None if labels is None else np.asarray(labels).tolist(),
            "seconds": round(self.seconds, 3),
        }


def open_generator(path: Path) -> Generator:
    """Loads a generator.

    Raises:
        StorageError: If there is none at `path`.
        UsageError: If it is of another kind.
    """
    file, record = find_model(path)
    task = record.get("task")
    if task != Generation.name:
        # Before the model is loaded, which takes seconds.
        raise UsageError(
            f"{path} does not draw examples.",
            expected="a run of a generator: `kn list` shows them",
            received=f"a run for {task}",
            hint=f"{command('predict', path)} FILE",
        )
    weights = weights_digest(file)
    trained = evaluation.open_trained(path)
    note = str(record.get("note", type(trained.model).__name__.lower()))
    drawing = cast(Generation, trained.task)
    return Generator(path, trained.model, drawing, note, weights)


def find_label(name: str, spec: Spec) -> int:
    """Returns the number of a class, given by its name or its number.

    Raises:
        UsageError: If there is none; names the nearest.
    """
    if name in spec.classes:
        return spec.classes.index(name)
    if name.isascii() and name.isdigit() and int(name) < spec.num_classes:
        return int(name)
    raise UsageError(
        f"There is no class `{name}`.",
        expected=f"a name, or a number from 0 to {spec.num_classes - 1}",
        received=f"--class {name}",
        hint=did_you_mean(name, spec.classes[:50]),
    )


def check_recipe(
    recipe: Recipe | None, generator: Generator, named: bool
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
    way: bool,
    **asked: Any,
) -> Request:
    """Returns what the user asks for, on top of a recipe if there is one.

    Args:
        spec: What the generator was trained on.
        recipe: To start from, or `None`.
        label: Class by name or number, or `None`.
        way: Whether the way there is wanted.
        **asked: Other fields of `Request`; `None` leaves a field.

    Raises:
        UsageError: If there is no such class.
    """
    changes = {name: v for name, v in asked.items() if v is not None}
    if label is not None:
        changes["label"] = find_label(label, spec)
    changes["frames"] = TENTHS if way else 0
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
    generator: Generator,
    request: Request,
    choice: Choice,
    progress: Progress | None = None,
) -> Drawn:
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
    check(
        request, generator.model.sample_options, generator.note, generator.spec
    )
    started = time.monotonic()
    with evaluation.explain_memory(request.count):
        generated = generator.model.generate(request, progress)
    seconds = time.monotonic() - started
    classes = generator.spec.classes
    label = None if request.label is None else classes[request.label]
    known = versions(choice.backend)
    recipe = Recipe(
        run=plain(str(generator.path)),
        weights=generator.weights,
        note=plain(generator.note),
        asked=Asked(**dataclasses.asdict(request)),
        label=label and plain(label)[:200],
        used={name: _plain(v) for name, v in generated.settings.items()},
        result=_digest(generated, generator.spec),
        versions={
            "kerasnotes": str(known.get("kerasnotes", "")),
            "keras": str(known.get("keras", "")),
            "backend": choice.backend,
            "precision": choice.precision,
        },
    )
    return Drawn(generated, recipe, seconds)


def _plain(value: Any) -> str | int | float | bool | None:
    """Returns a setting as JSON knows it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, int | float | bool):
        return value
    return plain(str(value))[:200]


def _digest(generated: Generated, spec: Spec) -> str:
    values = np.asarray(generated.values, "<f4")
    if spec.input == "image":
        values = to_bytes(values, spec.limits)
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
