"""A plane truss by the direct stiffness method.

Bars carry forces along themselves alone. With `d_b` the unit vector along bar
`b`, put at its ends with opposite signs, and `f` the forces on free nodes,

    K = sum_b (E A)_b / L_b d_b d_b^T,   K u = f,   strain_b = d_b^T u / L_b

Reference:
    McGuire, Gallagher & Ziemian, 2000, Matrix Structural Analysis, 2nd ed.,
    chapters 2 and 3.
"""

import dataclasses

import numpy as np

from kerasnotes.base.types import Array


@dataclasses.dataclass(frozen=True)
class Truss:
    """Nodes, and bars between them.

    Args:
        nodes: Places in the plane, m, array `(P, 2)`.
        bars: Each the numbers of two nodes, `(M, 2)`.
        held: Nodes that cannot move.
    """

    nodes: Array
    bars: Array
    held: tuple[int, ...]

    @property
    def lengths(self) -> Array:
        """Of the bars, m, `(M,)`."""
        return np.asarray(np.linalg.norm(self._along(), axis=1))

    @property
    def free(self) -> Array:
        """Directions in which a node can move: `2 node + axis`."""
        held = {2 * node + axis for node in self.held for axis in (0, 1)}
        every = range(2 * len(self.nodes))
        return np.array([place for place in every if place not in held])

    def _along(self) -> Array:
        return np.asarray(
            self.nodes[self.bars[:, 1]] - self.nodes[self.bars[:, 0]]
        )

    def directions(self) -> Array:
        """Returns `d_b`, a row a bar, `(M, 2 P)`."""
        unit = self._along() / self.lengths[:, None]
        found = np.zeros((len(self.bars), len(self.nodes), 2))
        rows = np.arange(len(self.bars))
        found[rows, self.bars[:, 0]] = -unit
        found[rows, self.bars[:, 1]] = unit
        return found.reshape(len(self.bars), -1)

    def strains(self, rigidity: Array, forces: Array) -> Array:
        """Returns the strains of all bars, `(N, M)`; lengthening is above 0.

        Args:
            rigidity: `E A` of the bars, N, array `(N, M)`.
            forces: On the nodes, N, array `(N, 2 P)`; those on nodes that
                are held do nothing.
        """
        free, directions = self.free, self.directions()[:, self.free]
        stiffness = np.einsum(
            "nb,bi,bj->nij",
            rigidity / self.lengths,
            directions,
            directions,
            optimize=True,
        )
        moved = np.linalg.solve(stiffness, forces[:, free, None])[..., 0]
        return np.asarray(moved @ directions.T / self.lengths)
