"""Transformer: every token asks all others, and takes what fits.

    softmax(Q K^T / sqrt(d_k)) V,   Q = X W_Q, K = X W_K, V = X W_V

in several heads, then a small network for each token; blocks of both. All
tokens are computed at once, and two of them are one step apart however far
they stand from each other; that they stand somewhere must be told
(`positions`).

Reference:
    Vaswani et al., 2017, Attention is all you need.
    https://arxiv.org/abs/1706.03762
    Nie et al., 2023 (series: patches, columns apart).
    https://arxiv.org/abs/2211.14730

Departs from it:
    - Tokens are rows of a series, or several neighbouring ones, or those of
      a text; a decoder asks with learned queries.
    - Normalization before each part and GELU unless told otherwise.
    - Attention weights are not dropped unless told otherwise.
    - A forecast is added to a linear map of the past (`linear_path`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import keras
import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array, Tensor
from kerasnotes.contracts.capabilities import (
    ReadsSteps,
    ShowsAttention,
    SolvesStart,
    Translates,
)
from kerasnotes.contracts.fitting import check_sequence, check_translates
from kerasnotes.contracts.sequence_model import SequenceModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.linear_path import answer_series
from kerasnotes.layers.sequence_start import begin
from kerasnotes.layers.series_inputs import SeriesInputs
from kerasnotes.notes.transformer.config import TransformerConfig
from kerasnotes.notes.transformer.language import (
    advance,
    check_language,
    language_logits,
)
from kerasnotes.notes.transformer.network import features
from kerasnotes.notes.transformer.stream import Stream
from kerasnotes.notes.transformer.translation import (
    TransformerSteps,
    translate,
)


@keras.saving.register_keras_serializable("kerasnotes")
class Transformer(SequenceModel):
    """Transformer for series and texts.

    Args:
        config: The sizes and variants.
        spec: The data: shape of the series, and what is answered.
        mean: Per column, of raw training values.
        variance: Per column, of raw training values.

    Call arguments:
        series: Tensor `(B, T, D)`, raw, with rows of NaN behind the end of
            shorter ones; or numbers of tokens `(B, T)`, of which 0 stands
            behind a text and is seen by none; of a language windows, no
            longer than those of its description.

    Returns:
        Tensor, float32: class probabilities or measured values `(B, K)`, or
        a forecast `(B, H, K)`, in raw units; of a language, logits of the
        next token at every place, `(B, T, V)`; of a translation, which is told
        `{"x": (B, S), "y": (B, T)}`, those of every token of the answer.

    Raises:
        UsageError: If the data are neither series nor texts,
            or a form is wanted that they have not.
    """

    config_class = TransformerConfig

    def __init__(
        self,
        config: TransformerConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_sequence(spec, "transformer")
        config = config.fitted(spec)
        if spec.target.kind != "sequence":
            _check_form(config, spec)
        check_language(config, spec)
        # === Graph ===
        if spec.target.kind == "sequence":
            inputs, outputs = translate(config, spec)
        elif spec.target.kind == "next_token":
            given = SeriesInputs.of(spec)
            inputs = given.all
            outputs = language_logits(given.series, config, spec)
        else:
            inputs, outputs = _answer(config, spec, mean, variance)
        super().__init__(inputs=inputs, outputs=outputs, name="transformer")
        # === Config ===
        self.remember(config, spec, mean, variance)

    def attention_maps(self, x: Array) -> Array:
        """Returns what each token takes from which, `(L, B, N, T, T)`.

        Args:
            x: Raw series `(B, T, D)`, or numbers of tokens `(B, T)`. Of
                columns apart, those of the first forecast column are shown.
        """
        config = cast(TransformerConfig, self.note_config)
        causal = config.network == "decoder"
        model: Any = self
        stack = model.get_layer("decoder" if causal else "encoder")
        name = self.spec.input.name
        [series] = [given for given in self.inputs if given.name == name]
        given = keras.tree.flatten(keras.Model(series, stack.input)(x))
        if config.is_apart(self.spec):
            given = [each[:: len(self.spec.target.columns)] for each in given]
        maps = stack.attention_maps(*given)
        return np.stack([keras.ops.convert_to_numpy(each) for each in maps])

    @property
    def room(self) -> int | None:
        return int(self.spec.input.shape[0] or 1)

    def empty_memory(self, count: int) -> list[Tensor]:
        stack = cast(Any, self).get_layer("decoder")
        caches = stack.empty_caches(count, self.room)
        return [one for cache in caches for one in cache]

    def advance(
        self,
        ids: Tensor,
        memory: list[Tensor],
        place: Any,
        present: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        # What is not there stands last, is seen by none before it, and is
        # written over by what comes next.
        return advance(self, ids, memory, place)

    def step_decoder(self) -> TransformerSteps:
        check_translates(self.spec)
        return TransformerSteps(self)

    def alignment(self, x: Array, y: Array) -> Array:
        return self.step_decoder().alignment(x, y)

    def stream(self) -> Stream:
        """Returns what computes a decoder's features as rows come.

        Raises:
            UsageError: If tokens see what comes after them.
        """
        return Stream(self)


def _answer(
    config: TransformerConfig,
    spec: Spec,
    mean: Sequence[float],
    variance: Sequence[float],
) -> tuple[Any, Tensor]:
    """Returns inputs, and what is answered of a series or a text."""
    given, x, present = begin(spec, config.embedding, mean, variance)
    x = features(x, config, spec, present)
    line = (config.has_line, (mean, variance))
    return given.all, answer_series(x, given, spec, *line)


def _check_form(config: TransformerConfig, spec: Spec) -> None:
    varied = spec.input.kind == "text" or spec.input.varied
    if varied and (config.rows_per_token(spec) > 1 or config.pooling == "all"):
        raise UsageError(
            "patch and pooling=all are for series of one length.",
            expected="patch=1, pooling=mean, first or last",
            received=f"patch={config.patch}, pooling={config.pooling}",
        )
    if not varied and config.rows_per_token(spec) > int(
        spec.input.shape[0] or 1
    ):
        raise UsageError(
            "A token has more rows than the series.",
            expected=f"patch={spec.input.shape[0]} at most",
            received=f"patch={config.patch}",
        )
    if config.columns != "apart":
        return
    if spec.target.kind != "series":
        raise UsageError(
            "columns=apart is for forecasts.",
            expected="columns=together, or a table with --horizon ROWS",
            received=f"a target of kind {spec.target.kind}",
        )
    if spec.future is not None:
        raise UsageError(
            "columns=apart knows nothing of rows that are planned.",
            expected="columns=together, or nothing planned",
            received=f"planned: {', '.join(spec.future.names)}",
        )


if TYPE_CHECKING:
    _: type[SolvesStart] = Transformer
    _shows: type[ShowsAttention] = Transformer
    _steps: type[ReadsSteps] = Transformer
    _translates: type[Translates] = Transformer
