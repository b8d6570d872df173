"""What data a note's network can be made for."""

from kerasnotes.base.errors import UsageError
from kerasnotes.data.spec import Spec


def check_images(spec: Spec, note: str, least: int = 1) -> None:
    """Refuses anything but images of one size.

    Args:
        spec: The data.
        note: The note's name.
        least: Shortest side, pixels.

    Raises:
        UsageError: Says what was expected.
    """
    image = spec.input.kind == "image"
    shape = spec.input.shape
    if not image or None in shape:
        raise UsageError(
            f"The data set `{spec.name}` does not fit {note}.",
            expected="images of one size",
            received=f"{spec.input.kind} of shape {shape}",
            hint="--set data.image_size=64"
            if image
            else "`kn fit mlp` takes tables and series",
        )
    side = min(s for s in shape[:2] if s is not None)
    if side < least:
        raise UsageError(
            f"The images of `{spec.name}` are too small for this {note}.",
            expected=f"sides of {least} pixels or more",
            received=f"{shape[0]} x {shape[1]} pixels",
        )


def check_sequence(spec: Spec, note: str) -> None:
    """Refuses anything but series, and texts.

    Raises:
        UsageError: Says what was expected.
    """
    fits = spec.input.kind in ("series", "text", "tokens")
    if fits and None not in spec.input.shape:
        return
    raise UsageError(
        f"The data set `{spec.name}` does not fit {note}.",
        expected="series, or texts",
        received=f"{spec.input.kind} of shape {spec.input.shape}",
        hint="images are read as series by --set data.read_as=rows, a table "
        "by --horizon ROWS, a column of texts by --set data.text=COLUMN",
    )


def check_translates(spec: Spec) -> None:
    """Refuses to ask for a text what answers something else.

    Raises:
        UsageError: Says what it answers.
    """
    if spec.target.kind != "sequence":
        raise UsageError(
            "This model does not translate.",
            expected="a model that was trained on pairs of texts",
            received=f"one that answers by {spec.target.kind}",
        )
