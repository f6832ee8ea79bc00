"""What the settings file says of Aurora."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from autoscaler.adapters.aurora_account import Access
from autoscaler.adapters.aurora_samples import CACHE_METRICS, METRICS
from autoscaler.config import Document
from autoscaler.service.sources.aurora_beside import DeadManDocument
from autoscaler.service.sources.prometheus import ServerDocument

DEFAULT_ACCOUNT = "default"


class AccountDocument(Document):
    """An account in one region.

    Args:
        role_arn, external_id: the role to take; without one the credentials of the environment are used.
        endpoint_url: another endpoint, such as that of `autoscaler simulate`.
        reads_only: its role may only read (docs/iam/observe.json): no cluster of it can be enforced.
        dead_man: what happens when the service dies; left out, nothing.
        discover_tags: only clusters with these tags are discovered.
        prometheus: a Prometheus that has the metrics already, by the minute; CloudWatch is asked for none then.
        history_days: how many days of a new cluster's past are read, where CloudWatch has them; 0: none.
        performance_insights: whether sessions that work or wait are read, too, for policies that count them; one call
            more for each instance and decision. All instances need Performance Insights.
        cache_metrics: whether hits of the buffer cache, reads and free memory are read, too, from which the memory is
            learned that the pages in use need; three metrics more of each instance, beside four.
        calls_per_second: the most that is asked of this account in this region, each page of an answer being a call;
            left out: that of the service, or 10. People's own calls get through beside it.
        settle_seconds: how long after a minute its metrics are waited for; what is missing then is unknown.
    """

    name: str = DEFAULT_ACCOUNT
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    role_arn: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$")] | None = None
    external_id: str | None = None
    endpoint_url: str | None = None
    reads_only: bool = False
    dead_man: DeadManDocument | None = None
    discover_tags: Mapping[str, str] = {}
    prometheus: ServerDocument | None = None
    history_days: Annotated[float, Field(ge=0, le=63)] = 63.0
    performance_insights: bool = False
    cache_metrics: bool = False
    calls_per_second: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    settle_seconds: Annotated[float, Field(ge=0, le=600)] = 120.0

    @property
    def metrics(self) -> tuple[str, ...]:
        """What is asked of each instance and minute."""
        return (*METRICS, *CACHE_METRICS) if self.cache_metrics else METRICS

    def access(self) -> Access:
        """How it is reached."""
        return Access(
            region=self.region,
            role_arn=self.role_arn,
            external_id=self.external_id,
            endpoint_url=self.endpoint_url,
        )


class AuroraSettings(Document):
    """What the settings file says of Aurora: the accounts."""

    accounts: tuple[AccountDocument, ...] = ()


class AuroraSource(Document):
    """Which cluster it is: `source` of its settings."""

    resource_id: Annotated[str, Field(pattern=r"^cluster-[A-Z0-9]+$")]
    account: str = DEFAULT_ACCOUNT
