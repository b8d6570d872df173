"""What the opacity of a mask file tells: nothing, or the mask itself."""

from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from kerasnotes.data.dataset import Array
from kerasnotes.data.masks.mask_values import pack_colour
from kerasnotes.data.readers.image.image_files import BadImageError

Alpha = Literal["none", "even", "told", "mask", "both"]
"""`none`: the file has no opacity. `even`: one opacity everywhere. `told`: the
colours tell it as well. `mask`: it says what the colours do not. `both`:
either says something of its own."""
PHOTO = 256
"""More colours than this are a photograph: what is cut out is the mask."""


def what_alpha_is(image: Image.Image) -> Alpha:
    """Returns what the opacity of a decoded mask file tells."""
    if not image.has_transparency_data:
        return "none"
    pixels = np.asarray(image.convert("RGBA")).reshape(-1, 4)
    colours, alpha = pack_colour(pixels[:, :3]), pixels[:, 3]
    if alpha.min() == alpha.max():
        return "even"
    known = len(np.unique(colours))
    if known == 1 or known > PHOTO:
        return "mask"
    if len(np.unique(colours.astype("int64") * 256 + alpha)) == known:
        return "told"
    seen = np.unique(colours[alpha > 0])
    return "mask" if len(seen) == 1 else "both"


def read_alpha(image: Image.Image, path: Path) -> Array:
    """Returns the opacity of a decoded mask file, `(H, W)`, uint8.

    Raises:
        DataError: If the file has none.
    """
    if not image.has_transparency_data:
        error = BadImageError(
            f"{path} has no alpha channel.",
            expected="a mask in the alpha channel, as in the other files",
            received=f"a file of mode {image.mode}",
        )
        error.reason = "no alpha channel, where the other masks have theirs"
        raise error
    return np.asarray(image.convert("RGBA").getchannel("A"))
