"""Pictures by name, made when they are looked at."""

import base64
import functools
import html
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from PIL import Image

from kerasnotes.contracts.report import Draw

PICTURES = (".png", ".gif")


class Pictures(Mapping[str, Image.Image]):
    """Pictures by name; a notebook shows one that a cell ends with.

    Args:
        makers: What makes each.
    """

    def __init__(self, makers: Mapping[str, Callable[[], Image.Image]]) -> None:
        self._makers = dict(makers)

    def __getitem__(self, name: str) -> Image.Image:
        return self._makers[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __repr__(self) -> str:
        return f"Pictures({', '.join(self)})"


def in_folder(folder: Path | None, hidden: str = "eval-") -> Pictures:
    """Returns the pictures of a folder by their stems.

    Args:
        folder: The folder; `None` has none.
        hidden: How names begin that are left out.
    """
    found = folder.iterdir() if folder else ()
    paths = sorted(path for path in found if path.suffix in PICTURES)
    return Pictures(
        {
            path.stem: functools.partial(open_picture, path)
            for path in paths
            if not path.name.startswith(hidden)
        }
    )


def drawn(draws: Mapping[str, Draw]) -> Pictures:
    """Returns pictures that are drawn anew whenever they are looked at."""
    return Pictures(
        {name: functools.partial(_draw, draw) for name, draw in draws.items()}
    )


def open_picture(path: Path) -> Image.Image:
    """Reads a picture whole; no file stays open."""
    with Image.open(path) as image:
        image.load()
        return image.copy()


def _draw(draw: Draw) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "picture.png")
        draw(path)
        return open_picture(path)


def to_png(picture: Image.Image) -> bytes:
    """Returns a picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def to_html(
    title: str, numbers: Mapping[str, float], picture: Image.Image | None
) -> str:
    """Returns a title, a table of numbers and a picture, for a notebook."""
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{value:.4f}</td></tr>"
        for name, value in numbers.items()
    )
    markup = f"<p><b>{html.escape(title)}</b></p><table>{rows}</table>"
    if picture is not None:
        data = base64.b64encode(to_png(picture)).decode("ascii")
        markup += f'<img src="data:image/png;base64,{data}">'
    return markup
