"""The loss surface of a run: its data found, its picture drawn."""

from pathlib import Path
from typing import Any

from kerasnotes.base.types import Progress
from kerasnotes.figures.landscape_figures import draw_loss_surface
from kerasnotes.tasks.matching import match
from kerasnotes.use.landscape.loss_surface import LossSurface, measure
from kerasnotes.use.measured_data import load_for, take_split
from kerasnotes.use.trained import Trained

NAME = "landscape.png"


def measure_run(
    trained: Trained,
    source: str | None,
    out: Path | None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> tuple[LossSurface, Path]:
    """Measures on the test part and draws the picture.

    Args:
        trained: The run.
        source: Data; by default those of its training.
        out: The picture; by default in the run's folder.
        seed: Of the directions.
        progress: Told how far it is.
        **options: Of `loss_surface.measure`.

    Raises:
        DataError: If the data do not fit.
        StorageError: If the picture cannot be written.
        UsageError: If the network has a loss of its own.
    """
    config, dataset = load_for(trained, source)
    split = take_split(dataset, "test", config.source)
    split = match(split, dataset.spec, trained.spec)
    found = measure(
        trained.model,
        trained.task,
        split,
        seed=seed,
        progress=progress,
        **options,
    )
    folder = trained.path if trained.path.is_dir() else trained.path.parent
    path = out or folder / NAME
    title = f"{trained.path.name}: {found.examples} examples of the test part"
    draw_loss_surface(found.axis, found.losses, title, path)
    return found, path
