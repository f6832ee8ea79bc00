"""Forecasters and policies by name, found through entry points, built from plain settings."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from autoscaler.core.ports import Forecaster, Policy
from autoscaler.errors import InvalidInput, UnknownName

FORECASTERS = "autoscaler.forecasters"
POLICIES = "autoscaler.policies"
# A mapping with this key, anywhere in a policy's settings, is a policy inside a policy.
NESTED_POLICY = "policy"
T = TypeVar("T")
STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


def forecaster_names() -> list[str]:
    """All registered forecasters."""
    return list(_names_of(FORECASTERS))


def policy_names() -> list[str]:
    """All registered policies."""
    return list(_names_of(POLICIES))


@cache  # each look reads the metadata of every installed package
def _names_of(group: str) -> tuple[str, ...]:
    return tuple(sorted(entry_points(group=group).names))


@cache
def find_class(group: str, kind: str, name: str) -> type[Any]:
    """The class registered under a name.

    Raises:
        UnknownName: there is none; the message lists those that exist.
        InvalidInput: it is registered but broken.
    """
    found = entry_points(group=group, name=name)
    if not found:
        raise UnknownName(kind, name, entry_points(group=group).names)
    try:
        loaded: type[Any] = next(iter(found)).load()
    except (ImportError, AttributeError) as problem:
        raise InvalidInput(f"the {kind} {name} is registered but cannot be loaded: {problem}") from None
    return loaded


def make_forecaster(name: str, settings: Mapping[str, object] | None = None) -> Forecaster:
    """A forecaster with its settings.

    Raises:
        InvalidInput: an unknown name, or settings it does not have or cannot use.
    """
    kind: type[Forecaster] = find_class(FORECASTERS, "forecaster", name)
    return build(kind, settings or {}, f"forecaster {name}")


def make_policy(name: str, settings: Mapping[str, object] | None = None) -> Policy:
    """A policy with its settings; a mapping such as ``{policy: reactive, settings: {...}}`` inside becomes one too.

    Raises:
        InvalidInput: an unknown name, or settings it does not have or cannot use.
    """
    inner = {key: with_nested(value) for key, value in (settings or {}).items()}
    kind: type[Policy] = find_class(POLICIES, "policy", name)
    return build(kind, inner, f"policy {name}")


def build(kind: type[T], settings: Mapping[str, object], where: str) -> T:
    """A frozen dataclass from plain settings; unknown keys are refused, all errors are told at once.

    Raises:
        InvalidInput: naming ``where``, each setting and what is wrong with it.
    """
    adapter: TypeAdapter[T] = adapter_of(kind)  # type: ignore[arg-type] # a class is hashable, whatever it is of
    try:
        return adapter.validate_python(dict(settings))
    except ValidationError as problems:
        raise InvalidInput(f"{where}: {told(problems)}") from None


def read_back(kind: type[T], kept: Mapping[str, object], where: str) -> T:
    """A dataclass from what was kept of one; a newer version may have kept more, which is left out.

    Otherwise a replica of the version before could neither go on beside a newer one nor come back after it.

    Raises:
        InvalidInput: naming ``where`` and what is wrong with what is known.
    """
    adapter: TypeAdapter[T] = adapter_of(kind)  # type: ignore[arg-type] # a class is hashable, whatever it is of
    try:
        return adapter.validate_python(dict(kept), extra="ignore")
    except ValidationError as problems:
        raise InvalidInput(f"{where}: {told(problems)}") from None


def told(problems: ValidationError) -> str:
    """All errors of a validation in one line."""
    return "; ".join(_told_one(error) for error in problems.errors())


def told_alone(error: ErrorDetails) -> str:
    """What is wrong with a value, without its place."""
    if error["type"] == "missing":
        return "is missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}, not {error['input']!r}"


def _told_one(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "the whole"
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"there is no setting '{place}'"
    return f"{place}: {told_alone(error)}"


def with_nested(value: object) -> object:
    """The same settings, with policies in the place of mappings that name one.

    Raises:
        InvalidInput: an unknown name, or settings it does not have or cannot use.
    """
    if isinstance(value, Mapping):
        if NESTED_POLICY in value:
            return _nested(value)
        return {key: with_nested(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [with_nested(inner) for inner in value]
    return value


def _nested(value: Mapping[str, object]) -> Policy:
    name, settings = value[NESTED_POLICY], value.get("settings") or {}
    unknown = set(value) - {NESTED_POLICY, "settings"}
    if unknown or not isinstance(name, str) or not isinstance(settings, Mapping):
        raise InvalidInput(f"a policy inside a policy has a 'policy' (a name) and 'settings', not {dict(value)}")
    return make_policy(name, settings)


@cache  # making one takes milliseconds, and the journal reads thousands of values
def adapter_of(kind: type[Any]) -> TypeAdapter[Any]:
    """What builds a dataclass from plain settings, strictly."""
    for inner in {kind, *_inner_dataclasses(kind)}:
        if "__pydantic_config__" not in vars(inner):
            inner.__pydantic_config__ = STRICT  # plain dataclasses would silently ignore unknown keys
    return TypeAdapter(kind)


def _inner_dataclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for hint in get_type_hints(kind).values():
        for part in (hint, *_parts(hint)):
            if isinstance(part, type) and is_dataclass(part):
                yield part
                yield from _inner_dataclasses(part)


def _parts(hint: object) -> Iterator[object]:
    for part in get_args(hint):
        yield part
        yield from _parts(part)
