"""The key that clients send, in HTTP's headers or gRPC's metadata."""

import hmac


def is_right(key: bytes, authorization: bytes, x_api_key: bytes) -> bool:
    """Compares what was sent, in a time that tells nothing of the key.

    Args:
        key: What must be sent.
        authorization: `Bearer KEY`, or anything else.
        x_api_key: Looked at where the first names no bearer.
    """
    sent = x_api_key
    if authorization[:7].lower() == b"bearer ":
        sent = authorization[7:].strip()
    return hmac.compare_digest(sent, key)
