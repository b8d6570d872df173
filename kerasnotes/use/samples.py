"""Drawn examples: values, pictures, and how to draw them again."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from kerasnotes.contracts.generation import Generated
from kerasnotes.data.dataset import Array
from kerasnotes.figures.sample_grid import to_bytes
from kerasnotes.tasks.generation import Generation
from kerasnotes.use.pictures import drawn, to_png
from kerasnotes.use.recipe import Recipe
from kerasnotes.use.sample_files import Places


@dataclasses.dataclass(frozen=True, repr=False)
class Samples:
    """Examples that a generator drew.

    Args:
        generated: The examples.
        recipe: How to draw them again.
        seconds: What drawing took.
        task: Draws their pictures.
        warnings: What one should know, a sentence each.
        same: Whether a repetition came out equal; `None` if it is none.
        places: What was written where.
        files: The files of single examples.
    """

    generated: Generated
    recipe: Recipe
    seconds: float
    task: Generation
    warnings: tuple[str, ...] = ()
    same: bool | None = None
    places: Places = Places()
    files: tuple[Path, ...] = ()

    @property
    def values(self) -> Array:
        """Array `(N, H, W, C)` or `(N, D)`, float32, in raw units."""
        return self.generated.values

    @property
    def labels(self) -> Array | None:
        """Array `(N,)` of the numbers of the classes asked for, or `None`."""
        return self.generated.labels

    @property
    def trajectory(self) -> Array | None:
        """Array `(frames, N, ...)` of the way there, or `None`."""
        return self.generated.trajectory

    @property
    def images(self) -> list[Image.Image]:
        """A picture for each example; none for rows of a table."""
        if self.task.spec.input.kind != "image":
            return []
        pictures = to_bytes(self.values, self.task.spec.input.limits)
        return [Image.fromarray(picture) for picture in pictures]

    @property
    def grid(self) -> Image.Image:
        """One picture of all."""
        return drawn({"grid": self._draw})["grid"]

    def _draw(self, path: Path) -> None:
        self.task.draw(self.generated, None, path)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        used = {"seed": self.recipe.asked.seed, **self.recipe.used}
        words = ", ".join(f"{k} {v}" for k, v in used.items() if v is not None)
        return f"{len(self):,} samples of {self.recipe.run}: {words}"

    def _repr_png_(self) -> bytes:
        return to_png(self.grid)

    def to_json(self) -> dict[str, Any]:
        """Returns what `kn sample --json` says of them."""
        recipe, labels = self.recipe, self.labels
        places = dataclasses.asdict(self.places)
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
            **{name: path and str(path) for name, path in places.items()},
            "files": [str(path) for path in self.files],
            "same": self.same,
        }
