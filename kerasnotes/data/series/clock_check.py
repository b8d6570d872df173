"""Whether the stamps of a series are those that a model was trained on."""

from kerasnotes.base.errors import DataError
from kerasnotes.data.spec import Spec


def check_clock(step: str, zone: str, model: Spec, name: str) -> None:
    """Refuses rows of another step, or told in hours of another zone.

    The zone matters to a model that is told the calendar; another one sees
    no stamp.

    Args:
        step: What lies between two rows; empty if that is unknown.
        zone: The time zone that stamps are told in; empty if none is said.
        model: What the model was trained on.
        name: What the series is called.

    Raises:
        DataError: If the step is known, and another; or if a zone is.
    """
    known = model.input
    if step and known.step and step != known.step:
        raise DataError(
            f"The rows of {name} are apart by another time.",
            expected=f"a row every {known.step}, as in training",
            received=f"a row every {step}",
        )
    if model.has_calendar and zone != known.zone:
        raise DataError(
            f"The calendar of {name} is not that of the training.",
            expected=f"times {_in(known.zone)}",
            received=f"times {_in(zone)}",
            hint="write the column so: polars' `dt.convert_time_zone` and "
            "pandas' `dt.tz_convert` do",
        )


def _in(zone: str) -> str:
    return f"told in {zone}" if zone else "without a zone"
