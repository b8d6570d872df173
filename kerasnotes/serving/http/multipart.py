"""Files of a form, `multipart/form-data`, kept in memory.

The parser is python-multipart's, by way of Starlette's.
"""

import logging
from collections.abc import AsyncGenerator

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from kerasnotes.serving.engine.errors import invalid

# Every damaged form would write a line of its client's choosing to the log.
logging.getLogger("python_multipart").setLevel(logging.ERROR)
MOST = 1000
"""Files and fields of one form."""


class _InMemory(MultiPartParser):
    """Never writes to the disk; the body's own limit bounds it."""

    spool_max_size = 2**40


async def read_files(body: bytes, content_type: bytes) -> list[bytes]:
    """Returns the content of each file of a form, in order.

    Args:
        body: The form.
        content_type: The header, with its boundary.

    Raises:
        ServingError: If it is damaged, or holds no file.
    """

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    headers = Headers(raw=[(b"content-type", content_type)])
    parser = _InMemory(headers, stream(), max_files=MOST, max_fields=MOST)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise invalid(f"The form is damaged: {error.message}") from error
    except (KeyError, ValueError) as error:
        # No boundary, or a name that is no text.
        raise invalid("The form is damaged.") from error
    try:
        files = [v for _, v in form.multi_items() if isinstance(v, UploadFile)]
        if not files:
            raise invalid("The form holds no file.")
        return [await file.read() for file in files]
    finally:
        await form.close()
