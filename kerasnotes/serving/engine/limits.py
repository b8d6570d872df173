"""What a request may ask for at most."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a request may ask for.

    Args:
        max_body: Bytes of a body, before and after it is inflated.
        max_pixels: Pixels of all images of one request together.
        max_rows: Examples of one request.
        max_depth: Nesting of a JSON body.
        timeout: Seconds until a request is given up.
    """

    max_body: int = 32 * 2**20
    max_pixels: int = 8 * 10**6
    max_rows: int = 4096
    max_depth: int = 32
    timeout: float = 30.0
