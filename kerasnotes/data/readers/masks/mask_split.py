"""Images with masks, decoded when asked for."""

import dataclasses
from pathlib import Path

import numpy as np

from kerasnotes.data.dataset import Array
from kerasnotes.data.masks.mask_encoder import Encoder
from kerasnotes.data.readers.image.image_info import ImageInfo
from kerasnotes.data.readers.image.images import read_input
from kerasnotes.data.readers.masks.mask_files import MaskContent, Way, read_mask
from kerasnotes.data.spec import Spec


@dataclasses.dataclass(frozen=True)
class MaskPair:
    """An image file and its mask.

    Args:
        name: What messages call it.
        image: The image file.
        mask: The mask file.
        info: The image's header.
        content: What the mask holds.
    """

    name: str
    image: Path
    mask: Path
    info: ImageInfo
    content: MaskContent

    @property
    def bytes(self) -> int:
        """What image and mask take decoded."""
        height, width = self.info.size
        depth = np.dtype(self.info.dtype).itemsize * self.info.channels
        return height * width * (depth + 4)


class MaskSplit:
    """Pairs of image and mask.

    Args:
        pairs: The files.
        spec: Channels and dtype that all images are read as.
        way: How masks are read.
        encoder: Turns raw mask values into class numbers.
        cached: Whether to keep what was decoded.
    """

    CACHE = 512 * 2**20
    """Largest decoded set, bytes, that is kept in memory."""

    def __init__(
        self,
        pairs: list[MaskPair],
        spec: Spec,
        way: Way,
        encoder: Encoder,
        cached: bool,
    ) -> None:
        self.pairs, self.spec = pairs, spec
        self.way, self.encoder = way, encoder
        self._cache: dict[int, tuple[Array, Array]] | None = (
            {} if cached else None
        )

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        if self._cache is not None and index in self._cache:
            return self._cache[index]
        pair = self.pairs[index]
        x = read_input(pair.image, self.spec)
        raw = read_mask(pair.mask, self.way)
        example = x, self.encoder(raw, pair.name)
        if self._cache is not None:
            self._cache[index] = example
        return example

    def size(self, index: int) -> tuple[int, int]:
        """Returns height and width without decoding."""
        return self.pairs[index].info.size

    def name(self, index: int) -> str:
        return self.pairs[index].name

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))

    def take(self, rows: Array) -> "MaskSplit":
        pairs, cached = [self.pairs[i] for i in rows], self._cache is not None
        return MaskSplit(pairs, self.spec, self.way, self.encoder, cached)

    def read_as(self, spec: Spec) -> "MaskSplit":
        cached = self._cache is not None
        return MaskSplit(self.pairs, spec, self.way, self.encoder, cached)
