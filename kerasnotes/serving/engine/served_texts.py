"""Models of texts: asked in texts, answered by a graph of numbers.

A translation's answer is made a text again, by its own tokenizer.

What makes numbers of a text is the tokenizer that the model was trained with,
by the function that training used. TensorFlow's operations know no Unicode
forms and no byte pairs: a lookup in the graph would differ for some texts.
"""

import dataclasses
from typing import Any

import numpy as np

from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import (
    UNKNOWN,
    Tokenizer,
    check,
    open_json,
)
from kerasnotes.serving.engine.datatypes import BYTES
from kerasnotes.serving.engine.described_data import read_spec
from kerasnotes.serving.engine.errors import invalid
from kerasnotes.serving.engine.signature import (
    DEFAULT,
    SignatureInfo,
    TensorInfo,
    Tensors,
)

TOKENS = "tokens"
"""The signature of those who send numbers of tokens."""


@dataclasses.dataclass(frozen=True)
class ServedTexts:
    """What makes a graph's input of texts.

    Args:
        name: Of that input.
        length: Tokens that it takes.
        tokenizer: The model's own.
        written: What makes texts of its answers, if they are some.
    """

    name: str
    length: int
    tokenizer: Tokenizer
    written: "WrittenTexts | None" = None

    def offer(
        self, signatures: dict[str, SignatureInfo]
    ) -> dict[str, SignatureInfo]:
        """Returns signatures of which the default one takes texts."""
        default = signatures[DEFAULT]
        inputs = {self.name: TensorInfo(self.name, BYTES, (None,))}
        outputs = default.outputs
        if self.written is not None:
            name = self.written.name
            outputs = {name: TensorInfo(name, BYTES, (None,))}
        return {
            **signatures,
            DEFAULT: dataclasses.replace(
                default, inputs=inputs, outputs=outputs
            ),
            TOKENS: dataclasses.replace(default, name=TOKENS),
        }

    def to_numbers(self, tensors: Tensors) -> Tensors:
        """Returns a request as the graph takes it: texts become numbers.

        Raises:
            ServingError: If a text is not UTF-8.
        """
        given = tensors.get(self.name)
        if given is None or given.dtype != object:
            return tensors
        try:
            texts = [_decode(each) for each in given.tolist()]
        except UnicodeDecodeError as error:
            raise invalid(f"A text is not UTF-8: {error.reason}.") from None
        numbers = self.tokenizer.encode(texts, self.length)
        return {**tensors, self.name: numbers}

    def to_texts(self, signature: str, answer: Tensors) -> Tensors:
        """Returns an answer as a client is given it: texts, if it is one."""
        if self.written is None or signature == TOKENS:
            return answer
        return self.written.read(answer)


@dataclasses.dataclass(frozen=True)
class WrittenTexts:
    """What makes texts of a graph's answer.

    Args:
        name: Of that output.
        tokenizer: Of the texts.
    """

    name: str
    tokenizer: Tokenizer

    def read(self, answer: Tensors) -> Tensors:
        """Returns texts in UTF-8, `(N,)`; other numbers than its are none."""
        found = np.empty(len(answer[self.name]), object)
        for place, row in enumerate(answer[self.name].tolist()):
            known = [n for n in row if UNKNOWN < n <= self.tokenizer.highest]
            found[place] = self.tokenizer.text(known).encode()
        return {self.name: found}


def _decode(text: Any) -> str:
    return text.decode() if isinstance(text, bytes) else str(text)


def find_texts(card: dict[str, Any]) -> ServedTexts | None:
    """Returns what a model's description says of texts; `None` of others.

    Args:
        card: Of a served model; it may be anybody's.
    """
    spec = read_spec(card)
    if spec is None or spec.input.kind != "text":
        return None
    signatures = card.get("signatures")
    default = signatures.get(DEFAULT) if isinstance(signatures, dict) else None
    length = spec.input.shape[0]
    port = {"shape": [None, length], "dtype": "int32"}
    told = default.get("inputs") if isinstance(default, dict) else None
    if length is None or told != {spec.input.name: port}:
        return None
    try:
        check(spec.input.tokenizer, spec.input.vocabulary)
        tokenizer = open_json(spec.input.tokenizer)
        written = _find_written(spec, default)
    except ValueError:
        return None
    return ServedTexts(spec.input.name, length, tokenizer, written)


def _find_written(spec: Spec, default: Any) -> WrittenTexts | None:
    """Returns what makes texts of an answer that is one.

    Raises:
        ValueError: If its tokenizer is none, or the answer something else.
    """
    field = spec.targets[0]
    if field.kind != "sequence":
        return None
    check(field.tokenizer, field.vocabulary - 1)
    port = {"shape": [None, field.shape[0]], "dtype": "int32"}
    if default.get("outputs") != {field.name: port}:
        raise ValueError(
            f"The output `{field.name}` must be {port}. Received: "
            f"{default.get('outputs')}"
        )
    return WrittenTexts(field.name, open_json(field.tokenizer))
