"""What is counted while classification answers stream by."""

import dataclasses
import heapq

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.metrics import confusion as cm
from kerasnotes.metrics.calibration import Calibration

TINY = 1e-30
TOP = 5
MOST_MISTAKES = 12


@dataclasses.dataclass(frozen=True, order=True)
class Mistake:
    """One wrong answer.

    Args:
        probability: Of the answered class.
        index: Which example of the split.
        truth: The true class.
        answer: The answered class.
    """

    probability: float
    index: int
    truth: int
    answer: int


class ClassTally:
    """Sums that all classification metrics follow from.

    Memory does not grow with the number of examples.

    Args:
        classes: The classes' names; there are `K`.
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        self.classes = classes
        self.confusion = np.zeros((len(classes),) * 2, "int64")
        self.calibration = Calibration()
        self.nats = 0.0
        self.top = 0
        self._mistakes: list[Mistake] = []

    def add(self, indices: Array, truth: Array, probabilities: Array) -> None:
        """Counts a batch.

        Args:
            indices: Integers `(B,)`: which examples these are.
            truth: Integers `(B,)`, `0 .. K - 1`.
            probabilities: Array `(B, K)`.
        """
        k = len(self.classes)
        answer = probabilities.argmax(axis=1)
        rows = np.arange(len(truth))
        self.confusion += cm.confusion_matrix(truth, answer, k)
        p_true = probabilities[rows, truth].astype("float64")
        self.nats -= float(np.log(p_true + TINY).sum())
        confidence = probabilities[rows, answer]
        self.calibration.add(confidence, answer == truth)
        if k > TOP:
            best = np.argsort(-probabilities, axis=1, kind="stable")[:, :TOP]
            self.top += int((best == truth[:, None]).sum())
        for row in np.flatnonzero(answer != truth):
            self._keep(
                Mistake(
                    float(confidence[row]),
                    int(indices[row]),
                    int(truth[row]),
                    int(answer[row]),
                )
            )

    def _keep(self, mistake: Mistake) -> None:
        if len(self._mistakes) < MOST_MISTAKES:
            heapq.heappush(self._mistakes, mistake)
        else:
            heapq.heappushpop(self._mistakes, mistake)

    @property
    def examples(self) -> int:
        return int(self.confusion.sum())

    @property
    def recall(self) -> Array:
        """Part of each class's examples answered rightly; `nan` of none."""
        counts = self.confusion.sum(axis=1)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.diag(self.confusion) / counts)

    @property
    def mistakes(self) -> list[Mistake]:
        """The most confident mistakes, the worst first."""
        return sorted(self._mistakes, reverse=True)

    def metrics(self) -> dict[str, float]:
        """Returns every metric by name.

        `macro_f1` is the mean over the classes that occur in the truth or
        the answers; a class that occurs in neither has no `f1_<class>`.
        """
        count = max(self.examples, 1)
        f1 = cm.dice(self.confusion)
        result = {
            "loss": self.nats / count,
            "accuracy": cm.accuracy(self.confusion),
        }
        if len(self.classes) > TOP:
            result[f"top_{TOP}_accuracy"] = self.top / count
        result["macro_f1"] = cm.mean_of_present(f1)
        result["ece"] = self.calibration.ece
        return {**result, **cm.by_class("f1", f1, self.classes)}
