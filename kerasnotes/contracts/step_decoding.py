"""What a network offers that translates: its answer, token by token."""

from typing import Any, Protocol

from kerasnotes.base.types import Tensor

State = Any
"""Tensors `(B, ...)`, nested: what a decoder remembers."""


class StepDecoder(Protocol):
    """A decoder that is asked for one token after the other.

    What it gives are tensors alone, of shapes that stay as they are: a
    compiled loop carries them.

    Attributes:
        network: The model whose weights it reads.
        source_length: `S`, tokens of a source.
        length: `T`, tokens of an answer, the one that ends it among them.
        vocabulary: `V`; its last number, `V - 1`, ends an answer and stands
            before its first token.
    """

    network: Any
    source_length: int
    length: int
    vocabulary: int

    def begin(self, source: Tensor) -> tuple[State, State]:
        """Reads sources.

        Args:
            source: Numbers of tokens `(B, S)`, 0 behind the end.

        Returns:
            What stays the same for every step, and what the first is given.
        """

    def step(
        self, tokens: Tensor, index: Any, memory: State, state: State
    ) -> tuple[Tensor, State]:
        """Returns what speaks for each token to come next.

        Args:
            tokens: The last ones, `(B,)`, int32.
            index: How many came before them, scalar.
            memory: What `begin` gave first.
            state: What the step before gave.

        Returns:
            Logits `(B, V)`, float32, and the new state.
        """
