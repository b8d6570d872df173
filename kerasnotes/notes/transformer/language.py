"""The Transformer as a language model: a decoder alone, over tokens.

    h_0 = sqrt(D) E[token] + position,   logits = norm(h_L) E^T

with blocks of causal attention between. One matrix `E (V, D)` stands for
tokens on either side (`tied`); else a dense layer answers.

Reference:
    Vaswani et al., 2017, section 3.4 (shared, and times sqrt(D)).
    https://arxiv.org/abs/1706.03762
    Press & Wolf, 2017. https://arxiv.org/abs/1608.05859
    Radford et al., 2018 (a decoder alone, GPT).
"""

from typing import Any

from keras import initializers, layers

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Tensor
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import next_token_logits
from kerasnotes.notes.transformer.config import TransformerConfig
from kerasnotes.notes.transformer.network import transform

APART = ("patch", "columns", "pooling")
"""Settings that say nothing of a language."""


def check_language(config: TransformerConfig, spec: Spec) -> None:
    """Refuses forms that see the token that is asked for, or mean nothing.

    Raises:
        UsageError: Says which.
    """
    if spec.target.kind != "next_token":
        return
    if config.network != "decoder":
        raise UsageError(
            "A language is learned by a decoder: another network sees the "
            "token that is asked for.",
            expected="model.network=decoder",
            received=f"model.network={config.network}",
            hint="leave it out",
        )
    for name in APART:
        if getattr(config, name) is not None:
            raise UsageError(
                f"{name} says nothing of a language: every token answers.",
                expected=f"no model.{name}",
                received=f"model.{name}={getattr(config, name)}",
                hint="leave it out",
            )


def language_logits(
    ids: Tensor, config: TransformerConfig, spec: Spec
) -> Tensor:
    """Returns what speaks for each token to come next, `(B, T, V)`.

    Args:
        ids: Numbers of tokens `(B, T)`, int32.
        config: Sizes.
        spec: A language.
    """
    width = config.width
    embedding = layers.ReversibleEmbedding(
        spec.input.vocabulary,
        width,
        # Of order one once they are enlarged, and so are logits.
        embeddings_initializer=initializers.RandomNormal(stddev=width**-0.5),
        name="embedding",
    )
    x = layers.Rescaling(width**0.5, name="enlarge")(embedding(ids))
    x = transform(x, config, 0, length=spec.input.shape[0])
    if not config.tied:
        return next_token_logits(x, spec)
    x = embedding(x, reverse=True)
    return layers.Activation("linear", dtype="float32", name="logits")(x)


def advance(
    network: Any, ids: Tensor, memory: list[Tensor], place: Any
) -> tuple[Tensor, list[Tensor]]:
    """Returns logits `(B, T, V)` of further tokens, and a new memory.

    Args:
        network: A `Transformer` of a language.
        ids: What comes next, `(B, T)`.
        memory: Keys and values of each block, one after the other.
        place: Tokens before.
    """
    known = {layer.name: layer for layer in network.layers}
    x = known["enlarge"](known["embedding"](ids))
    if "positions" in known:
        x = known["positions"](x, start=place)
    caches = list(zip(memory[::2], memory[1::2], strict=True))
    x, caches = known["decoder"](x, caches=caches, index=place)
    if network.note_config.tied:
        x = known["embedding"](x, reverse=True)
    else:
        x = known["next_token"](x)
    return known["logits"](x), [one for cache in caches for one in cache]
