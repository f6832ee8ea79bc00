"""Core values as plain data for JSON, ready to be read back field by field."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from math import isfinite
from typing import Any


def to_plain(value: object) -> object:
    """Nested dicts, lists, strings and numbers; a datetime becomes ISO 8601, an infinite number its name.

    Raises:
        TypeError: for a value that no document can hold.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_plain(getattr(value, name)) for name in _names(type(value))}
    raise TypeError(f"a {type(value).__name__} has no plain form")


@cache  # the journal writes some twenty values a decision, of the same few kinds
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))
