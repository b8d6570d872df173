"""Written dates: one meaning each, whoever wrote them."""

import datetime

import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.load import load
from kerasnotes.data.sets.dates import draw, forms, is_clear, write_date

pytestmark = pytest.mark.once


def test_no_form_contradicts_another():
    """Every day of a year, and days that its numbers may be taken for."""
    meaning = {}
    days = [
        datetime.date(2003, 1, 1) + datetime.timedelta(n) for n in range(365)
    ]
    days += [
        datetime.date(2000 + n, m, d)
        for n, m, d in (
            (1, 2, 3),
            (1, 3, 2),
            (2, 1, 3),
            (2, 3, 1),
            (3, 1, 2),
            (3, 2, 1),
            (12, 11, 10),
            (10, 11, 12),
            (11, 12, 10),
        )
    ]
    for locale, length in forms():
        for day in days:
            text = write_date(day, locale, length)
            for form in (text, text.lower()):
                assert meaning.setdefault(form, day) == day, form
    assert len(meaning) > 20_000


@pytest.mark.parametrize(
    ("pattern", "clear"),
    [
        ("dd.MM.yy", True),
        ("d/M/y", True),
        ("y-MM-dd", True),
        ("y年M月d日EEEE", True),
        ("EEEE, MMMM d, y", True),
        ("EEEE, d 'de' MMMM 'de' y", True),
        ("M/d/yy", False),
        ("yy. M. d.", False),
        ("MMM d, yy", False),
    ],
)
def test_which_patterns_are_clear(pattern, clear):
    assert is_clear(pattern) is clear


def test_a_seed_draws_the_same_and_targets_are_iso():
    one, again, other = draw(300, 1), draw(300, 1), draw(300, 2)
    assert one == again
    assert one.sources != other.sources
    assert len(set(one.sources)) == 300
    years = {datetime.date.fromisoformat(text).year for text in one.targets}
    assert min(years) >= 1950
    assert max(years) <= 2049
    assert any(text != text.lower() for text in one.sources)


def test_it_is_a_set_with_options():
    data = load(DataConfig(source="dates:pairs=200,seed=3"))
    assert data.spec.input.kind == "text"
    assert data.spec.target.kind == "sequence"
    assert data.spec.target.shape == (11,)
    assert len(data.train) == 140
    with pytest.raises(UsageError):
        load(DataConfig(source="dates:pairs=3"))
    with pytest.raises(UsageError):
        load(DataConfig(source="dates", target="y"))
