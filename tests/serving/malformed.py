"""More than two hundred ways to ask wrongly, each with what it must get.

For a server of `half_plus_two` (x: float32 `(B,)`) and `two` (a: float32
`(B, 2)`, b: int32 `(B, 2)`; signatures `text` and `total`).
"""

import base64
import gzip
import json
import zlib

from tests.bench.load import make_request

HALF = "/v1/models/half_plus_two:predict"
TWO = "/v1/models/two:predict"
INFER = "/v2/models/half_plus_two/infer"
INFER_TWO = "/v2/models/two/infer"
CLIENT = frozenset({400, 404, 405, 413, 415, 422, 501})
"""What a mistake of the client may be answered with."""


def malformed_requests(url):
    """Returns `(name, request, statuses)` of every malformed request.

    Args:
        url: Of the server, `http://127.0.0.1:8501`.
    """
    requests = []

    def add(name, path, body, expected=CLIENT, **options):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = make_request(url + path, body, **options)
        requests.append((name, request, frozenset(expected)))

    for group in (
        _broken_json,
        _wrong_rows,
        _wrong_columns,
        _wrong_paths,
        _wrong_encodings,
        _wrong_strings,
        _wrong_infer,
        _wrong_binary,
        _wrong_examples,
    ):
        group(add)
    names = [name for name, *_ in requests]
    if len(set(names)) != len(names):
        raise ValueError("two requests have one name")
    return requests


BAD_VALUES = {
    "null": None,
    "true": True,
    "text": "x",
    "number as text": "1",
    "empty text": "",
    "object": {},
    "object with key": {"x": 1.0, "y": 2.0},
    "list": [1.0],
    "nested list": [[1.0]],
    "empty list": [],
    "base64": {"b64": "AAAA"},
    "huge": 1e300,
    "huge integer": 10**300,
}


GOOD = {
    ("name", "text"),
    ("parameters", "null"),
    ("parameters", "object"),
    ("parameters", "object with key"),
    ("parameters", "base64"),
}
"""Values of v2 that are not wrong there."""


def _broken_json(add):
    whole = json.dumps({"instances": [1.0, 2.5, -3e2]}).encode()
    for path, tag in ((HALF, "v1"), (INFER, "v2")):
        for length in range(1, len(whole)):
            add(f"{tag} cut at {length}", path, whole[:length], {400})
        for name, body in {
            "empty": b"",
            "blank": b"  \n",
            "text": b"hello",
            "zero bytes": b"\0\0\0",
            "not utf-8": b'{"instances": ["\xff\xfe"]}',
            "byte order mark 16": whole.decode().encode("utf-16"),
            "single quotes": b"{'instances': [1]}",
            "trailing comma": b'{"instances": [1,]}',
            "trailing text": whole + b"x",
            "two documents": whole + whole,
            "comment": b'{"instances": [1] /* one */}',
            "plus": b'{"instances": [+1]}',
            "leading zero": b'{"instances": [01]}',
            "hex": b'{"instances": [0x10]}',
            "bare list": b"[1.0]",
            "number": b"1.0",
            "null": b"null",
            "deep": b"[" * 500 + b"]" * 500,
            "very deep": b"[" * 200_000,
            "deep value": b'{"instances": '
            + b"[" * 100
            + b"1"
            + b"]" * 100
            + b"}",
            "deep objects": b'{"instances":'
            + b'{"a":' * 5000
            + b"1"
            + b"}" * 5001,
            "long number": b'{"instances": [' + b"9" * 20_000 + b"]}",
            "lone surrogate": b'{"instances": ["\\ud800"]}',
            "not a number alone": b"NaN",
            "nul in a key": b'{"insta\\u0000nces": [1.0]}',
        }.items():
            add(f"{tag} {name}", path, body, {400})


def _wrong_rows(add):
    for name, value in BAD_VALUES.items():
        if name != "list":  # which is one good row
            add(f"instances are {name}", HALF, {"instances": value}, {400})
        add(f"instance is {name}", HALF, {"instances": [value]}, {400})
        add(f"2nd instance {name}", HALF, {"instances": [1.0, value]}, {400})
        add(f"b is {name}", TWO, {"instances": [{"a": [1, 2], "b": value}]})
        add(
            f"in b {name}", TWO, {"instances": [{"a": [1, 2], "b": [1, value]}]}
        )
    for name, instance in {
        "missing b": {"a": [1, 2]},
        "extra c": {"a": [1, 2], "b": [1, 2], "c": 1},
        "float for int": {"a": [1, 2], "b": [1.0, 2.0]},
        "int too large": {"a": [1, 2], "b": [1, 2**31]},
        "three numbers": {"a": [1, 2, 3], "b": [1, 2]},
        "one number": {"a": [1], "b": [1, 2]},
        "no object": [1, 2],
        "wrong case": {"A": [1, 2], "b": [1, 2]},
    }.items():
        add(f"row with {name}", TWO, {"instances": [instance]}, {400})
    good = {"a": [1, 2], "b": [1, 2]}
    add("rows differ", TWO, {"instances": [good, {"a": [1], "b": [1]}]}, {400})
    add("plain list", TWO, {"instances": [[1, 2]]}, {400})
    add("ragged", HALF, {"instances": [[1], [1, 2]]}, {400})
    add("too many rows", HALF, {"instances": [1.0] * 5000}, {400})


def _wrong_columns(add):
    for name, value in BAD_VALUES.items():
        # An empty list and one list of numbers are good columns.
        if name not in ("list", "empty list"):
            add(f"inputs are {name}", HALF, {"inputs": value}, {400})
        add(f"inputs x {name}", HALF, {"inputs": {"y": value}}, {400})
        column = {"a": [[1, 2]], "b": value}
        add(f"column b {name}", TWO, {"inputs": column}, {400})
    for name, body in {
        "both": {"inputs": [1.0], "instances": [1.0]},
        "neither": {},
        "misspelt": {"instance": [1.0]},
        "signature unknown": {"instances": [1.0], "signature_name": "x"},
        "signature number": {"instances": [1.0], "signature_name": 1},
        "signature null": {"instances": [1.0], "signature_name": None},
        "signature list": {"instances": [1.0], "signature_name": ["x"]},
        "scalar": {"inputs": {"x": 1.0}},
    }.items():
        add(f"body with {name}", HALF, body, {400})
    add("total of two", TWO, {"signature_name": "total", "inputs": [1.0, 2.0]})


def _wrong_paths(add):
    body = {"instances": [1.0]}
    for path in (
        "/v1/models/nope:predict",
        "/v1/models/half_plus_two/versions/9:predict",
        "/v1/models/half_plus_two/versions/99999999999999999999:predict",
        "/v1/models/half_plus_two/versions/x:predict",
        "/v1/models/half_plus_two/versions/-1:predict",
        "/v1/models/half_plus_two/labels/nope:predict",
        "/v1/models/half_plus_two/label/x:predict",
        "/v1/models/half_plus_two/versions/123/labels/x:predict",
        "/v1/models/half_plus_two:explain",
        "/v1/models/half_plus_two:",
        "/v1/models/half_plus_two",
        "/v1/models/half_plus_two/metadata",
        "/v1/models/:predict",
        "/v1/models//versions/1:predict",
        "/v1/models/half_plus_two:predict/",
        "/v1/models/..%2f..%2fetc%2fpasswd:predict",
        "/v1/models/%2e%2e:predict",
        "/v1/models/%00:predict",
        "/v1/models/%ff%fe:predict",
        "/v1/models/" + "a" * 5000 + ":predict",
        "/v1/",
        "/v1/nope",
        "/v2/models/nope/infer",
        "/v2/models/half_plus_two/versions/9/infer",
        "/v2/models/half_plus_two/versions/x/infer",
        "/v2/models/half_plus_two/explain",
        "/v2/models/../../etc/passwd/infer",
        "/v2/nope",
        "/v2/repository/models/half_plus_two/unload/x",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/api/models/nope/sample",
        "/api/models/half_plus_two/sample",
        "/nope",
    ):
        add(f"POST {path[:60]}", path, body)
    for method in ("PUT", "DELETE", "PATCH"):
        add(f"{method} predict", HALF, body, method=method)
        add(f"{method} infer", INFER, body, method=method)
    add("unload", "/v2/repository/models/half_plus_two/unload", {}, {403})


def _wrong_encodings(add):
    whole = json.dumps({"instances": [1.0]}).encode()
    packed = gzip.compress(whole)
    bomb = gzip.compress(b" " * (80 * 2**20))
    for name, body, encoding in (
        ("gzip cut", packed[:-6], "gzip"),
        ("gzip of nothing", b"", "gzip"),
        ("gzip that is none", whole, "gzip"),
        ("gzip damaged", packed[:12] + b"\xff\xff" + packed[14:], "gzip"),
        ("gzip and more", packed + b"x", "gzip"),
        ("gzip bomb", bomb, "gzip"),
        ("deflate damaged", zlib.compress(whole)[:-3], "deflate"),
        ("unknown encoding", whole, "br"),
        ("two encodings", packed, "gzip, gzip"),
    ):
        for path, tag in ((HALF, "v1"), (INFER, "v2")):
            headers = (f"Content-Encoding: {encoding}",)
            add(f"{tag} {name}", path, body, headers=headers)
    for kind in ("image/png", "image/jpeg", "multipart/form-data"):
        add(f"{kind} to numbers", HALF, b"\x89PNG\r\n\x1a\n", content_type=kind)


def _wrong_strings(add):
    for name, value in {
        "bad base64": {"b64": "***"},
        "cut base64": {"b64": "QUJ"[:1]},
        "base64 number": {"b64": 1},
        "base64 and more": {"b64": "QUJD", "x": 1},
        "other key": {"b65": "QUJD"},
        "number": 1,
        "true": True,
        "null": None,
        "list": ["x"],
    }.items():
        body = {"signature_name": "text", "instances": [value]}
        add(f"string {name}", TWO, body, {400})


def _tensor(**changes):
    tensor = {"name": "x", "shape": [2], "datatype": "FP32", "data": [1, 2]}
    return {**tensor, **changes}


def _wrong_infer(add):
    for name, value in BAD_VALUES.items():
        add(f"v2 inputs {name}", INFER, {"inputs": value}, {400})
        add(f"v2 input {name}", INFER, {"inputs": [value]}, {400})
        for key in ("name", "shape", "datatype", "data", "parameters"):
            if (key, name) in GOOD:
                continue
            tensor = _tensor(**{key: value})
            add(f"v2 {key} {name}", INFER, {"inputs": [tensor]}, {400})
    for name, tensor in {
        "shape too long": _tensor(shape=[2, 1]),
        "shape too large": _tensor(shape=[2**40]),
        "shape overflow": _tensor(shape=[2**62, 4]),
        "shape negative": _tensor(shape=[-1]),
        "shape float": _tensor(shape=[2.0]),
        "shape and data": _tensor(shape=[3]),
        "wrong datatype": _tensor(datatype="INT32"),
        "unknown datatype": _tensor(datatype="FP31"),
        "ragged": _tensor(data=[[1], [1, 2]]),
        "no name": {k: v for k, v in _tensor().items() if k != "name"},
        "no data": {k: v for k, v in _tensor().items() if k != "data"},
        "binary without bytes": _tensor(parameters={"binary_data_size": 8}),
        "other name": _tensor(name="y"),
    }.items():
        add(f"v2 {name}", INFER, {"inputs": [tensor]}, {400})
    add("v2 twice", INFER, {"inputs": [_tensor(), _tensor()]}, {400})
    add("v2 without inputs", INFER, {}, {400})
    output = {"inputs": [_tensor()], "outputs": [{"name": "nope"}]}
    add("v2 unknown output", INFER, output, {400})
    add("v2 outputs text", INFER, {**output, "outputs": "y"}, {400})
    add("v2 one of two", INFER_TWO, {"inputs": [_tensor(name="a")]}, {400})


def _wrong_binary(add):
    tensor = _tensor(parameters={"binary_data_size": 8})
    del tensor["data"]
    head = json.dumps({"inputs": [tensor]}).encode()
    data = bytes(8)
    for name, length, body in (
        ("header too long", len(head) + 100, head + data),
        ("header too short", 5, head + data),
        ("header negative", -1, head + data),
        ("header no number", "x", head + data),
        ("header huge", 10**30, head + data),
        ("data too short", len(head), head + data[:5]),
        ("data too long", len(head), head + data + data),
        ("no data", len(head), head),
    ):
        headers = (f"Inference-Header-Content-Length: {length}",)
        add(f"binary {name}", INFER, body, {400}, headers=headers)


def _wrong_examples(add):
    good = {"x": 1.0}
    text = base64.b64encode(b"abc").decode()
    for verb in ("classify", "regress"):
        path = f"/v1/models/half_plus_two:{verb}"
        for name, body in {
            "no examples": {},
            "null": {"examples": None},
            "number": {"examples": 1},
            "empty": {"examples": []},
            "no object": {"examples": [1]},
            "not for this model": {"examples": [good]},
            "nested": {"examples": [{"x": [[1]]}]},
            "mixed": {"examples": [{"x": [1, "a"]}]},
            "object": {"examples": [{"x": {"y": 1}}]},
            "bytes": {"examples": [{"x": {"b64": text}}]},
            "context": {"examples": [good], "context": 1},
        }.items():
            add(f"{verb} {name}", path, body, {400})
