"""How a picture of samples was made, written into its PNG, read back.

The recipe is JSON in an `iTXt` chunk called `kerasnotes`. What comes out of
a file is not trusted: its length is bounded, every field's type and range is
checked, and nothing in it is run. No framework is imported here.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from PIL import UnidentifiedImageError

from kerasnotes.base.errors import StorageError
from kerasnotes.base.files import storage_error
from kerasnotes.contracts.generation import Request
from kerasnotes.contracts.sampling_bounds import (
    LARGEST_SEED,
    LONGEST_NAME,
    MOST_EXAMPLES,
    MOST_FRAMES,
    MOST_STEPS,
)
from kerasnotes.runs.archive.zip_file import plain
from kerasnotes.runtime.choose import PRECISIONS, installed_backends

KEY = "kerasnotes"
LONGEST = 65_536
"""Characters of a recipe."""


def _printable(text: str) -> str:
    """Refuses codes that would steer the terminal that shows them."""
    if not text.isprintable():
        raise ValueError("it holds characters that cannot be printed")
    return text


Text = Annotated[str, pydantic.AfterValidator(_printable)]
Name = Annotated[Text, pydantic.Field(max_length=LONGEST_NAME)]
Digest = Annotated[str, pydantic.Field(pattern="^[0-9a-f]{64}$")]


class _Strict(pydantic.BaseModel):
    """Frozen, no unknown names, no conversions, no NaN."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False
    )


class RecordedRequest(_Strict):
    """The fields of `generating.Request`, within bounds."""

    count: int = pydantic.Field(ge=1, le=MOST_EXAMPLES)
    seed: int = pydantic.Field(0, ge=0, le=LARGEST_SEED)
    label: int | None = pydantic.Field(None, ge=0, le=10_000_000)
    sampler: Name | None = None
    schedule: Name | None = None
    steps: int | None = pydantic.Field(None, ge=1, le=MOST_STEPS)
    guidance: float | None = None
    eta: float | None = None
    frames: int = pydantic.Field(0, ge=0, le=MOST_FRAMES)


class Recipe(_Strict):
    """Everything that `kn sample --from` needs.

    Args:
        format: Of the recipe.
        run: The run's folder or the `.keras` file, as it was named.
        weights: SHA-256 of the weights in the file.
        note: The note's name.
        asked: What was asked of the model.
        label: Name of the class asked for.
        used: What the model says it used, defaults among it.
        result: SHA-256 of the samples as 8-bit pictures (or float32 rows).
        versions: Of kerasnotes and Keras; backend and precision.
    """

    format: Literal[1] = 1
    run: Text = pydantic.Field(min_length=1, max_length=4096)
    weights: Digest
    note: Name
    asked: RecordedRequest
    label: Name | None = None
    used: dict[Name, Name | int | float | bool | None] = pydantic.Field(
        default_factory=dict, max_length=64
    )
    result: Digest
    versions: dict[Name, Name] = pydantic.Field(
        default_factory=dict, max_length=16
    )

    def request(self, **changes: Any) -> Request:
        """Returns what was asked, with `changes`."""
        return Request(**{**self.asked.model_dump(), **changes})

    def text(self) -> dict[str, str]:
        """Returns the chunk for `sample_grid.save_png`."""
        return {KEY: self.model_dump_json()}


def read_recipe(path: Path) -> Recipe:
    """Reads the recipe of a PNG; its pixels are not decoded.

    Raises:
        StorageError: If there is no such file, or no valid recipe in it.
    """
    try:
        # Opening reads the chunks before the pixels. Whether a picture of
        # the declared size would fit into memory does not matter.
        with open(path, "rb") as file, _headers(file) as image:
            text = image.info.get(KEY)
    except UnidentifiedImageError:
        raise _refuse(path, "is not a PNG") from None
    except OSError as error:
        if error.errno is None:
            raise _refuse(path, f"is a damaged PNG: {error}") from None
        raise storage_error(path, error, "read") from error
    except (ValueError, SyntaxError, OverflowError) as error:
        raise _refuse(path, f"is a damaged PNG: {error}") from None
    if not isinstance(text, str):
        raise _refuse(path, "holds no recipe")
    if len(text) > LONGEST:
        raise _refuse(path, f"holds a recipe of {len(text)} characters")
    try:
        return Recipe.model_validate_json(text)
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        why = f"{place}: {first['msg']}" if place else str(first["msg"])
        raise _refuse(path, f"holds no valid recipe ({why[:200]})") from None


def backend_of(
    recipe: Recipe, backend: str | None, precision: str | None
) -> tuple[str | None, str | None]:
    """Returns the backend and precision to repeat a picture with.

    What the user names comes first; else those that drew the picture, as
    far as they are here: bits are equal on one backend only.
    """
    before = recipe.versions.get("backend")
    if backend is None and before in installed_backends():
        backend = before
    if backend == before and recipe.versions.get("precision") in PRECISIONS:
        precision = precision or recipe.versions["precision"]
    return backend, precision


def _headers(file: Any) -> Any:
    """Opens a PNG without Pillow's judgement of its size."""
    from PIL.PngImagePlugin import PngImageFile

    try:
        return PngImageFile(file)
    except SyntaxError as error:
        if "not a PNG" in str(error):
            raise UnidentifiedImageError from None
        raise


def _refuse(path: Path, why: str) -> StorageError:
    return StorageError(
        f"{path} {plain(why)}.",
        expected="a PNG that `kn sample` wrote",
        hint="`kn sample RUN` draws new examples",
    )
