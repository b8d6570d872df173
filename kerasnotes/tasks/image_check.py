"""Images to answer for: looked at before anything is computed."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.readers.image.image_info import ImageInfo, probe
from kerasnotes.data.readers.image.images import check_fit
from kerasnotes.data.readers.image.pixels import Form
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.array_files import SUFFIXES as ARRAYS
from kerasnotes.tasks.inputs import Held, Input, unreadable

NAMED = 10
"""Bad files named in one error; a wrong folder would fill the screen."""


def check_images(paths: Sequence[Input], spec: Spec) -> list[str]:
    """Looks at every image's header.

    Args:
        paths: The files.
        spec: What the model was trained on. Pixels of more bits than that
            had would mean other brightnesses, and are refused.

    Returns:
        What is done to images that differ from those, a sentence each.

    Raises:
        DataError: Names the files that cannot be read.
    """
    looked = look(paths, spec)
    if looked.bad:
        raise all_bad(looked.bad, len(paths))
    return looked.told


@dataclasses.dataclass(frozen=True)
class Failed:
    """An image that cannot be answered for.

    Args:
        file: Its path.
        error: Why.
    """

    file: str
    error: DataError


class LeftOut(DataError):
    """Some of several images were not answered for: `failures` says which."""

    failures: tuple[Failed, ...] = ()


@dataclasses.dataclass(frozen=True)
class Looked:
    """What the headers of some images say.

    Args:
        good: Those that can be answered for, in their order.
        bad: The others, and why not.
        told: What is done to images that differ from those of the training.
    """

    good: list[Input]
    bad: list[Failed]
    told: list[str]


def look(paths: Sequence[Input], spec: Spec) -> Looked:
    """Looks at every image's header, and parts good from bad."""
    form = Form.of(spec)
    infos: list[ImageInfo] = []
    good: list[Input] = []
    bad: list[Failed] = []
    for path in paths:
        if isinstance(path, Held) or path.suffix.lower() in ARRAYS:
            good.append(path)
            continue
        try:
            info = probe(path)
            check_fit(path, info.dtype, form)
            infos.append(info)
            good.append(path)
        except OSError as error:
            bad.append(Failed(str(path), unreadable(path, error)))
        except DataError as error:
            bad.append(Failed(str(path), error))
    return Looked(good, bad, list(differences(infos, form)))


def left_out(bad: Sequence[Failed], count: int) -> LeftOut:
    """Returns the error that some of several images were not answered for.

    Args:
        bad: Which, and why.
        count: Images in all, at least one of them answered for.
    """
    told = _explain(
        bad,
        f"{len(bad)} of {count} images cannot be answered for; the others "
        "were.",
    )
    error = LeftOut(
        told.message,
        expected=told.expected,
        received=told.received,
        hint=told.hint,
    )
    error.failures = tuple(bad)
    return error


def all_bad(bad: Sequence[Failed], count: int) -> DataError:
    """Returns the error that nothing was answered for."""
    if len(bad) == 1:
        return bad[0].error
    return _explain(
        bad,
        f"{len(bad)} of {count} images cannot be read; nothing was predicted.",
    )


def _explain(bad: Sequence[Failed], message: str) -> DataError:
    errors = [each.error for each in bad]
    names = [error.message for error in errors[:NAMED]]
    more = len(errors) - len(names)
    wanted = dict.fromkeys(
        error.expected or "whole image files" for error in errors
    )
    return DataError(
        message,
        expected="; ".join(wanted),
        received="\n  ".join(["", *names, *[f"and {more} more"] * (more > 0)]),
        hint="mend or remove these files"
        if len(errors) > 1
        else errors[0].hint or "mend or remove this file",
    )


def differences(infos: Sequence[ImageInfo], form: Form) -> Iterator[str]:
    """Yields what is done to images to bring them to a form.

    Args:
        infos: The headers of some images.
        form: What they become.
    """
    count = len(infos)
    for number, text in (
        (_count_sizes(infos, form), f"cut and resized to {_size(form)}"),
        (
            sum(i.channels == 3 for i in infos) * (form.channels == 1),
            "made grey of colour",
        ),
        (
            sum(i.channels == 1 for i in infos) * (form.channels == 3),
            "made three equal channels of grey",
        ),
        (sum(i.alpha for i in infos), "laid over white where transparent"),
        (sum(i.cut for i in infos), "read with 8 of their 16 bits"),
        (sum(i.pages > 1 for i in infos), "read up to their first page"),
        (sum(_is_scaled(i.dtype, form) for i in infos), _scaled(form)),
    ):
        if number:
            images = "image is" if count == 1 else "images are"
            yield f"{number} of {count} {images} {text}."


def _count_sizes(infos: Sequence[ImageInfo], form: Form) -> int:
    if form.size is None:
        return 0
    return sum(info.size != form.size for info in infos)


def _size(form: Form) -> str:
    return "x".join(map(str, form.size or ()))


def _is_scaled(dtype: str, form: Form) -> bool:
    if form.limits is None or dtype == "float32":
        return False
    return form.limits != (0.0, float(np.iinfo(dtype).max))


def _scaled(form: Form) -> str:
    low, high = form.limits or (0.0, 0.0)
    return (
        f"brought to the model's range: black is {low:g} there, white {high:g}"
    )
