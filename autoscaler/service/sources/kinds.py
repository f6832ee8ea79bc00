"""The kinds of clusters: another one is a file and a line here."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from autoscaler.config import Document
from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.registry import told
from autoscaler.service.sources.aurora import AURORA
from autoscaler.service.sources.postgres import POSTGRES
from autoscaler.service.sources.prometheus import PROMETHEUS
from autoscaler.service.sources.pushed import PUSHED
from autoscaler.service.sources.simulated import SIMULATED
from autoscaler.service.sources.source import Kind

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (SIMULATED, PUSHED, AURORA, PROMETHEUS, POSTGRES)}


def find_kind(name: str) -> Kind:
    """The kind of that name.

    Raises:
        UnknownName: there is none.
    """
    if name not in KINDS:
        raise UnknownName("kind of clusters", name, KINDS)
    return KINDS[name]


def identity_of(kind: str, source: Mapping[str, Any]) -> str | None:
    """What a cluster is at its provider, whatever it is called here; None where only its id says so."""
    return find_kind(kind).identity(source)


def account_of(kind: str, source: Mapping[str, Any]) -> str:
    """Whose calls are counted together: `aurora/prod`, or all of a kind."""
    found = find_kind(kind)
    return "/".join(filter(None, (found.name, found.account(source))))


def is_paced(account: str) -> bool:
    """Whether whoever makes the calls of an account sees to it that they are not too many."""
    return any(kind.paces_itself and account.startswith(f"{kind.name}/") for kind in KINDS.values())


def read_source_settings(given: Mapping[str, Any]) -> dict[str, Document]:
    """What each kind has to know, by its name; nothing was said of those that are left out.

    Raises:
        InvalidInput: a kind is unknown, or what is said of it cannot be used.
    """
    for name in given:
        find_kind(name)
    return {name: _read(kind, given.get(name) or {}) for name, kind in KINDS.items()}


def _read(kind: Kind, given: object) -> Document:
    try:
        return kind.settings.model_validate(given)
    except ValidationError as problems:
        raise InvalidInput(f"sources.{kind.name}: {told(problems)}") from None
