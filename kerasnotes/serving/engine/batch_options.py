"""How requests are put together."""

from typing import Self

import pydantic

from kerasnotes.base.errors import UsageError
from kerasnotes.serving.engine.option import Settings, option


class BatchOptions(Settings):
    """How requests are put together.

    Args:
        size: Most examples of a batch; 1 answers each request alone.
        delay: Seconds that the oldest request may wait for others even
            though a thread is free.
        sizes: Sizes that batches are filled up to; none: as they come.
        values: Most numbers of a batch of several examples: one that holds
            many large images is not faster, but needs their memory at once.
        queue: Requests of one model that may wait.
        threads: Batches of one model that are computed at the same time, and
            large ones of all models together.
        foreign: Whether models that `kn export` did not write are batched
            too. Nothing says that they answer row by row.

    Raises:
        UsageError: If `sizes` do not rise to `size`.
    """

    size: int = option(
        "--batch-size",
        64,
        "Most examples of a batch; 1 answers each request alone, as it is "
        "with models that kn export did not write unless this is given.",
        ge=1,
        le=65_536,
    )
    delay: float = option(
        "--batch-delay",
        0.0,
        "Milliseconds that a request may wait for others.",
        unit="MS",
        scale=0.001,
        ge=0,
        le=1,
    )
    sizes: tuple[int, ...] = option(
        "--batch-sizes",
        (),
        "Sizes that batches are filled up to; by default as they come.",
        unit="N,N,...",
    )
    values: int = 2**18
    queue: int = option(
        "--queue",
        1000,
        "Requests of one model that may wait; more are answered by 429.",
        ge=1,
    )
    threads: int = option(
        "--batch-threads",
        1,
        "Batches of one model that are computed at the same time, and large "
        "ones of all models.",
        ge=1,
        le=256,
    )
    foreign: bool = False

    @pydantic.model_validator(mode="after")
    def _check_sizes(self) -> Self:
        sizes = self.sizes
        rising = list(sizes) == sorted(set(sizes))
        if sizes and not (rising and sizes[0] > 0 and sizes[-1] == self.size):
            raise UsageError(
                "Batches are filled up to a rising list of sizes.",
                expected=f"a list that ends with --batch-size {self.size}",
                received=f"--batch-sizes {','.join(map(str, sizes))}",
            )
        return self
