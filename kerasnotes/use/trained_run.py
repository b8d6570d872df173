"""What Python holds of a run: its numbers, its pictures, its answers."""

import csv
import warnings
from pathlib import Path
from typing import Any

from kerasnotes.base.types import Progress
from kerasnotes.data.held.arrays import InMemory
from kerasnotes.runtime.setup import setup
from kerasnotes.use.answers import Answer, to_answer
from kerasnotes.use.pictures import Pictures, in_folder, to_html
from kerasnotes.use.predict import predict, to_inputs
from kerasnotes.use.sample import sample
from kerasnotes.use.sample_text import WrittenText, sample_text
from kerasnotes.use.samples import Samples
from kerasnotes.use.trained import Trained, open_trained


class TrainedRun(Trained):
    """A trained run: what `kn.fit` and `kn.load` return.

    In a notebook it shows its metrics and its main picture.

    Attributes:
        path: The run's folder, or the `.keras` file it was loaded from.
        model: The `keras.Model`, with its best weights. It takes raw
            inputs, a batch at a time.
        record: All that `run.json` says: settings, versions, times.
        spec: What it was trained on: shapes, classes, columns.
    """

    @property
    def metrics(self) -> dict[str, float]:
        """The numbers measured at the end of training, by name."""
        return dict(self.record.get("metrics", {}))

    @property
    def history(self) -> dict[str, list[float]]:
        """Every number of every epoch: a list by name, as in `history.csv`.

        Empty, if the run is a bare file or was stopped before an epoch
        ended.
        """
        path = self.path / "history.csv"
        if not path.is_file():
            return {}
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {name: [float(row[name]) for row in rows] for name in rows[0]}

    @property
    def figures(self) -> Pictures:
        """The run's pictures, PIL images by name; a bare file has none."""
        return in_folder(self.folder)

    def predict(
        self,
        inputs: Any,
        *,
        batch_size: int | None = None,
        beam: int | None = None,
        progress: Progress | None = None,
    ) -> list[Answer]:
        """Answers for files or arrays: see `kerasnotes.predict`.

        What is done to images that differ from those of the training, and
        which categories are unknown, is a `UserWarning` each.
        """
        converted = to_inputs(inputs, self.spec)
        predictions = predict(
            self,
            converted,
            batch_size=batch_size,
            beam=beam,
            progress=progress,
            tell=lambda sentence: warnings.warn(sentence, stacklevel=4),
        )
        return [to_answer(prediction, self.spec) for prediction in predictions]

    def sample(self, **wishes: Any) -> Samples | WrittenText:
        """Draws text, or examples, by the keywords of `kerasnotes.sample`.

        Nothing is written to a file; `kerasnotes.sample(run, out=...)` does.
        """
        if self.task.name == "language":
            return sample_text(self, **wishes)
        return sample(self, setup(None, None), **wishes)

    def __repr__(self) -> str:
        numbers = ", ".join(f"{k} {v:.4f}" for k, v in self.metrics.items())
        return f"<{self.note} in {self.path}: {numbers}>"

    def _repr_html_(self) -> str:
        figures = self.figures
        picture = figures.get(self.task.picture)
        return to_html(f"{self.note}: {self.path}", self.metrics, picture)


def open_run(
    path: Path,
    arrays: InMemory | None = None,
    remarks: tuple[str, ...] = (),
) -> TrainedRun:
    """Loads a run's folder or a `.keras` file.

    Args:
        path: Which.
        arrays: What it was trained on, if that is in memory.
        remarks: What one must know to read its numbers.

    Raises:
        StorageError: If there is none, or it is none of ours.
    """
    given = {"arrays": arrays, "remarks": remarks}
    return TrainedRun(**{**vars(open_trained(path)), **given})
