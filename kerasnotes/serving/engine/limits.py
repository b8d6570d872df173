"""What a request may ask for at most."""

from kerasnotes.serving.engine.option import Settings, option


class Limits(Settings):
    """What a request may ask for.

    Args:
        timeout: Seconds until a request is given up.
        max_body: Bytes of a body, before and after it is inflated.
        max_rows: Examples of one request.
        max_pixels: Pixels of all images of one request together.
        max_depth: Nesting of a JSON body.
    """

    timeout: float = option(
        "--timeout",
        30.0,
        "Then a request is answered by 504.",
        unit="SECONDS",
        ge=0.001,
        le=3600,
    )
    max_body: int = option(
        "--max-body",
        32 * 10**6,
        "Largest body of a request.",
        unit="MB",
        scale=10**6,
        ge=10**3,
        le=2048 * 10**6,
    )
    max_rows: int = option(
        "--max-rows", 4096, "Most examples of one request.", ge=1
    )
    max_pixels: int = option(
        "--max-pixels",
        8 * 10**6,
        "Pixels of all images of one request.",
        unit="MILLIONS",
        scale=10**6,
        ge=10**4,
        le=1000 * 10**6,
    )
    max_depth: int = 32
