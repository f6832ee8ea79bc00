"""What is asked of Aurora's accounts beside the ticks: what happened, and what shall happen if we die."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import Field

from autoscaler.config import Document
from autoscaler.core.happenings import Happening


class DeadManDocument(Document):
    """A schedule of AWS that gives clusters their safe range back when the service has been dead for a while.

    Args:
        role_arn: whom EventBridge Scheduler acts as (docs/iam/dead-man-role.json).
        after_seconds: how long after the last sign of life; each cluster is renewed at half time.
    """

    role_arn: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$")]
    after_seconds: Annotated[float, Field(ge=300, le=86_400)] = 3600.0


class Happened(Protocol):
    """Asks for the events of one instance, or of all things of a kind."""

    def __call__(
        self, instance: str | None, *, since: datetime, until: datetime, kind: str = ...
    ) -> Awaitable[list[Happening]]:
        """Oldest first."""
        ...


async def everything(happened: Happened, *, since: datetime, until: datetime) -> list[Happening]:
    """Of instances and clusters: two calls, however many there are."""
    of_instances = await happened(None, since=since, until=until)
    return of_instances + await happened(None, since=since, until=until, kind="db-cluster")
