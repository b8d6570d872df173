"""Drawing text from a network of a language: `kn sample` of such a run."""

import dataclasses
import itertools
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from kerasnotes.base import files
from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.capabilities import ReadsSteps
from kerasnotes.contracts.text_sampling import LENGTH, Wishes, check
from kerasnotes.data.language.language_tokens import encode
from kerasnotes.data.text.tokenizer import UNKNOWN, open_json
from kerasnotes.tasks.language import Language
from kerasnotes.use.trained import Trained


@dataclasses.dataclass(frozen=True)
class WrittenText:
    """Text that a network drew.

    Args:
        run: What drew it.
        prompt: What it went on from.
        text: What came after the prompt.
        tokens: How many tokens that is.
        seed: Of the draws.
        used: How it was drawn, name by name.
        seconds: What drawing took.
        warnings: What one should know, a sentence each.
        path: The file that was written, or `None`.
    """

    run: str
    prompt: str
    text: str
    tokens: int
    seed: int
    used: dict[str, Any]
    seconds: float
    warnings: tuple[str, ...] = ()
    path: Path | None = None

    def __str__(self) -> str:
        return self.prompt + self.text

    def to_json(self) -> dict[str, Any]:
        """Returns what `kn sample --json` says of it."""
        path = self.path and str(self.path)
        told = {"seconds": round(self.seconds, 3), "path": path}
        return {**dataclasses.asdict(self), **told}


def sample_text(
    trained: Trained,
    *,
    prompt: str | None = None,
    length: int | None = None,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    out: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> WrittenText:
    """Draws text, told as it comes.

    Args:
        trained: A run of the task language.
        prompt: What to go on from; by default the beginning of a line.
        length: Tokens to draw; by default `LENGTH`.
        temperature: Logits are divided by it; 0 takes the likeliest token.
            By default 1.
        top_k: Only so many likeliest tokens may come.
        top_p: Only the likeliest tokens that together are so probable.
        seed: Of the draws; one seed is one text on every backend. By
            default 0.
        out: Text file to write; none, if `None`.
        tell: Called with every piece of the text, the prompt first.

    Raises:
        UsageError: If a number is out of its range.
        StorageError: If the file cannot be written.
    """
    wishes = Wishes(
        temperature=1.0 if temperature is None else temperature,
        top_k=top_k,
        top_p=top_p,
        seed=0 if seed is None else seed,
    )
    count = LENGTH if length is None else length
    check(wishes, count)
    if out is not None and out.suffix.lower() not in (".txt", ".md"):
        raise UsageError(
            "Text is written to a text file.",
            expected="-o FILE.txt",
            received=f"-o {out}",
        )
    # As the text that was learned from.
    begin = unicodedata.normalize("NFC", prompt or "\n")
    warnings = (*_unknown(begin, trained), *_too_long(begin, trained))
    task = cast(Language, trained.task)
    started, pieces = time.monotonic(), []
    if tell is not None and prompt:
        tell(prompt)
    for piece in itertools.islice(
        task.write(trained.model, begin, wishes), count
    ):
        pieces.append(piece)
        if tell is not None:
            tell(piece)
    text = "".join(pieces)
    used = dataclasses.asdict(wishes)
    if out is not None:
        files.write_text(out, (prompt or "") + text)
    return WrittenText(
        run=str(trained.path),
        prompt=prompt or "",
        text=text,
        tokens=count,
        seed=used.pop("seed"),
        used=used,
        seconds=time.monotonic() - started,
        warnings=warnings,
        path=out,
    )


def _unknown(prompt: str, trained: Trained) -> tuple[str, ...]:
    """Tells of what the prompt holds that training did not show."""
    learned = open_json(trained.spec.input.tokenizer)
    numbers = encode([prompt], learned)
    count = int((numbers == UNKNOWN).sum())
    if not count:
        return ()
    strange = [c for c in dict.fromkeys(prompt) if _is_strange(c, learned)]
    named = f" ({', '.join(map(repr, strange[:5]))})" if strange else ""
    return (
        f"{count:,} of {len(numbers):,} tokens of the prompt are none that "
        f"training showed{named}: they are read as one and the same.",
    )


def _too_long(prompt: str, trained: Trained) -> tuple[str, ...]:
    """Tells of a prompt that the network's memory does not hold."""
    model: Any = trained.model
    room = model.room if isinstance(model, ReadsSteps) else None
    numbers = encode([prompt], open_json(trained.spec.input.tokenizer))
    if room is None or len(numbers) <= room:
        return ()
    return (
        f"The prompt has {len(numbers):,} tokens, the network reads {room:,} "
        f"at a time: it goes on from the last {max(1, room // 2):,}.",
    )


def _is_strange(sign: str, learned: Any) -> bool:
    return bool((encode([sign], learned) == UNKNOWN).any())
