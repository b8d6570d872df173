"""A damped chain of springs and masses, and how it answers a force.

The chain is fixed at one end and free at the other:

    wall -k_1- m -k_2- m - ... -k_n- m

With the eigen-solution `K phi_r = w_r^2 m phi_r`, `phi_r^T m phi_s` one for
`r = s` and else zero, and one damping ratio `zeta` for every mode, a
harmonic force at mass `e` makes mass `p` accelerate by

    H_pe(w) = -w^2 sum_r phi_pr phi_er / (w_r^2 - w^2 + 2 i zeta w_r w)

Reference:
    Ewins, 2000, Modal Testing: Theory, Practice and Application, 2nd ed.,
    section 2.4 (accelerance, viscous modal damping).
"""

import dataclasses

import numpy as np

from kerasnotes.base.types import Array


@dataclasses.dataclass(frozen=True)
class SpringChain:
    """Equal masses; springs in groups of one stiffness each.

    Args:
        masses: How many.
        groups: Of neighbouring springs, as equal in size as can be, from
            the wall on.
        mass: Of one, kg.
        excited: Where forces act: the masses' places from the wall, from 0.
    """

    masses: int
    groups: int
    mass: float
    excited: tuple[int, ...]

    def spring_groups(self) -> list[Array]:
        """Returns the springs of each group, by their places from 0."""
        return np.array_split(np.arange(self.masses), self.groups)

    def modes(self, stiffness: Array) -> tuple[Array, Array]:
        """Returns eigenvalues and mass-normalized modes.

        Args:
            stiffness: Of the groups, N/m, array `(N, G)`.

        Returns:
            `w_r^2`, `(N, n)`, (rad/s)^2; and `phi`, `(N, n, n)`, a column a
            mode.
        """
        count, n = len(stiffness), self.masses
        springs = np.empty((count, n))
        for number, places in enumerate(self.spring_groups()):
            springs[:, places] = stiffness[:, number : number + 1]
        # A force on a mass comes from the springs on both of its sides.
        matrix = np.zeros((count, n, n))
        at = np.arange(n)
        matrix[:, at, at] = springs
        matrix[:, at[:-1], at[:-1]] += springs[:, 1:]
        matrix[:, at[:-1], at[1:]] = -springs[:, 1:]
        matrix[:, at[1:], at[:-1]] = -springs[:, 1:]
        squares, modes = np.linalg.eigh(matrix / self.mass)
        return squares, modes / np.sqrt(self.mass)

    def accelerance(
        self, stiffness: Array, damping: Array, frequencies: Array
    ) -> Array:
        """Returns frequency responses, acceleration over force.

        Args:
            stiffness: Of the groups, N/m, array `(N, G)`.
            damping: Ratio of every mode, array `(N,)`; 0.01 is 1 %.
            frequencies: Hz, array `(F,)`.

        Returns:
            Complex array `(N, F, P, E)`, (m/s^2)/N: by frequency, place of
            the answer, and place of the force.
        """
        squares, modes = self.modes(stiffness)
        squares, w = squares[:, None], 2 * np.pi * frequencies[:, None]
        loss = 2 * damping[:, None, None] * np.sqrt(squares) * w
        gain = -(w**2) / (squares - w**2 + 1j * loss)
        answers = np.swapaxes(modes, 1, 2)
        return np.stack(
            [(gain * modes[:, None, e]) @ answers for e in self.excited],
            axis=-1,
        )
