"""All that is wrong with the settings of a policy, a forecaster or the rules, piece by piece."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from autoscaler.core.ports import Policy
from autoscaler.documents.mistakes import Path, Problem, guess, unknown_key
from autoscaler.documents.renamed import REFUSAL, means_quantile
from autoscaler.errors import InvalidInput
from autoscaler.registry import (
    FORECASTERS,
    NESTED_POLICY,
    POLICIES,
    build,
    find_class,
    forecaster_names,
    policy_names,
    told_alone,
    with_nested,
)


def named_problems(group: str, kind: str, names: list[str], name: object, path: Path) -> list[Problem]:
    """What is wrong with the name of a policy or forecaster."""
    if not isinstance(name, str) or name not in names:
        return [Problem(path=path, message=f"no {kind} named {name!r}{guess(str(name), names)}")]
    try:
        find_class(group, kind, name)
    except InvalidInput as problem:
        return [Problem(path=path, message=str(problem))]
    return []


def policy_problems(content: Mapping[str, Any], path: Path) -> list[Problem]:
    """What is wrong with a policy's name and settings, inside others or not."""
    name = content.get(NESTED_POLICY)
    wrong = named_problems(POLICIES, "policy", policy_names(), name, (*path, NESTED_POLICY))
    if wrong:
        return wrong
    if means_quantile(content):
        return [Problem(path=(*path, NESTED_POLICY), message=REFUSAL)]
    kind = find_class(POLICIES, "policy", str(name))
    return settings_problems(kind, content.get("settings") or {}, (*path, "settings"))


def forecaster_problems(content: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a document's forecaster and its settings."""
    name, settings = content.get("forecaster"), content.get("forecaster_settings", {})
    if name is None:
        if not settings:
            return []
        message = "forecaster_settings are given, and no forecaster; name the forecaster, too"
        return [Problem(path=("forecaster_settings",), message=message, at_key=True)]
    if not isinstance(name, str):
        return []  # told by its kind
    wrong = named_problems(FORECASTERS, "forecaster", forecaster_names(), name, ("forecaster",))
    if wrong or not isinstance(settings, Mapping):
        return wrong
    return settings_problems(find_class(FORECASTERS, "forecaster", name), settings, ("forecaster_settings",))


def limits_problems(limits: object) -> list[Problem]:
    """Limits that exclude each other; everything else about them is told by their kinds."""
    if not isinstance(limits, Mapping):
        return []
    least, most = limits.get("min_acu"), limits.get("max_acu")
    if not isinstance(least, int | float) or not isinstance(most, int | float) or least <= most:
        return []
    return [Problem(path=("limits", "min_acu"), message=f"min_acu is {least:g}, above the max_acu of {most:g}")]


def settings_problems(kind: type[Any], settings: object, path: Path) -> list[Problem]:
    """What is wrong with the settings of a frozen dataclass; what it checks as a whole comes last."""
    if not isinstance(settings, Mapping):
        return [Problem(path=path, message=f"give a mapping of settings, not {settings!r}")]
    known = {item.name: item for item in fields(kind) if item.init}
    found = [unknown_key((*path, key), known) for key in settings if key not in known]
    found += [
        Problem(path=path, message=f"'{name}' is missing{_of(path)}")
        for name, item in known.items()
        if name not in settings and _must_be_given(item)
    ]
    hints = get_type_hints(kind)
    for name in known:
        if name in settings:
            found += _value_problems(hints[name], settings[name], (*path, name))
    if not found:
        return _whole_problems(kind, settings, path)
    # What is simple and right so far may still be wrong for this kind: a time zone that does not exist, say.
    wrong = {problem.path[: len(path) + 1] for problem in found}
    simple = {
        name: value
        for name, value in settings.items()
        if name in known and (*path, name) not in wrong and not isinstance(value, list | Mapping)
    }
    return found + [problem for problem in _whole_problems(kind, simple, path) if problem.path != path]


def _whole_problems(kind: type[Any], settings: Mapping[str, Any], path: Path) -> list[Problem]:
    try:
        build(kind, {key: with_nested(value) for key, value in settings.items()}, "")
    except InvalidInput as problem:
        message = str(problem)
        place = path
        for part in message.split(" ", 1)[0].split("."):  # messages begin with the setting they are about
            if part.isidentifier() and (part in settings or place != path):
                place = (*place, part)
        return [Problem(path=place, message=message.removeprefix(": "))]
    return []


def _value_problems(hint: object, value: object, path: Path) -> list[Problem]:
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if value is None and type(None) in options:
        return []
    for option in options:
        if option is Policy:
            return _nested_problems(value, path)
        if isinstance(option, type) and is_dataclass(option):
            return settings_problems(option, value, path)
        if get_origin(option) is tuple and get_args(option)[-1] is Ellipsis:
            return _list_problems(get_args(option)[0], value, path)
    try:
        _adapter(hint).validate_python(value)
    except ValidationError as problems:
        return [Problem(path=path, message=f"{path[-1]}: {told_alone(problems.errors()[0])}")]
    return []


def _list_problems(hint: object, value: object, path: Path) -> list[Problem]:
    if not isinstance(value, list | tuple):
        return [Problem(path=path, message=f"{path[-1]}: give a list, not {value!r}")]
    return [problem for place, item in enumerate(value) for problem in _value_problems(hint, item, (*path, place))]


def _nested_problems(value: object, path: Path) -> list[Problem]:
    if not isinstance(value, Mapping) or NESTED_POLICY not in value:
        message = "a policy inside a policy has a 'policy' (a name) and 'settings'"
        return [Problem(path=path, message=f"{message}, not {value!r}")]
    allowed = (NESTED_POLICY, "settings")
    unknown = [unknown_key((*path, key), allowed) for key in value if key not in allowed]
    return [*unknown, *policy_problems(value, path)]


def _must_be_given(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _of(path: Path) -> str:
    return f" in {'.'.join(str(part) for part in path)}" if path else ""


@cache
def _adapter(hint: object) -> TypeAdapter[object]:
    return TypeAdapter(cast(type[object], hint))
