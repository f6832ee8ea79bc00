"""CBOR, against the examples of its standard (RFC 8949, appendix A) and botocore's own reader."""

from datetime import UTC, datetime

import pytest

from autoscaler.awsapi.cbor import dumps, loads
from autoscaler.awsapi.faults import Fault


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (1000, "1903e8"),
        (1_000_000, "1a000f4240"),
        (18_446_744_073_709_551_615, "1bffffffffffffffff"),
        (-1, "20"),
        (-1000, "3903e7"),
        (1.1, "fb3ff199999999999a"),
        (False, "f4"),
        (True, "f5"),
        (None, "f6"),
        ("IETF", "6449455446"),
        ("ü", "62c3bc"),
        ([], "80"),
        ([1, [2, 3], [4, 5]], "8301820203820405"),
        ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
        (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ],
    ids=repr,
)
def test_a_document_has_the_bytes_of_the_standard(value: object, told: str) -> None:
    assert dumps(value).hex() == told
    assert loads(bytes.fromhex(told)) == value


def test_a_moment_is_seconds_since_1970() -> None:
    moment = datetime(2026, 3, 2, 8, 0, 0, 500_000, tzinfo=UTC)

    assert dumps(moment)[:1].hex() == "c1"
    assert loads(dumps(moment)) == moment


@pytest.mark.parametrize("body", [b"\x1b", b"\x62a", b"\xff", b"\x9b\xff"], ids=repr)
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(Fault, match="the body is no CBOR"):
        loads(body)


def test_what_has_no_form_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="set has no form in CBOR"):
        dumps({1})
    with pytest.raises(TypeError, match="has no form in CBOR"):
        dumps(1 << 64)
