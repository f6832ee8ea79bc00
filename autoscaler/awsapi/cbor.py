"""The binary form of the same documents as JSON, which CloudWatch and Performance Insights speak, too (RFC 8949)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from struct import pack
from typing import Any

from autoscaler.awsapi.faults import Fault

MEDIA_TYPE = "application/cbor"
UNSIGNED, NEGATIVE, TEXT, ARRAY, MAP, TAG, SIMPLE = 0, 1, 3, 4, 5, 6, 7
FALSE, TRUE, NULL, DOUBLE = 20, 21, 22, 27
EPOCH = 1  # the tag of seconds since 1970


def loads(body: bytes) -> Any:  # noqa: ANN401 - any document
    """The document in a body.

    Raises:
        Fault: it is none.
    """
    from botocore.parsers import ResponseParserError, RpcV2CBORParser

    parser = RpcV2CBORParser()
    try:
        return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
    except (ResponseParserError, ValueError, IndexError, OverflowError):
        raise Fault("SerializationException", "the body is no CBOR") from None


def dumps(value: object) -> bytes:
    """A document as bytes.

    Raises:
        TypeError: it holds something that has no form in CBOR.
    """
    match value:
        case None | bool():
            return _head(SIMPLE, NULL if value is None else TRUE if value else FALSE)
        case int():
            return _head(UNSIGNED, value) if value >= 0 else _head(NEGATIVE, -1 - value)
        case float():
            return _head(SIMPLE, DOUBLE) + pack(">d", value)
        case str():
            text = value.encode()
            return _head(TEXT, len(text)) + text
        case datetime():
            return _head(TAG, EPOCH) + dumps(value.astimezone(UTC).timestamp())
        case Mapping():
            return _head(MAP, len(value)) + b"".join(dumps(key) + dumps(one) for key, one in value.items())
        case list() | tuple():
            return _head(ARRAY, len(value)) + b"".join(map(dumps, value))
    raise TypeError(f"{type(value).__name__} has no form in CBOR")


def _head(major: int, number: int) -> bytes:
    """The type of what follows, and a number: its value, length, or kind."""
    if number < 24 or major == SIMPLE:
        return pack(">B", major << 5 | number)
    for place, (size, form) in enumerate(((1, ">B"), (2, ">H"), (4, ">I"), (8, ">Q"))):
        if number < 1 << 8 * size:
            return pack(">B", major << 5 | 24 + place) + pack(form, number)
    raise TypeError(f"{number} has no form in CBOR")
