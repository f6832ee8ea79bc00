"""Counts what an account is asked, by action, and what of it CloudWatch asks money for."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autoscaler.adapters.aurora_errors import DENIED, THROTTLED

# CloudWatch, for each metric of a GetMetricData; other calls are free [D].
USD_PER_METRIC = 0.01 / 1000


@dataclass(slots=True)
class CallCount:
    """All calls of an account since it was made; ``refused`` are those that AWS throttled or does not allow.

    A page of an answer is a call of its own, and each asks for its metrics.
    """

    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    metrics: int = 0

    @property
    def usd(self) -> float:
        """What CloudWatch asks for it."""
        return self.metrics * USD_PER_METRIC

    def watch(self, client: Any) -> None:  # noqa: ANN401 - botocore carries no types
        """Count every call of a client from now on."""
        client.meta.events.register("before-parameter-build", self._begins)
        client.meta.events.register("after-call", self._ended)

    def _begins(self, params: Mapping[str, Any], model: object, **_: object) -> None:
        self.calls[_action(model)] += 1
        self.metrics += len(params.get("MetricDataQueries", ()))

    def _ended(self, parsed: Mapping[str, Any], model: object, **_: object) -> None:
        code = parsed.get("Error", {}).get("Code", "")
        if code in THROTTLED or code in DENIED:
            self.refused[_action(model)] += 1


def _action(model: Any) -> str:  # noqa: ANN401 - botocore carries no types
    """As policies name it, such as rds:ModifyDBCluster."""
    return f"{model.service_model.service_name}:{model.name}"
