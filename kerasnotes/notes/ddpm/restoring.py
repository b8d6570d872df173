"""In-painting and super-resolution: what a diffusion model makes of files.

The image is drawn as any other, by DPM++ 2M on Karras' levels, conditioned
on the known image and on no class. Known pixels come back as they were.
"""

import numpy as np
from keras import ops

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.generation import Request
from kerasnotes.data.dataset import Array
from kerasnotes.data.spec import Spec
from kerasnotes.layers.value_scale import ValueScale
from kerasnotes.notes.ddpm.drawing import Drawing
from kerasnotes.notes.ddpm.known_image import KnownImage


class Restoring:
    """The part of a `DDPM` that `kn predict` and `kn eval` ask."""

    known: KnownImage
    value_scale: ValueScale
    drawing: Drawing

    @property
    def restores(self) -> bool:
        """Whether the model was trained to restore."""
        return self.known.channels > 0

    @property
    def fills_gaps(self) -> bool:
        """Whether it restores missing pixels; else it enlarges."""
        return self.known.condition == "inpaint"

    def damaged_spec(self) -> Spec:
        """Returns what the images look like that `restore` takes.

        Raises:
            UsageError: If the model was trained without a condition.
        """
        if not self.restores:
            raise UsageError(
                "This run was trained to draw whole images only.",
                received="condition=none",
                hint="train with --set condition=inpaint or condition=superres",
            )
        return self.known.given

    def damage(self, values: Array) -> Array:
        """Returns whole images as `restore` takes them, raw."""
        return self.known.damage(values)

    def restore(self, values: Array, seed: int) -> Array:
        """Returns whole images `(B, H, W, C)`, raw, float32.

        Args:
            values: For `inpaint`, raw images `(B, H, W, C)`, `nan` where a
                pixel is missing; for `superres`, small ones,
                `(B, H / factor, W / factor, C)`.
            seed: Of the noise; image i has that of `(seed, i)`.

        Raises:
            UsageError: If the model was trained without a condition.
            ValueError: If the shape is another.
        """
        shape = self.damaged_spec().input.shape
        values = np.asarray(values, "float32")
        if values.shape[1:] != shape:
            raise ValueError(
                f"`values` must be of shape (B, *{shape}). Received: "
                f"values.shape={values.shape}"
            )
        missing = np.isnan(values).any(axis=-1, keepdims=True)
        known = self._encode(values, missing)
        request = Request(
            len(values), seed, sampler="dpmpp_2m", schedule="karras"
        )
        drawn = self.drawing.generate(request, known=known).values
        return np.where(missing, drawn, values) if self.fills_gaps else drawn

    def _encode(self, values: Array, missing: Array) -> Array:
        """Returns the channels that the network is given."""
        scaled = self.value_scale.to_unit(np.where(missing, 0.0, values))
        if self.fills_gaps:
            known = self.known.encode(scaled, (~missing).astype("float32"))
        else:
            known = self.known.enlarge(scaled)
        return np.asarray(ops.convert_to_numpy(known))
