"""The language that samplers are written in: Python that asks a network.

A sampler is a coroutine. It yields a point and its noise level, is sent what
the network takes for the data there, and returns the last point:

    def euler(x, sigmas):
        for sigma, target in pairwise(sigmas):
            denoised = yield x, sigma
            x = x + (target - sigma) * (x - denoised) / sigma
        return x

Between two questions every sampler does the same: it forms weighted sums of
a few tensors. Only the weights differ, and they depend on the noise levels
alone. So the coroutine is run once, in float64 and without a network, on
`Value`s that only remember how they were summed. Branches (the last step,
whose level is 0) and infinities stay in Python; what is left is a table of
finite numbers (`registers`, `table`), and one compiled loop runs any of them.
"""

from collections.abc import Callable, Generator, Iterable, Sequence

Levels = Sequence[float]
"""Noise levels, falling, all above 0 but perhaps the last."""

DENOISED, NOISE = -2, -1
"""Columns of a row of weights, the last two: the answer, and fresh noise."""


class Value:
    """A tensor that a sampler has: given to it, or summed of such.

    Supports `+`, `-`, and `*` and `/` by numbers.

    Args:
        trace: Of the sampler.
        weights: What it is summed of: values of earlier rows, and what came
            in this one; empty for 0.
        column: Of a value that is given, not summed: where it comes from.

    Attributes:
        row: Number of the question after whose answer it was made; 0 also
            for what was made before the first.
    """

    # Keeps NumPy's scalars from multiplying it element by element.
    __array_ufunc__ = None
    __slots__ = ("column", "row", "trace", "weights")

    def __init__(
        self,
        trace: "Trace",
        weights: dict["Value", float],
        column: int | None = None,
    ) -> None:
        self.trace, self.row = trace, trace.row
        self.weights, self.column = weights, column

    def __add__(self, other: "Value") -> "Value":
        if not isinstance(other, Value):
            return NotImplemented
        return self._sum(self.parts(), other.parts().items())

    def __sub__(self, other: "Value") -> "Value":
        if not isinstance(other, Value):
            return NotImplemented
        minus = ((part, -weight) for part, weight in other.parts().items())
        return self._sum(self.parts(), minus)

    def __mul__(self, factor: float) -> "Value":
        number = float(factor)
        return self._sum({}, ((p, number * w) for p, w in self.parts().items()))

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> "Value":
        number = float(divisor)
        return self._sum({}, ((p, w / number) for p, w in self.parts().items()))

    def parts(self) -> dict["Value", float]:
        """Returns the weights that the row which is being made sums it by.

        What was summed in an earlier row is kept in a register by now, and
        counts as one thing.
        """
        summed = self.column is None
        if summed and (self.row == self.trace.row or not self.weights):
            return self.weights
        return {self: 1.0}

    def _sum(
        self,
        first: dict["Value", float],
        more: Iterable[tuple["Value", float]],
    ) -> "Value":
        weights = dict(first)
        for part, weight in more:
            weights[part] = weights.get(part, 0.0) + weight
        # What has no weight is not read, and needs no register.
        read = {part: weight for part, weight in weights.items() if weight}
        return Value(self.trace, read)


Asks = Generator[tuple[Value, float], Value, Value]
"""A sampler that runs: asks at `(x, sigma)`, is answered, ends at a point."""
SamplerFunction = Callable[..., Asks]
"""`(x, sigmas, **options)`, with `x` at the first of the levels `sigmas`."""


def noise_like(x: Value) -> Value:
    """Returns fresh noise, `N(0, 1)`, shaped as `x`.

    Raises:
        ValueError: If noise was drawn since the last answer already.
    """
    return x.trace.draw_noise()


class Trace:
    """What one run of a sampler asked and summed.

    Attributes:
        start: The value that it was given.
        points: Where it asked, R values.
        sigmas: The noise levels there.
        end: What it returned.
    """

    def __init__(self) -> None:
        self.points: list[Value] = []
        self.sigmas: list[float] = []
        self.start = self.end = Value(self, {}, column=0)
        self._drawn = -1

    @property
    def row(self) -> int:
        """The number of the last question; 0 before the first, too."""
        return max(0, len(self.points) - 1)

    def answer(self, x: Value, sigma: float) -> Value:
        """Returns what the network would say.

        Raises:
            ValueError: If nothing can be asked there.
        """
        if not self.points and x is not self.start:
            raise ValueError(
                "a sampler must first ask at the point it was given. "
                f"Received: another one, sigma={sigma}"
            )
        if not isinstance(x, Value) or not 0 < sigma < float("inf"):
            raise ValueError(
                "a sampler asks at a point and a noise level above 0. "
                f"Received: {type(x).__name__}, sigma={sigma}"
            )
        self.points.append(x)
        self.sigmas.append(float(sigma))
        return Value(self, {}, DENOISED)

    def draw_noise(self) -> Value:
        """Returns the noise of this row; see `noise_like`."""
        if self._drawn == self.row:
            raise ValueError(
                "a sampler may draw noise once between two questions. "
                f"Received: a second draw after question {self.row + 1}"
            )
        self._drawn = self.row
        return Value(self, {}, NOISE)


def trace_sampler(
    sampler: SamplerFunction, sigmas: Levels, **options: object
) -> Trace:
    """Runs a sampler without a network.

    Args:
        sampler: The coroutine.
        sigmas: Noise levels.
        options: Passed on to it.

    Raises:
        ValueError: If it asks for what no table can hold, or returns no
            point.
    """
    trace = Trace()
    run = sampler(trace.start, sigmas, **options)
    try:
        question = next(run)
        while True:
            question = run.send(trace.answer(*question))
    except StopIteration as stop:
        trace.end = stop.value
    if not isinstance(trace.end, Value) or not trace.points:
        raise ValueError(
            "a sampler must ask, and return its last point. Received: "
            f"{len(trace.points)} questions, {type(trace.end).__name__}"
        )
    return trace
