"""The files of the page, read once: nothing in a request is ever a path."""

import hashlib
import importlib.resources

from starlette.requests import Request
from starlette.responses import Response

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; "
    "img-src 'self' data: blob:; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""No script, style or frame from elsewhere; no copy that is out of date."""


class PageFiles:
    """Everything under `kerasnotes/serving/page/static`, in memory."""

    def __init__(self) -> None:
        folder = importlib.resources.files("kerasnotes.serving.page") / "static"
        self._files = {}
        for each in folder.iterdir():
            suffix = "." + each.name.rpartition(".")[2]
            if suffix in TYPES:
                content = each.read_bytes()
                etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
                self._files[each.name] = (content, TYPES[suffix], etag)

    def names(self) -> list[str]:
        return list(self._files)

    def text(self, name: str) -> str:
        """Returns a file's text."""
        return self._files[name][0].decode()

    def answer(self, request: Request, name: str) -> Response | None:
        """Returns a file, or that it is unchanged; `None` if there is none."""
        if name not in self._files:
            return None
        content, media_type, etag = self._files[name]
        headers = {**HEADERS, "ETag": etag}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=media_type)
