"""Classification by a distribution over weights: answers that know doubt."""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import Bayesian, Prunes
from kerasnotes.contracts.report import Conditions, Draw, Report
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import parts, read_batch, spread
from kerasnotes.figures import uncertainty_figures as pictures
from kerasnotes.figures.example_figures import draw_examples
from kerasnotes.inference.predictor import Predictor
from kerasnotes.metrics.class_tally import ClassTally
from kerasnotes.metrics.monte_carlo import MonteCarlo
from kerasnotes.metrics.uncertainty import accuracy_by_rejection, auroc
from kerasnotes.tasks.classification import Classification, tell_absent

SHOWN = 12
"""Most and least certain examples in the picture, each."""
PRUNED = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98)
"""Parts of the weights to set to zero."""
PRUNING_EXAMPLES = 2000


@dataclasses.dataclass(frozen=True)
class Answers:
    """One number an example, in the order of the split.

    Args:
        answer: The answered class.
        right: Whether it is the true one.
        probability: Of the answered class.
        entropy: Of the predictive distribution, nats.
        information: Mutual information of answer and weights, nats.
        aleatoric: Variance from the data, summed over the classes.
        epistemic: Variance from the weights, summed over the classes.
    """

    answer: Array
    right: Array
    probability: Array
    entropy: Array
    information: Array
    aleatoric: Array
    epistemic: Array


class BayesianClassification(Classification):
    """One class per example, from the mean of Monte-Carlo passes.

    Reference:
        Blundell et al., 2015. https://arxiv.org/abs/1505.05424
    """

    name: ClassVar[str] = "bayesian-classification"
    options: ClassVar[frozenset[str]] = frozenset({"other", "samples"})

    def predictor(self, model: Answering) -> MonteCarlo:
        return MonteCarlo(_bayesian(model))

    def evaluate(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> Report:
        bayesian = _bayesian(model)
        predict = MonteCarlo(bayesian, conditions.samples, conditions.seed)
        tally = ClassTally(self.spec.target.classes)
        size, progress = conditions.batch_size, conditions.progress
        answers = ask(predict, split, size, "evaluating", progress, tally)
        counted = tally.metrics()
        metrics = {
            "nll": counted.pop("loss"),
            **counted,
            "passes": float(predict.samples),
            **_means(answers),
        }
        figures = self.figures(tally, split)
        by_rejection = accuracy_by_rejection(answers.entropy, answers.right)
        for part in (10, 20):
            accuracy = by_rejection[len(by_rejection) * part // 100]
            metrics[f"accuracy_{part}_rejected"] = float(accuracy)
        figures["rejection"] = functools.partial(
            pictures.draw_rejection, by_rejection
        )
        figures["certainty"] = functools.partial(
            self._draw_certainty, answers, split
        )
        if conditions.other is not None:
            name, other = conditions.other
            foreign = ask(predict, other, size, f"answering {name}", progress)
            metrics |= _ood_auroc(answers, foreign)
            figures["ood"] = functools.partial(
                pictures.draw_foreign,
                answers.entropy,
                foreign.entropy,
                (self.spec.name, name),
            )
        if not conditions.quick and isinstance(model, Prunes):
            figures["pruning"] = self._pruning(model, split, conditions)
        return Report(metrics, figures, tell_absent(tally))

    def _draw_certainty(
        self, answers: Answers, split: Split, path: Path
    ) -> None:
        order = np.argsort(answers.entropy, kind="stable")
        count = min(SHOWN, len(order) // 2) or len(order)
        chosen = [*order[::-1][:count], *order[:count]]
        examples = [
            self.answered(
                split,
                int(i),
                int(split[int(i)][1]),
                int(answers.answer[i]),
                float(answers.probability[i]),
            )
            for i in chosen
        ]
        title = f"the {count} least certain, then the {count} most certain"
        draw_examples(examples, title, path)

    def _pruning(
        self, model: Prunes, split: Split, conditions: Conditions
    ) -> Draw:
        """Measures networks without their weights of lowest |mean| / std."""
        x, y = read_batch(split, spread(len(split), PRUNING_EXAMPLES))
        accuracies = []
        for number, share in enumerate(PRUNED, start=1):
            predict = Predictor(model.pruned(share))
            right = [
                predict(x[i]).argmax(axis=1) == y[i]
                for i in parts(len(x), conditions.batch_size)
            ]
            accuracies.append(np.concatenate(right).mean())
            if conditions.progress:
                conditions.progress("pruning", number, len(PRUNED))
        return functools.partial(
            pictures.draw_pruning, np.array(PRUNED), np.array(accuracies)
        )

    def rows(
        self, predict: Callable[[Array], Array], x: Array
    ) -> list[dict[str, Any]]:
        if not isinstance(predict, MonteCarlo):
            return []
        uncertainty = predict.uncertainty(x)
        rows = []
        for i, mean in enumerate(uncertainty.mean):
            row = self.row(mean)
            row["entropy"] = float(uncertainty.total_entropy[i])
            row["mutual_information"] = float(uncertainty.mutual_information[i])
            row["aleatoric_variance"] = float(uncertainty.aleatoric[i].sum())
            row["epistemic_variance"] = float(uncertainty.epistemic[i].sum())
            rows.append(row)
        return rows


def _bayesian(model: Answering) -> Bayesian:
    """Returns the model.

    Raises:
        UsageError: If it has no distribution over its weights.
    """
    if isinstance(model, Bayesian):
        return model
    raise UsageError(
        "This model has no distribution over its weights.",
        expected="a Bayesian network, as bcnn",
        received=type(model).__name__,
        hint="evaluate it by --task classification",
    )


def ask(
    predict: MonteCarlo,
    split: Split,
    batch_size: int,
    what: str,
    progress: Progress | None = None,
    tally: ClassTally | None = None,
) -> Answers:
    """Answers for every example of a split.

    Args:
        predict: The network.
        split: The examples.
        batch_size: Examples at once.
        what: What to call this in messages of progress.
        progress: Told how many examples are done.
        tally: Counts the answers, too.
    """
    rows = []
    for indices in parts(len(split), batch_size):
        x, y = read_batch(split, indices)
        uncertainty = predict.uncertainty(x)
        if tally is not None:
            tally.add(indices, y, uncertainty.mean)
        answer = uncertainty.mean.argmax(axis=1)
        rows.append(
            (
                answer,
                answer == y,
                uncertainty.mean.max(axis=1),
                uncertainty.total_entropy,
                uncertainty.mutual_information,
                uncertainty.aleatoric.sum(axis=1),
                uncertainty.epistemic.sum(axis=1),
            )
        )
        if progress:
            progress(what, int(indices[-1]) + 1, len(split))
    return Answers(*(np.concatenate(c) for c in zip(*rows, strict=True)))


def _means(answers: Answers) -> dict[str, float]:
    return {
        "entropy": float(answers.entropy.mean()),
        "mutual_information": float(answers.information.mean()),
        "aleatoric_variance": float(answers.aleatoric.mean()),
        "epistemic_variance": float(answers.epistemic.mean()),
    }


def _ood_auroc(own: Answers, other: Answers) -> dict[str, float]:
    return {
        "ood_auroc_entropy": auroc(own.entropy, other.entropy),
        "ood_auroc_information": auroc(own.information, other.information),
    }
