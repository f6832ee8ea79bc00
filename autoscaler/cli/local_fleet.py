"""The fleet of `local`: one PostgreSQL on this machine."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from autoscaler.adapters.postgres.layout import url_of
from autoscaler.core.capacity import round_down
from autoscaler.errors import InvalidInput
from autoscaler.registry import told
from autoscaler.service.settings import ServiceSettings
from autoscaler.simulator.profiles import LOCAL_POSTGRES

CLUSTER_ID = "local"
# Beyond it one machine's processors seldom help one database.
MOST_ACU = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for."""

    folder: Path
    port: int
    min_acu: float = 0.5
    max_acu: float | None = None
    pause_after_seconds: int = 300
    policy: str = "native"
    cpus_per_acu: float = 0.25
    memory_mib_per_acu: float = 512.0
    decide_seconds: float = 5.0
    sample_seconds: float = 5.0

    @property
    def ceiling_acu(self) -> float:
        """The largest size; left out, all that the machine has, within reason."""
        if self.max_acu is not None:
            return self.max_acu
        whole = round_down((os.cpu_count() or 1) / self.cpus_per_acu, LOCAL_POSTGRES.step_acu)
        return max(self.min_acu, min(MOST_ACU, whole))

    @property
    def url(self) -> str:
        """Where clients connect."""
        return url_of(self.folder, port=self.port)

    def settings(self) -> ServiceSettings:
        """A service with this one cluster, its store beside the data.

        Raises:
            InvalidInput: something of it cannot be used.
        """
        if self.cpus_per_acu <= 0:
            raise InvalidInput(f"{self.cpus_per_acu:g} processors an ACU are not above 0")
        try:
            return ServiceSettings.model_validate(
                {
                    "database": f"sqlite+aiosqlite:///{self.folder.absolute() / 'autoscaler.db'}",
                    "decide_seconds": self.decide_seconds,
                    "step_seconds": self.decide_seconds,
                    "fit_processes": 0,
                    "clusters": [self._cluster()],
                }
            )
        except ValidationError as problems:
            raise InvalidInput(told(problems)) from None

    def _cluster(self) -> dict[str, Any]:
        pauses = self.pause_after_seconds > 0
        return {
            "id": CLUSTER_ID,
            "title": "PostgreSQL on this machine",
            "kind": "postgres",
            "mode": "enforce",
            "policy": self.policy,
            "cluster": {
                "profile": LOCAL_POSTGRES.name,
                "limits": {"min_acu": self.min_acu, "max_acu": self.ceiling_acu, "may_pause": pauses},
                **({"pause_after_seconds": self.pause_after_seconds} if pauses else {}),
            },
            "source": {
                "folder": str(self.folder.absolute()),
                "port": self.port,
                "cpus_per_acu": self.cpus_per_acu,
                "memory_mib_per_acu": self.memory_mib_per_acu,
                "sample_seconds": self.sample_seconds,
            },
        }
