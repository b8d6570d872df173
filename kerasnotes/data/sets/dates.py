"""Dates as people write them in many countries, to translate to ISO 8601.

`Mittwoch, 4. September 2019`, `2019年9月4日`, `04/09/19`: forms of Unicode's
CLDR, short, medium, long and full, as the library Babel has them; a part of
them in small letters. Nothing is downloaded.

What a form means never depends on who wrote it. Of those without the name of
a month two orders are taken: year, month, day with a year of four digits, and
day, month, year. Others, such as `9/4/19` of the United States, are left out,
and so are languages whose names of months are those of other months
elsewhere (`listopad`). Years of two digits are those from 1950 to 2049, and
so are all dates.

Reference:
    Unicode CLDR. https://cldr.unicode.org
    ISO 8601-1:2019, calendar date in extended format.
"""

import datetime
import re
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pydantic

from kerasnotes.base.config import Config, DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.pairs.pair_making import Pairs, make_pairs
from kerasnotes.data.problems import Problems
from kerasnotes.data.sets.source_options import read_options

NAME = "dates"
LOCALES = (
    "en_US",
    "en_GB",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "pt_BR",
    "nl_NL",
    "sv_SE",
    "da_DK",
    "fi_FI",
    "pl_PL",
    "cs_CZ",
    "hu_HU",
    "ro_RO",
    "tr_TR",
    "el_GR",
    "ru_RU",
    "uk_UA",
    "vi_VN",
    "id_ID",
    "ja_JP",
    "ko_KR",
    "zh_CN",
)
Length = Literal["short", "medium", "long", "full"]
LENGTHS: tuple[Length, ...] = get_args(Length)
FIRST = datetime.date(1950, 1, 1)
DAYS = 36_525
"""To 2049-12-31."""
SMALL = 0.25
"""Part of the dates that are in small letters."""
_FIELDS = re.compile(r"y+|[ML]+|[dE]+")
_QUOTED = re.compile(r"'[^']*'")


class DatesOptions(Config):
    """What `dates:NAME=VALUE,...` can change."""

    pairs: int = pydantic.Field(
        20_000, ge=100, le=1_000_000, description="different written dates"
    )
    seed: int = pydantic.Field(0, ge=0, description="of the draws")


def forms(locales: Sequence[str] = LOCALES) -> list[tuple[str, Length]]:
    """Returns each locale with the lengths that can be read in one way."""
    from babel.dates import get_date_format

    return [
        (locale, length)
        for locale in locales
        for length in LENGTHS
        if is_clear(get_date_format(length, locale=locale).pattern)
    ]


def is_clear(pattern: str) -> bool:
    """Returns whether a form of CLDR means one date, whoever wrote it.

    Args:
        pattern: `dd.MM.yy`, `EEEE, d MMMM y`; see the fields of dates in
            https://unicode.org/reports/tr35/tr35-dates.html
    """
    found = _FIELDS.findall(_QUOTED.sub("", pattern))
    parts = [each for each in found if each[0] != "E"]
    if [each[0].lower() for each in parts] not in (list("ymd"), list("dmy")):
        return _named(parts) and "yy" not in parts
    return bool(parts[0] != "yy")


def _named(parts: Sequence[str]) -> bool:
    """Returns whether the month is a name."""
    return any(each[0] in "ML" and len(each) > 2 for each in parts)


def write_date(day: datetime.date, locale: str, length: Length) -> str:
    """Returns a date as it is written somewhere, with plain spaces."""
    from babel.dates import format_date

    return " ".join(format_date(day, length, locale=locale).split())


def draw(count: int, seed: int) -> Pairs:
    """Returns dates as people write them, all different, and in ISO 8601.

    Args:
        count: Pairs.
        seed: Of days, forms and capitals.
    """
    rng, known = np.random.default_rng(seed), forms()
    written: dict[str, str] = {}
    while len(written) < count:
        day = FIRST + datetime.timedelta(int(rng.integers(DAYS)))
        text = write_date(day, *known[int(rng.integers(len(known)))])
        small = rng.random() < SMALL
        written.setdefault(text.lower() if small else text, day.isoformat())
    names = [f"#{row}" for row in range(count)]
    return Pairs([*written], [*written.values()], names)


def load(config: DataConfig, problems: Problems) -> Dataset | None:
    """Returns the dates, each with its translation.

    Raises:
        UsageError: If something is said of columns or labels.
    """
    if config.target is not None or config.text is not None:
        raise UsageError(
            f"{NAME} has one source, and one target.",
            received=f"target={config.target}, text={config.text}",
            hint="leave them out",
        )
    told = read_options(config.source, DatesOptions)
    pairs = draw(told.pairs, told.seed)
    problems.note(
        f"Source: dates of {len(LOCALES)} countries (Babel); target: ISO 8601."
    )
    return make_pairs({"all": pairs}, config, problems, name=NAME)
