"""Every sampler by name. The only list of its kind; imports no framework."""

import dataclasses
import importlib
from typing import Any

import numpy as np

from kerasnotes.base.errors import UsageError, unknown_name
from kerasnotes.diffusion.samplers.table import Table, make_table
from kerasnotes.diffusion.sigmas import BY_TIME, SPACINGS, check_spacing

TIMES: tuple[str, ...] = tuple(BY_TIME)


@dataclasses.dataclass(frozen=True)
class Sampler:
    """One sampler.

    Args:
        name: What `--sampler` calls it; also the name of its module, and of
            the function there.
        title: What papers and other programs call it.
        order: Of its error without noise (at eta = 0), once it has the past
            answers it reads.
        evaluations: Network calls a step (the last step may have fewer).
        stochastic: Whether it adds noise, at its default options.
        spacing: Noise levels used when none are named.
        spacings: Noise levels that it can go through.
        options: Names of what may be set beside the levels.
    """

    name: str
    title: str
    order: int
    evaluations: int = 1
    stochastic: bool = False
    spacing: str = "karras"
    spacings: tuple[str, ...] = SPACINGS
    options: frozenset[str] = frozenset()

    def table(self, sigmas: Any, **options: Any) -> Table:
        """Returns the table that the compiled loop runs.

        Args:
            sigmas: Array `(steps + 1,)`, falling; see `sigmas.noise_levels`.
            options: Values for names in `Sampler.options`.

        Raises:
            UsageError: If an option is unknown here, or the levels wrong.
        """
        self.check_options(options)
        module = importlib.import_module(f"{__package__}.{self.name}")
        return make_table(getattr(module, self.name), sigmas, **options)

    def check_options(self, options: dict[str, Any]) -> None:
        """Raises a `UsageError` if an option is not understood."""
        for name, value in options.items():
            if name not in self.options:
                raise UsageError(
                    f"sampler `{self.name}` has no option `{name}`",
                    expected=", ".join(sorted(self.options)) or "no options",
                    received=f"{name}={value}",
                )
        eta = options.get("eta", 0.0)
        if not isinstance(eta, int | float | np.floating) or not 0 <= eta <= 1:
            raise UsageError(
                "`eta`, the share of fresh noise, is out of range",
                expected="0 (none) to 1 (all that the process added)",
                received=f"eta={eta}",
            )

    def check_spacing(self, spacing: str) -> None:
        """Raises a `UsageError` if the sampler cannot take these levels."""
        check_spacing(spacing)
        if spacing not in self.spacings:
            raise UsageError(
                f"sampler `{self.name}` needs levels at timesteps",
                expected=", ".join(self.spacings),
                received=spacing,
                hint=OTHER_LEVELS.get(self.name),
            )


ETA = frozenset({"eta"})
OTHER_LEVELS = {
    "ddpm": "`euler_ancestral` is the same step at any levels",
    "ddim": "`euler` is the same step at any levels; with eta, "
    "`euler_ancestral`",
    "pndm": "`lms` is of the same order at any levels",
}

SAMPLERS: dict[str, Sampler] = {
    sampler.name: sampler
    for sampler in (
        Sampler(
            "ddpm", "DDPM ancestral", 1, stochastic=True, spacing="uniform",
            spacings=TIMES, options=frozenset({"variance"}),
        ),
        Sampler(
            "ddim", "DDIM", 1, spacing="uniform", spacings=TIMES, options=ETA
        ),
        Sampler("pndm", "PNDM / PLMS", 4, spacing="uniform", spacings=TIMES),
        Sampler("euler", "Euler", 1),
        Sampler(
            "euler_ancestral", "Euler ancestral", 1, stochastic=True,
            options=ETA,
        ),
        Sampler("heun", "Heun", 2, evaluations=2),
        Sampler("dpm2", "DPM2", 2, evaluations=2, options=ETA),
        Sampler(
            "dpm2_ancestral", "DPM2 ancestral", 2, evaluations=2,
            stochastic=True, options=ETA,
        ),
        Sampler("lms", "LMS", 4),
        Sampler(
            "dpmpp_2s_ancestral", "DPM++ 2S ancestral", 2, evaluations=2,
            stochastic=True, options=ETA,
        ),
        Sampler(
            "dpmpp_sde", "DPM++ SDE", 2, evaluations=2, stochastic=True,
            options=ETA,
        ),
        Sampler("dpmpp_2m", "DPM++ 2M", 2),
        Sampler(
            "dpmpp_2m_sde", "DPM++ 2M SDE", 2, stochastic=True, options=ETA
        ),
        Sampler(
            "dpmpp_3m_sde", "DPM++ 3M SDE", 2, stochastic=True, options=ETA
        ),
        Sampler("unipc", "UniPC", 2),
    )
}  # fmt: skip


def find_sampler(name: str) -> Sampler:
    """Returns a sampler by its name.

    Raises:
        UsageError: If there is none of this name.
    """
    if name not in SAMPLERS:
        raise unknown_name("sampler", name, SAMPLERS)
    return SAMPLERS[name]
