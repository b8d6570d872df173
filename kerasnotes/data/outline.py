"""What settings are resolved by: a description, and how much there is."""

from collections.abc import Callable, Sized

from kerasnotes.base.config import DataConfig
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.series.making import check_meant
from kerasnotes.data.series.pictures import series_of
from kerasnotes.data.sets import (
    digit_scenes,
    digits,
    formula,
    frf_chain,
    mackey_glass,
    noisy_sine,
    ring,
    spring_intervals,
    truss_loads,
)
from kerasnotes.data.sets.source_options import base_name, check_options
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import check_parts
from kerasnotes.data.text.making import check_meant as check_texts_meant

Outline = tuple[Spec, Sized]
"""A description, and the training part or as many numbers."""


def _made(
    load: Callable[[DataConfig, Problems], Dataset],
) -> Callable[[DataConfig], Outline]:
    """Returns the outline of a set that is as quickly made as described."""

    def outline(config: DataConfig) -> Outline:
        problems = Problems()
        data = load(config, problems)
        problems.raise_any(config)
        return data.spec, data.train

    return outline


BUILT_IN: dict[str, Callable[[DataConfig], Outline]] = {
    "digits": digits.outline,
    "digit-scenes": digit_scenes.outline,
    "formula": formula.outline,
    "frf-chain": frf_chain.outline,
    "mackey-glass": _made(mackey_glass.load),
    "noisy-sine": _made(noisy_sine.load),
    "ring": ring.outline,
    "spring-chain": _made(spring_intervals.load),
    "truss-loads": _made(truss_loads.load),
}
"""Sets that are the same everywhere: known without reading them."""


def known_outline(config: DataConfig) -> Outline | None:
    """Returns the outline of a built-in set, or `None` for other sources.

    Raises:
        UsageError: If the split or the class names do not fit it.
    """
    name = base_name(config.source).replace("_", "-")
    known = BUILT_IN.get(name)
    if known is None:
        return None
    check_options(config.source, name)
    check_parts(config)
    spec, rows = known(config)
    check_meant(config, spec)
    check_texts_meant(config, spec)
    return series_of(spec, config.read_as or "images"), rows


def outline(config: DataConfig) -> Outline:
    """Returns the outline of any source; others than built-in are read.

    Raises:
        UsageError: If the name is unknown, or the settings do not fit.
        DataError: If the data are missing or cannot be trained on.
    """
    known = known_outline(config)
    if known is not None:
        return known
    # Here: the readers of files take longer to import than this to answer.
    from kerasnotes.data.load import load

    data = load(config)
    return data.spec, data.train
