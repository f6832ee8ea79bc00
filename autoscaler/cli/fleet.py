"""The clusters of the demo: one for each use case, with whoever suits it deciding."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autoscaler.service.settings import ServiceSettings
from autoscaler.simulator.scenarios import SCENARIOS, Scenario

# A Wednesday morning: offices have opened in Europe, and the game's patch comes out at 10:00 UTC.
START = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
DECIDE_SECONDS = 120.0  # at the usual speed some twenty lines a second: about what can be followed

POLICIES: dict[str, dict[str, Any]] = {
    "online-gaming": {"policy": "reactive"},
    # Before a whole day has been seen nothing is tuned yet.
    "e-commerce": {
        "policy": "first-that-knows",
        "settings": {"policies": [{"policy": "auto"}, {"policy": "reactive"}]},
    },
    "multi-tenant-saas": {"policy": "quantile"},
    "financial-services": {
        "policy": "scheduled",
        "settings": {
            "time_zone": "America/New_York",
            "windows": [{"days": "mon-fri", "start": "09:15", "end": "16:15", "floor_acu": 8}],
            "otherwise": {},
        },
    },
    "healthcare": {"policy": "reactive"},
    "global-application": {"policy": "quantile"},
    "analytics": {"policy": "reactive", "settings": {"down_window_seconds": 3600}},
    "development-test": {"policy": "native"},
}
PROFILES = {"healthcare": "sized-15s", "global-application": "aurora-v2-platform-4"}


def demo_settings(folder: Path, *, speed: float) -> ServiceSettings:
    """A service with its store in ``folder``."""
    clusters = [_cluster(scenario) for scenario in SCENARIOS.values()]
    return ServiceSettings.model_validate(
        {
            "database": f"sqlite+aiosqlite:///{folder / 'demo.db'}",
            "clusters": clusters,
            "speed": speed,
            "start": START,
            "decide_seconds": DECIDE_SECONDS,
            "fit_processes": 0,
        }
    )


def _cluster(scenario: Scenario) -> dict[str, Any]:
    may_pause = scenario.idle_connections == 0
    return {
        "id": scenario.name,
        "title": scenario.title,
        "mode": "enforce",
        "policy": {"name": POLICIES[scenario.name]["policy"], **POLICIES[scenario.name]},
        "workload": {"scenario": scenario.name},
        "cluster": {
            "profile": PROFILES.get(scenario.name, "aurora-v2"),
            "overrides": {
                "connecting": {"idle": scenario.idle_connections, "per_acu": scenario.connections_per_acu},
                "caching": {"working_set_gib": scenario.working_set_gib},
            },
            "limits": {"min_acu": 0 if may_pause else 0.5, "max_acu": scenario.ceiling_acu},
        },
    }
