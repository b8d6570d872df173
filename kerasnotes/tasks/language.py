"""Language: which token comes next, at every place of a text."""

import dataclasses
import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import CarriesState
from kerasnotes.contracts.report import Conditions, Prediction, Report
from kerasnotes.contracts.text_sampling import Wishes
from kerasnotes.data.dataset import Split
from kerasnotes.data.language.language_split import LanguageSplit
from kerasnotes.data.language.language_tokens import Writer, encode, kind_of
from kerasnotes.data.language.text_file import TextFile
from kerasnotes.data.text import encoding
from kerasnotes.data.text.tokenizer import open_json
from kerasnotes.figures.language_figures import draw_by_place, draw_text
from kerasnotes.inference.reading_on import (
    Piece,
    Sums,
    carried,
    collect,
    in_windows,
)
from kerasnotes.inference.writing import write
from kerasnotes.metrics.ngrams import MOST, ORDERS, NGrams
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.inputs import Input

SHOWN = 480
"""Characters of the picture of predictions."""
WRITTEN = 200
"""Tokens drawn for the report."""


@dataclasses.dataclass(frozen=True)
class _Units:
    """What a total of nats is divided by.

    Args:
        key: `nats_per_character`; of words, which leave out what is between
            them, `nats_per_token`.
        count: How many of these there are.
    """

    key: str
    count: int


class Language(Task):
    """The next token `(B, T)`, answered by logits `(B, T, V)`.

    The report is of every token of the part but its first, in nats and bits
    a character, beside frequencies of one, two and three tokens.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str] = "language"
    monitor = "val_loss"
    sign: ClassVar[int] = -1

    def loss(self) -> Any:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def metrics(self) -> list[Any]:
        return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]

    @property
    def window(self) -> int:
        """Tokens that were learned from at a time."""
        return int(self.spec.target.shape[0] or 1)

    def evaluate(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> Report:
        part, window = _one_part(split), self.window
        ids, size = part.ids, conditions.batch_size
        alone = Sums(window).add(in_windows(model, ids, window, size))
        by_place = {"windows alone": alone.by_place}
        sums = Sums(window)
        if isinstance(model, CarriesState):
            remark = _CARRIED
            sums.add(carried(model, ids, window, conditions.progress))
            by_place = {"state carried on": sums.by_place, **by_place}
        else:
            remark = _OVERLAPPING.format(window // 2)
            sums.add(in_windows(model, ids, window, size, window // 2))
        units = self._units(part)
        metrics = self._scores(sums, units)
        metrics[f"{units.key}_windows"] = alone.total / units.count
        rules, remarks = self._rules(part, conditions, units)
        metrics |= rules
        told = [remark, *remarks, *_better(metrics, units.key)]
        if units.key == "nats_per_token":
            told.append(
                "Words in small letters are predicted, not what is between "
                "them: no number a character."
            )
        text = "".join(itertools.islice(self.write(model, "\n"), WRITTEN))
        told.append(f"It writes: {' | '.join(text.split(chr(10)))}")
        return Report(
            metrics,
            {"by-place": functools.partial(draw_by_place, by_place)},
            tuple(told),
        )

    def _nats(self, model: Answering, ids: Array, batch_size: int) -> Array:
        """Returns `-log p` of every token but the first, of a short text."""
        return collect(self._pieces(model, ids, batch_size), len(ids) - 1)

    def _pieces(
        self, model: Answering, ids: Array, batch_size: int
    ) -> Iterator[Piece]:
        """Yields `-log p` of every token but the first, as well as it can."""
        window = self.window
        if isinstance(model, CarriesState):
            return carried(model, ids, window)
        return in_windows(model, ids, window, batch_size, window // 2)

    def _units(self, part: LanguageSplit) -> _Units:
        learned = open_json(self.spec.input.tokenizer)
        kind = kind_of(learned)
        if kind == "word":
            return _Units("nats_per_token", len(part.ids) - 1)
        first = len(Writer(learned).add(int(part.ids[0])))
        own = 1 if kind == "character" else first
        return _Units("nats_per_character", part.characters - own)

    def _scores(self, sums: Sums, units: _Units) -> dict[str, float]:
        total = sums.total
        found = {units.key: total / units.count}
        if units.key == "nats_per_character":
            bits = total / units.count / math.log(2)
            found["bits_per_character"] = bits
        return found | {"perplexity": math.exp(total / sums.count)}

    def _rules(
        self, part: LanguageSplit, conditions: Conditions, units: _Units
    ) -> tuple[dict[str, float], list[str]]:
        """Returns what frequencies reach on the same tokens."""
        train = conditions.train
        if not isinstance(train, LanguageSplit) or not len(train.ids):
            return {}, ["No frequencies: the training part is not at hand."]
        rules = NGrams(train.ids, self.spec.input.vocabulary)
        totals = rules.nats(part.ids)
        remarks = []
        if len(train.ids) > MOST:
            remarks.append(
                f"Frequencies are those of the last {MOST:,} tokens of the "
                "training part."
            )
        names = ORDERS.values()
        return {
            f"{units.key}_{name}": float(total) / units.count
            for name, total in zip(names, totals, strict=True)
        }, remarks

    def write(
        self, model: Answering, prompt: str, wishes: Wishes | None = None
    ) -> Any:
        """Yields what the network writes behind a prompt, as it comes."""
        learned = open_json(self.spec.input.tokenizer)
        ids = encode([prompt], learned).tolist()
        writer = Writer(learned)
        for number in ids:
            writer.add(number)
        wishes = wishes or Wishes()
        for number in write(model, ids, self.window, wishes):
            yield writer.add(number)

    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = 8
    ) -> None:
        """Draws how unlikely each token of a piece of the part was."""
        part = _one_part(split)
        ids = np.asarray(part.ids[: SHOWN + 1])
        nats = self._nats(model, ids, count)
        writer = Writer(open_json(self.spec.input.tokenizer))
        writer.add(int(ids[0]))
        texts = [writer.add(int(number)) for number in ids[1:]]
        draw_text(texts, nats, path, SHOWN)

    def predict(
        self,
        model: Answering,
        paths: Sequence[Input],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        """Says how likely whole text files are."""
        found = []
        for done, path in enumerate(paths, start=1):
            if not isinstance(path, Path):
                raise DataError(
                    "A language model is asked about text files.",
                    expected="a .txt or .md file",
                    received=str(path),
                    hint="`kn sample RUN --prompt TEXT` writes on",
                )
            file = TextFile(path, encoding.detect(path, settable=False))
            part = LanguageSplit(file, (0, file.characters), self.spec)
            if len(part.ids) < 2:
                raise DataError(
                    f"{path} is too short.",
                    expected="two tokens or more",
                    received=f"{len(part.ids)}",
                )
            pieces = self._pieces(model, part.ids, batch_size)
            sums = Sums(self.window).add(pieces)
            scores = self._scores(sums, self._units(part))
            row = {"file": str(path), "characters": file.characters}
            found.append(Prediction(path, {**row, **scores}))
            if progress:
                progress("reading", done, len(paths))
        return found


_CARRIED = (
    "Measured on the whole part with the state carried on from window to "
    "window; `windows` is each window alone."
)
_OVERLAPPING = (
    "Measured on the whole part by windows that overlap by half: every token "
    "but the first {} has as many before it at least; `windows` is each "
    "window alone, its first tokens without any."
)


def _one_part(split: Split) -> LanguageSplit:
    if isinstance(split, LanguageSplit):
        return split
    raise UsageError(
        "A language is measured part by part.",
        expected="--split train, validation or test",
        received="--split all",
    )


def _better(metrics: dict[str, float], key: str) -> list[str]:
    """Says it where a simple rule does better than the network."""
    return [
        f"The {rule} frequencies are better: {metrics[f'{key}_{rule}']:.4g} "
        f"against {metrics[key]:.4g}."
        for rule in ORDERS.values()
        if metrics.get(f"{key}_{rule}", math.inf) < metrics[key]
    ]
