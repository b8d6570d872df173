"""Did a program ask, or a page that somebody happened to open?

A browser sends some requests of any page to any server, without asking
first; an address on this machine is no protection.

Reference:
    Fetch standard, "CORS-safelisted request-header"; W3C, Fetch Metadata.
"""

from kerasnotes.serving.engine.errors import Code, ServingError

JSON = b"application/json"


def check_sender(headers: dict[bytes, bytes]) -> None:
    """Refuses what a page of another origin made its browser send.

    Programs send no `Origin`; a type of content that pages may send without
    asking first is none of theirs either.

    Args:
        headers: By name in lower case.

    Raises:
        ServingError: If it is not certain that nobody was tricked.
    """
    origin = headers.get(b"origin")
    site = headers.get(b"sec-fetch-site", b"none")
    own = origin is None or origin.partition(b"://")[2] == headers.get(b"host")
    if not own or site not in (b"none", b"same-origin"):
        raise ServingError(
            Code.PERMISSION_DENIED,
            "Pages of other origins may not load or unload models.",
        )
    kind = headers.get(b"content-type", JSON).partition(b";")[0]
    if kind.strip().lower() != JSON:
        raise ServingError(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "Expected Content-Type: application/json.",
        )
