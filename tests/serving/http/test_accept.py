"""Which form is sent: RFC 9110's examples, and what browsers send."""

import pytest

from kerasnotes.serving.http.accept import prefers

pytestmark = pytest.mark.once
CHROME_PAGE = (
    b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
    b"image/webp,image/apng,*/*;q=0.8"
)
CHROME_IMAGE = b"image/avif,image/webp,image/apng,image/*,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (b"", False),
        (b"*/*", False),
        (b"image/png", True),
        (b"IMAGE/PNG", True),
        (b"image/*", True),
        (b"application/json", False),
        (b"image/png, application/json", True),
        (b"application/json, image/png", True),
        (b"image/png;q=0", False),
        (b"image/png; q=0.0, */*", False),
        (b"image/png;q=0.5, application/json", False),
        (b"image/png;q=0.5, application/json;q=0.4", True),
        (b"image/png, */*;q=0.1", True),
        (b"application/json;q=0, */*", True),
        (b"image/*;q=0.2, image/png;q=0, */*;q=0.1", False),
        (b"image/png;level=1;q=0.3, application/json;q=0.2", True),
        (b"image/png;q=2", False),
        (b"image/png;q=", False),
        (b"image/png;q=nan", False),
        (b"x-image/png", False),
        (b"image/png2", False),
        (b"text/image/png", False),
        (b"text/html", False),
        (b"\xff\xfe,;,=;q", False),
        (CHROME_PAGE, False),
        (CHROME_IMAGE, True),
    ],
    ids=str,
)
def test_the_closest_range_decides(accept, expected):
    assert prefers(accept, "image/png", "application/json") is expected
