"""What `--augment` understands: a variation, and what is joined to it."""

import dataclasses

VARIATIONS = ("none", "light", "strong", "rand")
"""Of each image alone: no one, warps of two strengths, RandAugment."""
JOINED = ("mixup", "cutmix", "erasing")
"""Of a batch, after that."""


@dataclasses.dataclass(frozen=True)
class Chosen:
    """One choice, `light+cutmix` in parts.

    Args:
        variation: One of `VARIATIONS`.
        joined: Some of `JOINED`.
    """

    variation: str = "none"
    joined: tuple[str, ...] = ()


def choose(text: str) -> Chosen:
    """Returns the parts of `light`, `mixup`, `rand+cutmix+erasing`.

    Raises:
        ValueError: If one is unknown, said twice, or there are two variations.
    """
    words = text.split("+")
    variations = [word for word in words if word in VARIATIONS]
    joined = tuple(word for word in JOINED if word in words)
    if len(variations) > 1 or len(variations) + len(joined) != len(words):
        raise ValueError(
            f"one of {', '.join(VARIATIONS)} and any of {', '.join(JOINED)}, "
            "with + between, are wanted"
        )
    return Chosen(variations[0] if variations else "none", joined)
