"""Requests of at most 64 KB on the wire that stand for much more.

For a server of `half_plus_two`, `two` and a model of images, `mlp` or `unet`.
"""

import functools
import gzip
import io
import json
import struct
import zlib

from PIL import Image

from tests.bench.load import make_request
from tests.serving.malformed import HALF, INFER

WIRE = 64 * 1024
"""Bytes of a body, at most."""
INFLATED = 32 * 10**6
"""Bytes that a server inflates, at most."""
KEYS = 20_000
"""Unlike names, which do not compress well, in 64 KB."""
BOM = b"\xef\xbb\xbf"
VALUES = {
    "small numbers": b"1,",
    "numbers": b"1.5,",
    "long numbers": b"-0.12345678901,",
    "large integers": b"184467440737,",
    "strings": b'"a",',
    "texts": b'"\\u20ac",',
    "empty lists": b"[],",
    "lists": b"[1],",
    "nested lists": b"[[[[[[1]]]]]],",
    "objects": b'{"x":1.5},',
    "empty objects": b"{},",
    "bytes": b'{"b64":"AAAA"},',
    "marks": BOM,
    "spaces": b" ",
    "brackets": b"[",
    "nulls": b"null,",
}


def bombs(url, image_model):
    """Yields `(name, request)`.

    Args:
        url: Of the server.
        image_model: Name of a model that takes images.
    """
    path = f"{url}/v1/models/{image_model}:predict"
    for name, item in VALUES.items():
        for suffix, make in (("", _rows), (" and a NaN", _rows_with_nan)):
            body = make(item)
            yield f"gzip of {name}{suffix}", _packed(url + HALF, body)
        yield f"gzip of {name} to v2", _packed(url + INFER, _columns(item))
    yield "gzip of marks alone", _packed(url + HALF, BOM * (INFLATED // 3))
    yield "gzip of keys", _packed(url + HALF, _keys())
    for verb in ("classify", "regress"):
        for name, body in _examples().items():
            there = url + HALF.replace("predict", verb)
            yield f"{verb} {name}", _packed(there, body)
    yield "gzip of a binary tensor", _binary(url + INFER)
    for name, data in images():
        kind = f"image/{name.split()[-1]}"
        yield f"image, {name}", make_request(path, data, kind)
        accept = ("Accept: image/png",)
        yield f"mask of {name}", make_request(path, data, kind, accept)
    yield "form of images", _form(path)
    yield "form of names", _form_of_fields(path)


def _packed(url, body, headers=()):
    packed = gzip.compress(body, 9)
    headers = ("Content-Encoding: gzip", *headers)
    return make_request(url, packed, headers=headers)


def _filled(start, item, end):
    count = (INFLATED - len(start) - len(end) - 9) // len(item)
    return start + item * (count - 1) + item.rstrip(b",") + end


def _rows(item):
    return _filled(b'{"instances":[', item, b"]}")


def _rows_with_nan(item):
    return _filled(b'{"instances":[NaN,', item, b"]}")


def _columns(item):
    tensor = b'{"inputs":[{"name":"x","shape":[4],"datatype":"FP32","data":['
    return _filled(tensor, item, b"]}]}")


def _keys():
    return b"{" + b",".join(b'"%05d":1' % n for n in range(KEYS)) + b"}"


def _examples():
    shared = json.dumps({"c": ["x" * 1000] * 8}).encode()
    head = b'{"context":' + shared + b',"examples":['
    features = b",".join(b'"%05d":1' % n for n in range(KEYS))
    return {
        "empty examples": _filled(b'{"examples":[', b"{},", b"]}"),
        "one feature": _filled(b'{"examples":[{"x":[', b"1.5,", b"]}]}"),
        "many features": b'{"examples":[{' + features + b"}]}",
        "a shared context": head + b"{}," * 4095 + b"{}]}",
    }


def _binary(url):
    count = INFLATED // 4 - 100
    head = json.dumps(
        {
            "inputs": [
                {
                    "name": "x",
                    "shape": [count],
                    "datatype": "FP32",
                    "parameters": {"binary_data_size": 4 * count},
                }
            ]
        }
    ).encode()
    length = f"Inference-Header-Content-Length: {len(head)}"
    return _packed(url, head + bytes(4 * count), [length])


@functools.cache
def images():
    """Returns names, which end in the type, and flat images of 8 megapixels."""
    files = []
    for kind, depth, colour, channels in (
        ("grey", 8, 0, 1),
        ("one bit", 1, 0, 1 / 8),
        ("colour", 8, 2, 3),
        ("colour and opacity", 8, 6, 4),
        ("deep grey", 16, 0, 2),
    ):
        data = flat_png(2828, 2828, depth, colour, channels)
        files.append((f"{kind} png", data))
    files.append(("long png", flat_png(4000, 2000, 8, 0, 1)))
    files.append(("thin png", flat_png(8 * 10**6, 1, 8, 0, 1)))
    files.append(("too large png", flat_png(8000, 8000, 8, 0, 1)))
    buffer = io.BytesIO()
    Image.new("RGB", (2000, 2000)).save(buffer, "JPEG", quality=10)
    files.append(("colour jpeg", buffer.getvalue()))
    return [(name, data) for name, data in files if len(data) <= WIRE]


def flat_png(width, height, depth, colour, channels):
    """Returns a black PNG, `channels` bytes a pixel."""
    row = 1 + -(-int(width * 8 * channels) // 8)
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(row * 64)) for _ in range(height // 64)]
    parts += [packer.compress(bytes(row * (height % 64))), packer.flush()]
    chunks = (b"IHDR", head), (b"IDAT", b"".join(parts)), (b"IEND", b"")
    png = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        end = struct.pack(">I", zlib.crc32(kind + data))
        png += struct.pack(">I", len(data)) + kind + data + end
    return png


def _part(name, data):
    head = f'--edge\r\nContent-Disposition: form-data; name="f"{name}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def _form(url):
    image = flat_png(1000, 1000, 8, 2, 3)
    body = _part('; filename="a"', image) * 8 + b"--edge--\r\n"
    return make_request(url, body, "multipart/form-data; boundary=edge")


def _form_of_fields(url):
    body = _part("", b"") * (WIRE // 60) + b"--edge--\r\n"
    return make_request(url, body, "multipart/form-data; boundary=edge")
