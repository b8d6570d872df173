"""What is made smaller, by whatever solves: its gradient, its Jacobian."""

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.edges import silu_slope
from kerasnotes.notes.kan.nodes import joined, joined_slope
from kerasnotes.notes.kan.seen import Seen
from kerasnotes.notes.kan.sparsity import penalty
from kerasnotes.notes.kan.twin import Twin, loss_and_slope


class Objective:
    """The loss of a network on its training part.

    Args:
        twin: The network; each call leaves its weights in it. Edges that are
            zero stay so.
        x: Inputs `(N, D)`.
        y: Targets `(N, K)`; of classes, one-hot.
        sparsity: Factor of the penalty, see `sparsity.py`.
    """

    def __init__(
        self, twin: Twin, x: Array, y: Array, sparsity: float = 0.0
    ) -> None:
        self.twin, self.x, self.y, self.sparsity = twin, x, y, sparsity
        # The first layer's bases are those of the data: they never change.
        self._known = Seen.of(twin.layers[0], x)
        masks = (e.alive for e in twin.layers for _ in e.parts)
        parts = (part for e in twin.layers for part in e.parts)
        pairs = zip(masks, parts, strict=True)
        self.free: Array = np.concatenate(
            [np.broadcast_to(m, part.shape).ravel() for m, part in pairs]
        )

    def __call__(self, flat: Array) -> tuple[float, Array]:
        """Returns the loss, and its gradient by every weight."""
        answer, seen = self._forward(flat)
        loss, slope = loss_and_slope(answer, self.y, self.twin.loss)
        found: list[Array] = []
        for level in reversed(range(len(seen))):
            edges, given = self.twin.layers[level], seen[level]
            rows = given.bases.reshape(len(answer), -1)
            own = [(rows.T @ slope).ravel(), (given.smooth.T @ slope).ravel()]
            past = self._back(level, given, slope) if level else None
            if self.sparsity:
                price = penalty(edges, given)
                loss += self.sparsity * price.value
                own[0] += self.sparsity * price.coefficients.ravel()
                own[1] += self.sparsity * price.base.ravel()
                if past is not None:
                    past += self.sparsity * price.given
            found = own + found
            if past is not None:
                slope = self._past_nodes(level, seen, past)
        return loss, np.concatenate(found) * self.free

    def error(self, flat: Array) -> float:
        """Returns the loss without a penalty."""
        answer, _ = self._forward(flat)
        return loss_and_slope(answer, self.y, self.twin.loss)[0]

    def linearized(self, flat: Array) -> tuple[Array, Array]:
        """Returns errors of the answers, and their derivatives.

        Returns:
            Answers less targets, `(N K,)`, and the Jacobian by the weights of
            edges that are alive, `(N K, P)`.
        """
        answer, seen = self._forward(flat)
        count, units = answer.shape
        rows = []
        for unit in range(units):
            slope = np.zeros((count, units))
            slope[:, unit] = 1
            found: list[Array] = []
            for level in reversed(range(len(seen))):
                given = seen[level]
                known = given.bases.reshape(count, -1), given.smooth
                own = [
                    (part[:, :, None] * slope[:, None, :]).reshape(count, -1)
                    for part in known
                ]
                found = own + found
                if level:
                    past = self._back(level, given, slope)
                    slope = self._past_nodes(level, seen, past)
            rows.append(np.concatenate(found, axis=1)[:, self.free])
        error = (answer - self.y).T.ravel()
        return error, np.concatenate(rows)

    def _forward(self, flat: Array) -> tuple[Array, list[Seen]]:
        self.twin.flat = flat
        seen, x = [], self.x
        for level, edges in enumerate(self.twin.layers):
            if level:
                given = Seen.of(edges, x)
            else:
                given = self._known
                given.sums = edges.summed(given.bases, given.smooth)
            x = joined(given.sums, self.twin.products[level])
            seen.append(given)
        return x, seen

    def _back(self, level: int, given: Seen, slope: Array) -> Array:
        """Returns the gradient by what a layer was given."""
        edges = self.twin.layers[level]
        smooth = (slope @ edges.base.T) * silu_slope(given.x)
        past: Array = smooth + edges.back(given.first, given.slopes, slope)
        return past

    def _past_nodes(self, level: int, seen: list[Seen], slope: Array) -> Array:
        """Returns the gradient by the sums of the layer before."""
        before = seen[level - 1]
        return joined_slope(before.sums, self.twin.products[level - 1], slope)
