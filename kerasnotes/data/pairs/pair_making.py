"""Pairs of texts to a data set; their tokens, learned in training."""

import dataclasses
import hashlib
import math
import re
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.config import DataConfig, Tokens
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.fields import Field
from kerasnotes.data.pairs.pair_split import PairSplit
from kerasnotes.data.problems import Problems
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.text.scripts import is_unparted
from kerasnotes.data.text.telling import tell_shown, tell_tokens
from kerasnotes.data.text.tokenizer import Tokenizer, check_size, train

LONGEST = 256
"""Tokens of a text, unless `data.length` says otherwise."""
SHORT = 64
"""Tokens up to which every text of the training part is read whole."""
WHOLE = 0.999
"""Part of the longer ones that are."""
SPELT = 0.15
"""Part of digits among letters and digits from which on numbers are spelt."""
LOOKED_AT = 2_000
"""Pairs by which tokens are guessed."""
NAMED = 5
"""Lines that one remark names."""
MEANINGLESS = ("classes", "labels", "units", "horizon", "time", "window")
"""Settings that say nothing of translations."""
_SIGN = re.compile(r"[^\W_]")


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Some pairs of one source.

    Args:
        sources: As they stand there.
        targets: What each is translated to.
        names: What to call each: the line it stands in.
    """

    sources: Sequence[str]
    targets: Sequence[str]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.sources)

    def take(self, rows: Sequence[int] | Array) -> "Pairs":
        """Returns some of them."""
        return Pairs(
            [self.sources[row] for row in rows],
            [self.targets[row] for row in rows],
            [self.names[row] for row in rows],
        )


def make_pairs(
    parts: dict[str, Pairs],
    config: DataConfig,
    problems: Problems,
    *,
    name: str,
    columns: tuple[str, str] = ("", ""),
) -> Dataset | None:
    """Divides pairs; their tokens are learned by `learn`.

    Pairs of the same source come into the same part, whatever their targets.

    Args:
        parts: By part: `all`, or `train` and others.
        config: The split, and what becomes of what comes again.
        problems: Told of what stops training, and of what is left out.
        name: What the set is called.
        columns: What sources and targets are called in their table.

    Raises:
        UsageError: If something is said of classes, rows or measured values.
    """
    _check_meant(config)
    parts = {part: _present(one, problems) for part, one in parts.items()}
    if config.repeats == "drop":
        parts = _without_repeats(parts, problems)
    if not any(map(len, parts.values())):
        problems.add("empty", name, "no pair of texts")
        return None
    where = _divide(parts, config, problems)
    whole = Pairs(
        [text for one in parts.values() for text in one.sources],
        [text for one in parts.values() for text in one.targets],
        [each for one in parts.values() for each in one.names],
    )
    _tell_repeats(whole, where, problems)
    train_part, validation, test = (
        PairSplit(one.sources, one.targets, one.names)
        for one in (whole.take(where[part]) for part in PARTS)
    )
    spec = Spec(
        name, (fields.source(columns[0]),), (fields.target(columns[1]),)
    )
    return Dataset(
        spec, train_part, validation, test, fingerprint=_fingerprint(whole)
    )


def _check_meant(config: DataConfig) -> None:
    for name in MEANINGLESS:
        value = getattr(config, name)
        if value and (name, value) != ("labels", "texts"):
            raise UsageError(
                f"`{config.source}` is pairs of texts, without classes.",
                expected="data.tokenizer, data.vocabulary, data.length, "
                "data.repeats",
                received=f"data.{name}={value}",
                hint=f"leave data.{name} out",
            )


def _present(part: Pairs, problems: Problems) -> Pairs:
    """Returns the pairs of which neither side is empty; tells of others."""
    both = zip(part.sources, part.targets, strict=True)
    filled = [bool(one.strip() and other.strip()) for one, other in both]
    if all(filled):
        return part
    gone = [n for n, full in zip(part.names, filled, strict=True) if not full]
    problems.note(
        f"{len(gone):,} pair{'s lack' if len(gone) > 1 else ' lacks'} a text: "
        f"left out ({', '.join(gone[:NAMED])}"
        f"{', ...' * (len(gone) > NAMED)})."
    )
    return part.take(np.flatnonzero(filled))


def _without_repeats(
    parts: dict[str, Pairs], problems: Problems
) -> dict[str, Pairs]:
    """Returns each source once, with the first of its targets."""
    seen: set[str] = set()
    kept = {}
    for part, one in parts.items():
        rows = []
        for row, text in enumerate(one.sources):
            if text not in seen:
                rows.append(row)
                seen.add(text)
        kept[part] = one.take(rows)
    dropped = sum(map(len, parts.values())) - sum(map(len, kept.values()))
    problems.note(f"Pairs whose source comes again, left out: {dropped:,}.")
    return kept


def _divide(
    parts: dict[str, Pairs], config: DataConfig, problems: Problems
) -> dict[str, Array]:
    """Returns rows of all pairs for each of `PARTS`; sources stay together."""
    groups, owners, start = {}, [], 0
    for part, one in parts.items():
        known: dict[str, int] = {}
        owners += [
            start + known.setdefault(text, len(known)) for text in one.sources
        ]
        groups[part] = np.zeros(len(known), "int32")
        start += len(known)
    chosen = splitting.assign(groups, config, problems)
    owner = np.array(owners)
    return {
        part: np.flatnonzero(np.isin(owner, chosen[part])) for part in PARTS
    }


def _tell_repeats(
    whole: Pairs, where: dict[str, Array], problems: Problems
) -> None:
    tell_shown("source", whole.sources, where, problems)
    more = len(whole) - len(set(whole.sources))
    if more:
        problems.note(
            f"{more:,} of {len(whole):,} pairs have a source that came before: "
            "all pairs of one source are in one part."
        )


def _fingerprint(whole: Pairs) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for text in (*whole.sources, *whole.targets):
        raw = text.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "little"))
        digest.update(raw)
    return digest.hexdigest()


def learn(data: Dataset, config: DataConfig, problems: Problems) -> Dataset:
    """Returns pairs with the tokens that their training part is made of.

    Args:
        data: As of `make_pairs`.
        config: `tokenizer`, `vocabulary` and `length`, if the user says so:
            of both sides alike.
        problems: Told what was guessed, and what is cut.

    Raises:
        UsageError: If so few tokens cannot be.
    """
    part = data.train
    if not isinstance(part, PairSplit) or data.spec.input.tokenizer:
        return data
    if not len(part):
        return data
    sides = (part.sources, part.targets)
    kinds = _kinds(sides, config)
    one, other = (
        _learn_side(texts, kind, config, problems, what)
        for texts, kind, what in zip(
            sides, kinds, ("Sources", "Targets"), strict=True
        )
    )
    spec = data.spec.with_input(
        shape=(one.length,), tokenizer=one.json, vocabulary=one.size
    ).with_target(
        # A number more ends a target, and begins what is asked.
        shape=(other.length + 1,),
        tokenizer=other.json,
        vocabulary=other.size + 1,
    )
    done = read_as(data, spec)
    _tell_cut(done, problems)
    return done


@dataclasses.dataclass(frozen=True)
class _Side:
    json: str
    size: int
    length: int


def _learn_side(
    texts: Sequence[str],
    kind: Tokens,
    config: DataConfig,
    problems: Problems,
    what: str,
) -> _Side:
    check_size(kind, config.vocabulary)
    learned: Tokenizer = train(texts, kind, config.vocabulary)
    found = [len(one) for one in learned.numbers(texts)]
    length = config.length or _length(np.array(found))
    tell_tokens(what, kind, config, learned, length, problems)
    if learned.size <= 3:
        told = learned.token(learned.size - 1)
        problems.add("single token", what.lower(), f"all of {told!r} alone")
    return _Side(learned.json, learned.size, length)


def _kinds(
    sides: tuple[Sequence[str], Sequence[str]], config: DataConfig
) -> tuple[Tokens, Tokens]:
    """Returns what each side is divided into."""
    if config.tokenizer is not None:
        return config.tokenizer, config.tokenizer
    some = ["".join(texts[:LOOKED_AT]) for texts in sides]
    signs = _SIGN.findall("".join(some))
    if sum(map(str.isdigit, signs)) > SPELT * len(signs):
        return "character", "character"
    one, other = ("character" if is_unparted(text) else "bpe" for text in some)
    return one, other  # type: ignore[return-value]


def _length(lengths: Array) -> int:
    most = math.ceil(float(np.quantile(lengths, WHOLE)))
    return min(int(lengths.max()), max(most, SHORT), LONGEST)


def _tell_cut(data: Dataset, problems: Problems) -> None:
    for part in PARTS:
        split = data.split(part)
        if isinstance(split, PairSplit) and any(split.cut):
            one, other = split.cut
            problems.note(
                f"Longer, and cut (data.length), in the {part} part: "
                f"{one:,} of {len(split):,} sources, {other:,} targets."
            )


def read_as(data: Dataset, spec: Spec) -> Dataset:
    """Returns pairs as the tokenizers of `spec`, a model's, read them."""
    parts = [data.split(part) for part in PARTS]
    splits = [part for part in parts if isinstance(part, PairSplit)]
    if len(splits) != len(parts):
        return data
    known = data.spec.with_input(**_learned(spec.input))
    known = known.with_target(**_learned(spec.target))
    first, second, third = (part.read_as(known) for part in splits)
    return dataclasses.replace(
        data, spec=known, train=first, validation=second, test=third
    )


def _learned(field: Field) -> dict[str, object]:
    names = ("shape", "tokenizer", "vocabulary")
    return {name: getattr(field, name) for name in names}
