"""Texts to numbers of tokens: learned from texts, kept as JSON in the model.

Number 0 pads what is short, and stands behind every text; number 1 is any
token that training did not show. The JSON is that of the library
`tokenizers`, so that other programs read it too.
"""

import functools
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kerasnotes.base.config import Tokens
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array

PADDING, UNKNOWN = 0, 1
SPECIAL = ("[PAD]", "[UNK]")
FEWEST: dict[Tokens, int] = {"word": 3, "character": 3, "bpe": 258}
"""Of different tokens: with byte pairs come all bytes."""
MOST: dict[Tokens, int] = {"word": 10_000, "character": 5_000, "bpe": 4_000}
"""Of different tokens, unless `data.vocabulary` says otherwise."""
EACH = r"[\s\S]"
"""Each character by itself: the only pattern that is ours."""
FEW = 1_000
"""Texts below which a word that comes once is learned too."""


def check_size(kind: Tokens, vocabulary: int | None) -> None:
    """Raises a `UsageError` for fewer tokens than a kind can have."""
    if (vocabulary or FEWEST[kind]) < FEWEST[kind]:
        raise UsageError(
            f"There are {FEWEST[kind]} different tokens or more.",
            expected=f"data.vocabulary of {FEWEST[kind]} or more, for {kind}",
            received=f"data.vocabulary={vocabulary}",
        )


class Tokenizer:
    """What makes numbers of texts; made by `train`, opened by `open_json`.

    Args:
        json: As `tokenizers` writes it.
    """

    def __init__(self, json: str) -> None:
        library = _library()
        self.json = json
        self._inner = library.Tokenizer.from_str(json)
        # `[PAD]` in a stranger's text is text.
        self._inner.encode_special_tokens = True

    @property
    def size(self) -> int:
        """Different numbers, padding and unknown among them."""
        return int(self._inner.get_vocab_size())

    @property
    def highest(self) -> int:
        """The highest number that a text can hold."""
        known = self._inner.get_vocab(with_added_tokens=True)
        return int(max([UNKNOWN, *known.values()]))

    def token(self, number: int) -> str:
        """Returns what a number stands for."""
        return str(self._inner.id_to_token(number))

    def text(self, numbers: Sequence[int]) -> str:
        """Returns what numbers say; words are parted by single spaces."""
        before = json.loads(self.json)["pre_tokenizer"]
        if before["type"] == "Split":
            return "".join(map(self.token, numbers))
        return str(self._inner.decode(list(numbers)))

    def tokens(self, text: str) -> list[str]:
        """Returns a text's tokens, as they are called."""
        found = self._inner.encode(_whole(text), add_special_tokens=False)
        return list(found.tokens)

    def numbers(self, texts: Sequence[str]) -> list[list[int]]:
        """Returns the numbers of each text, as many as it has.

        A text without any token is one unknown: no network is given padding
        alone.
        """
        return [found.ids or [UNKNOWN] for found in self._encode(texts)]

    def encode(self, texts: Sequence[str], length: int) -> Array:
        """Returns texts as a network is given them.

        Args:
            texts: `N` of them.
            length: `T`; what is longer is cut behind.

        Returns:
            Array `(N, T)`, int32, padded behind.
        """
        out = np.zeros((len(texts), length), "int32")
        for row, found in zip(out, self.numbers(texts), strict=True):
            kept = found[:length]
            row[: len(kept)] = kept
        return out

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        whole = [_whole(text) for text in texts]
        return list(
            self._inner.encode_batch_fast(whole, add_special_tokens=False)
        )


@functools.lru_cache(maxsize=16)
def open_json(json: str) -> Tokenizer:
    """Returns the tokenizer that a model keeps.

    Raises:
        ValueError: If it is none.
    """
    try:
        return Tokenizer(json)
    except Exception as error:  # of Rust: no class of its own
        raise ValueError(
            f"`json` must be a tokenizer of `tokenizers`. Received: {error}"
        ) from None


def check(text: str, vocabulary: int) -> None:
    """Refuses a tokenizer that a stranger's file may hold, and none of ours.

    Args:
        text: The JSON, as it stands there.
        vocabulary: Different numbers that the model knows.

    Raises:
        ValueError: If it is none, has numbers that no model of so many knows,
            or patterns of its own, which may run for ever.
    """
    tokenizer = open_json(text)
    if not 0 <= tokenizer.highest < vocabulary:
        raise ValueError(
            f"The tokenizer's numbers must be below {vocabulary}. Received: "
            f"{tokenizer.highest}"
        )
    known = json.loads(text)
    steps = [known.get(one) for one in ("normalizer", "pre_tokenizer")]
    if strange := [one for one in _patterns(steps) if one != EACH]:
        raise ValueError(
            f"The tokenizer's pattern must be {EACH!r}. Received: "
            f"{strange[0]!r:.80}"
        )


def _patterns(step: Any) -> Iterator[Any]:
    """Yields the regular expressions of a tokenizer's steps."""
    if isinstance(step, list):
        for one in step:
            yield from _patterns(one)
    elif isinstance(step, dict):
        for name, one in step.items():
            if name == "Regex":
                yield one
            yield from _patterns(one)


def train(
    texts: Iterable[str], kind: Tokens, vocabulary: int | None = None
) -> Tokenizer:
    """Learns which tokens texts are made of, the commonest first.

    Args:
        texts: Of the training part.
        kind: `word`: in small letters, each run of signs a word of its own;
            `character`: code points; `bpe`: byte pairs (Sennrich et al.,
            2016), which know every text. All in Unicode's form NFC.
        vocabulary: Most different numbers, those two without a token among
            them; by default `MOST`.
    """
    library = _library()
    inner, trainer = _untrained(library, kind, vocabulary or MOST[kind])
    whole = map(_whole, texts)
    first = list(itertools.islice(whole, FEW))
    if kind == "word" and len(first) < FEW:
        trainer.min_frequency = 0
    inner.train_from_iterator(itertools.chain(first, whole), trainer)
    return open_json(inner.to_str())


def of_characters(counts: Array, vocabulary: int | None = None) -> Tokenizer:
    """Returns what `train` learns of characters, from how often each comes.

    Args:
        counts: Of every code point, `(0x110000,)`.
        vocabulary: As of `train`.
    """
    library = _library()
    size = vocabulary or MOST["character"]
    inner, _ = _untrained(library, "character", size)
    codes = np.flatnonzero(counts)
    codes = codes[np.argsort(-counts[codes], kind="stable")]
    names = [*SPECIAL, *map(chr, codes[: size - len(SPECIAL)].tolist())]
    inner.model = library.models.WordLevel(
        {name: number for number, name in enumerate(names)}, SPECIAL[UNKNOWN]
    )
    return open_json(inner.to_str())


def _untrained(library: Any, kind: Tokens, size: int) -> tuple[Any, Any]:
    """Returns a tokenizer that knows no text yet, and what trains it."""
    normal, before = library.normalizers, library.pre_tokenizers
    models, trainers = library.models, library.trainers
    common: dict[str, Any] = {
        "vocab_size": size,
        "show_progress": False,
        "special_tokens": list(SPECIAL),
    }
    if kind == "bpe":
        inner = library.Tokenizer(models.BPE())
        inner.normalizer = normal.NFC()
        inner.pre_tokenizer = before.ByteLevel(add_prefix_space=False)
        inner.decoder = library.decoders.ByteLevel()
        alphabet = before.ByteLevel.alphabet()
        return inner, trainers.BpeTrainer(initial_alphabet=alphabet, **common)
    inner = library.Tokenizer(models.WordLevel(unk_token=SPECIAL[UNKNOWN]))
    if kind == "word":
        inner.normalizer = normal.Sequence([normal.NFC(), normal.Lowercase()])
        inner.pre_tokenizer = before.Whitespace()
        return inner, trainers.WordLevelTrainer(min_frequency=2, **common)
    inner.normalizer = normal.NFC()
    each = library.Regex(EACH)
    inner.pre_tokenizer = before.Split(each, "isolated")
    return inner, trainers.WordLevelTrainer(**common)


def _whole(text: str) -> str:
    """Returns a text that UTF-8 can hold: halves of a pair become `?`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _library() -> Any:
    # A server forks and has threads of its own; 1 MB/s and core is enough.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import tokenizers

    return tokenizers
