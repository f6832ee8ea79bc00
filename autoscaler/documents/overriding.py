"""Copies of nested values with some of their fields changed."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from autoscaler.errors import InvalidInput
from autoscaler.registry import build

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def override(value: T, changes: Mapping[str, Any], where: str) -> T:
    """A copy of a nested dataclass with some fields changed; nested mappings change nested values.

    Raises:
        InvalidInput: there is no such field, or the result is not valid.
    """
    if not changes:
        return value
    settings = {item.name: getattr(value, item.name) for item in fields(value)}
    for name, change in changes.items():
        if name not in settings:
            raise InvalidInput(f"{where}: there is no '{name}'; there are: {', '.join(sorted(settings))}")
        nested = is_dataclass(settings[name]) and isinstance(change, Mapping)
        settings[name] = override(settings[name], change, f"{where}.{name}") if nested else change
    return build(type(value), settings, where)
