"""Translation: texts answered by texts."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import Translates
from kerasnotes.contracts.report import Conditions, Draw, Prediction, Report
from kerasnotes.data.dataset import ReadsPairs, Split
from kerasnotes.data.reading import parts, read_batch, spread
from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import open_json
from kerasnotes.figures.translation_figures import (
    Translated,
    draw_alignment,
    draw_translations,
)
from kerasnotes.inference.predictor import Predictor
from kerasnotes.inference.translating.translator import (
    GREEDY,
    make_translator,
    to_texts,
    translate,
)
from kerasnotes.losses.translation import TokenCrossEntropy
from kerasnotes.metrics.token_accuracy import TokenAccuracy
from kerasnotes.metrics.translation_scores import (
    nearest,
    signature,
    translation_scores,
)
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.inputs import Input
from kerasnotes.tasks.texts import read_texts, to_numbers

BEAM = 4
"""Answers kept by the beam search of a report: Vaswani et al., 2017."""
SHOWN = 16
"""Mistakes in a picture."""
WIDEST = 64
"""Answers that a beam may keep."""
MOST = 20_000
"""Pairs of the training part among which the nearest is sought."""


@dataclasses.dataclass(frozen=True)
class _Part:
    """What is measured: sources as numbers, and both sides as texts."""

    x: Array
    y: Array
    sources: list[str]
    truths: list[str]

    @classmethod
    def read(cls, split: Split, indices: Array) -> "_Part":
        pairs = cast(ReadsPairs, split)
        x, y = read_batch(split, indices)
        return cls(
            x,
            y,
            [pairs.text(int(i)) for i in indices],
            [pairs.translation(int(i)) for i in indices],
        )

    def answered(self, answers: Sequence[str]) -> list[Translated]:
        """Returns its examples with their answers."""
        rows = zip(self.sources, self.truths, answers, strict=True)
        return [Translated(*row) for row in rows]


class Translation(Task):
    """A text of tokens `(B, T)`, answered by logits `(B, T, V)` of each.

    In training, and for `token_accuracy`, each token is answered with the
    truth before it. All else is measured on whole answers that the model
    gives by itself: by a greedy search, and by a beam (`..._beam`).

    Args:
        spec: The data's description.
        train: What is aimed at in training.
    """

    name: ClassVar[str] = "translation"
    monitor = "val_loss"
    sign: ClassVar[int] = -1

    def __init__(self, spec: Spec, train: TrainConfig | None = None) -> None:
        super().__init__(spec, train)
        self.beam = GREEDY
        self._searches: tuple[Any, dict[int, Any]] = (None, {})

    def loss(self) -> Any:
        return TokenCrossEntropy(self.train.label_smoothing)

    def metrics(self) -> list[Any]:
        return [TokenAccuracy()]

    def evaluate(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> Report:
        part = _Part.read(split, np.arange(len(split)))
        told = conditions.progress
        size = conditions.batch_size
        rows = self._translate(model, part.x, size, GREEDY, told)
        answers = to_texts(rows, self.spec.target)
        metrics = translation_scores(part.truths, answers)
        metrics["token_accuracy"] = self._token_accuracy(model, part, size)
        beam = self._translate(model, part.x, size, BEAM, told)
        texts = to_texts(beam, self.spec.target)
        scores = translation_scores(part.truths, texts)
        metrics |= {f"{k}_beam": value for k, value in scores.items()}
        remarks = [
            f"BLEU is sacreBLEU's, {signature(part.truths)}; answers are those "
            f"of a greedy search, `_beam` of a beam of {BEAM}."
        ]
        if conditions.train is not None and len(conditions.train):
            metrics |= self._nearest(part, conditions.train)
            remarks.append(
                "Beside it (`..._nearest`): the translation of the training "
                "source that is most alike, by one to three characters."
            )
            if metrics["bleu_nearest"] > metrics["bleu"]:
                remarks.append("That is better here, by BLEU.")
        figures: dict[str, Draw] = {
            "mistakes": _mistakes(part.answered(answers)),
            "alignment": functools.partial(
                self._draw_alignment, model, part.x[0], rows[0]
            ),
        }
        return Report(metrics, figures, tuple(remarks))

    def _translate(
        self,
        model: Any,
        x: Array,
        batch_size: int,
        size: int,
        progress: Progress | None = None,
    ) -> Array:
        """Returns answers `(N, T)` of a search that keeps `size` of them."""
        if self._searches[0] is not model:
            self._searches = (model, {})
        known = self._searches[1]
        if size not in known:
            # Compiled once, however many pictures and parts there are.
            decoder = _translates(model).step_decoder()
            known[size] = make_translator(decoder, size)
        return translate(known[size], x, batch_size, progress)

    def _token_accuracy(
        self, model: Answering, part: _Part, batch_size: int
    ) -> float:
        predict, right, total = Predictor(model), 0, 0
        for indices in parts(len(part.x), batch_size):
            x, y = part.x[indices], part.y[indices]
            said = predict({"x": x, "y": y}).argmax(axis=-1)
            right += int((said == y)[y != 0].sum())
            total += int((y != 0).sum())
        return right / max(1, total)

    def _nearest(self, part: _Part, train: Split) -> dict[str, float]:
        pairs = cast(ReadsPairs, train)
        rows = spread(len(train), MOST).tolist()
        found = nearest([pairs.text(row) for row in rows], part.sources)
        said = [pairs.translation(rows[place]) for place in found.tolist()]
        scores = translation_scores(part.truths, said)
        return {f"{name}_nearest": value for name, value in scores.items()}

    def _draw_alignment(
        self, model: Any, x: Array, answer: Array, path: Path
    ) -> None:
        """Draws what an answer took from its source."""
        count = int((answer != 0).sum())
        # The end is said too, and looks somewhere.
        answer = np.append(answer[:count], self.spec.target.vocabulary - 1)
        tokens = int((x != 0).sum())
        weights = _translates(model).alignment(x[None], answer[None])
        source = open_json(self.spec.input.tokenizer)
        target = open_json(self.spec.target.tokenizer)
        draw_alignment(
            weights[0][:, :tokens],
            [source.text([n]) for n in x[:tokens].tolist()],
            [*(target.text([n]) for n in answer[:count].tolist()), "end"],
            path,
        )

    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = 12
    ) -> None:
        examples: list[Translated] = []
        if len(split):
            part = _Part.read(split, spread(len(split), count))
            rows = self._translate(model, part.x, count, GREEDY)
            examples = part.answered(to_texts(rows, self.spec.target))
        draw_translations(examples, "translations (wrong ones in red)", path)

    def predict(
        self,
        model: Answering,
        paths: Sequence[Input],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        """Translates texts: of a `.txt` file, each line; by `self.beam`."""
        found = [(path, read_texts(path, self.spec)) for path in paths]
        texts = [text for _, some in found for text in some]
        x = to_numbers(texts, self.spec)
        rows = self._translate(model, x, batch_size, self.beam, progress)
        answers = iter(to_texts(rows, self.spec.target))
        predictions = []
        for path, some in found:
            for number, text in enumerate(some, start=1):
                row: dict[str, Any] = {"file": str(path)}
                if len(some) > 1:
                    row["row"] = number
                said = next(answers)
                # Of nothing there is no translation.
                said = said if text.strip() else ""
                row |= {"source": text, "translation": said}
                predictions.append(Prediction(path, row))
        return predictions


def _mistakes(examples: Sequence[Translated]) -> Draw:
    wrong = [each for each in examples if each.truth != each.answer]
    title = "mistakes, the first of them"
    return functools.partial(draw_translations, wrong[:SHOWN], title)


def _translates(model: Any) -> Translates:
    if isinstance(model, Translates):
        return model
    raise UsageError(
        "This network gives no texts.",
        expected="a note that translates: transformer, lstm or rnn",
        received=type(model).__name__,
    )
