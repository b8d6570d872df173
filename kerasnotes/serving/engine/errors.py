"""What a request can end with: TensorFlow's status codes and their texts.

Every protocol writes the same error in its own form: an HTTP status with
`{"error": ...}`, or a gRPC status.
"""

import enum


class Code(enum.Enum):
    """A canonical status; its value is gRPC's number and HTTP's status.

    Reference:
        TensorFlow Serving, `util/status_util.cc` and `http_server.cc`.
    """

    INVALID_ARGUMENT = (3, 400)
    DEADLINE_EXCEEDED = (4, 504)
    NOT_FOUND = (5, 404)
    PERMISSION_DENIED = (7, 403)
    RESOURCE_EXHAUSTED = (8, 429)
    FAILED_PRECONDITION = (9, 400)
    ABORTED = (10, 409)
    UNIMPLEMENTED = (12, 501)
    INTERNAL = (13, 500)
    UNAVAILABLE = (14, 503)
    DATA_LOSS = (15, 500)
    UNAUTHENTICATED = (16, 401)
    # Not of TensorFlow; gRPC knows these as what they most resemble.
    PAYLOAD_TOO_LARGE = (8.0, 413)
    UNSUPPORTED_MEDIA_TYPE = (3.0, 415)
    REQUEST_TIMEOUT = (4.0, 408)

    @property
    def grpc(self) -> int:
        """Number of the gRPC status."""
        return int(self.value[0])

    @property
    def http(self) -> int:
        """HTTP status."""
        return int(self.value[1])


class ServingError(Exception):
    """A request that is answered by an error.

    Args:
        code: Its status.
        message: What the client is told.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class GraphError(ServingError):
    """Values that a graph refuses, in the framework's words.

    Args:
        message: Those words.
    """

    def __init__(self, message: str) -> None:
        super().__init__(Code.INVALID_ARGUMENT, message)


def invalid(message: str) -> ServingError:
    """Returns the error of a request that cannot be understood."""
    return ServingError(Code.INVALID_ARGUMENT, message)
