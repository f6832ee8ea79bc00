"""What documents called otherwise before: what covers a quantile of a forecast was ``predictive`` once."""

from collections.abc import Mapping
from typing import Any

BEFORE, NOW = "predictive", "quantile"
SETTINGS_OF_BEFORE = frozenset({"quantile", "target_utilization", "horizon_seconds", "guard"})
REFUSAL = (
    f"{BEFORE} plans by what followed on moments of the past: it asks no forecaster and has no quantile, horizon or"
    f" guard; the policy that has them is called {NOW} now"
)


def means_quantile(content: Mapping[str, Any]) -> bool:
    """Whether a policy, inside others or not, is written as it was when ``quantile`` was called ``predictive``."""
    settings = content.get("settings")
    own = SETTINGS_OF_BEFORE.intersection(settings) if isinstance(settings, Mapping) else ()
    return content.get("policy") == BEFORE and bool(own or content.get("forecaster"))


def as_called_now(stored: Any) -> Any:  # noqa: ANN401 - plain JSON, whatever it is of
    """The same stored document, where every policy has the name that it has now."""
    if isinstance(stored, Mapping):
        renamed = {key: as_called_now(value) for key, value in stored.items()}
        return renamed | {"policy": NOW} if means_quantile(stored) else renamed
    return [as_called_now(value) for value in stored] if isinstance(stored, list) else stored
