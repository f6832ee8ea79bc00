"""A cluster's recorded past as a trace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from autoscaler.adapters.aurora_account import Access, AuroraAccount
from autoscaler.adapters.aurora_calls import CallCount
from autoscaler.adapters.aurora_past import Past, spans
from autoscaler.adapters.aurora_ranges import Described
from autoscaler.backtest.traces import write_samples
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput, UnknownName

OnProgress = Callable[[str, str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which cluster's past, by its name or resource id, and where to write it.

    ``start`` and ``end`` are moments, between which there are points of ``period_seconds``.
    """

    cluster: str
    start: datetime
    end: datetime
    period_seconds: int
    out: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was written; ``known`` of the ``samples`` have a demand, ``censored`` of those only a lower bound."""

    file: str
    cluster: str
    resource_id: str
    instances: tuple[str, ...]
    period_seconds: int
    start: datetime
    end: datetime
    samples: int
    known: int
    censored: int
    peak_acu: float
    calls: Mapping[str, int]
    usd: float

    def document(self) -> dict[str, object]:
        """In its plain form."""
        return {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}


async def import_cloudwatch(
    access: Access, order: Order, *, now: Callable[[], datetime], on_progress: OnProgress
) -> Imported:
    """Write a cluster's past as CloudWatch has it.

    Raises:
        InvalidInput: there is no such cluster, CloudWatch has nothing of it, or the file cannot be written.
        ClusterError: AWS refused or did not answer.
    """
    account = AuroraAccount(access, now=now)
    try:
        cluster = _named(order.cluster, await account.all_clusters(), access.region)
        samples = await _read(account, cluster, order, on_progress)
    finally:
        await account.close()
    if not any(one.demand_acu is not None for one in samples):
        raise InvalidInput(
            f"CloudWatch has no metrics of {cluster.name} (instances: {', '.join(cluster.instances) or 'none'}) "
            f"between {order.start.isoformat()} and {order.end.isoformat()} by {order.period_seconds} s; "
            "try other days or a longer --period"
        )
    write_samples(samples, order.out)
    return _imported(order, cluster, samples, account.count)


async def _read(account: AuroraAccount, cluster: Described, order: Order, on_progress: OnProgress) -> list[Sample]:
    past = Past(cluster.instances, account.measure)
    parts = list(spans(order.start, order.end, period_seconds=order.period_seconds, instances=len(cluster.instances)))
    samples: list[Sample] = []
    for number, span in enumerate(parts, start=1):
        samples += await past.read(span)
        on_progress(cluster.name, f"up to {span.end:%d %b %H:%M}", number, len(parts))
    return samples


def _named(name: str, there: Sequence[Described], region: str) -> Described:
    """By resource id or by name, which AWS keeps in lower case."""
    for one in there:
        if name == one.resource_id or name.lower() == one.name:
            return one
    raise UnknownName(f"serverless cluster in {region}", name, (one.name for one in there))


def _imported(order: Order, cluster: Described, samples: Sequence[Sample], count: CallCount) -> Imported:
    known = [one for one in samples if one.demand_acu is not None]
    return Imported(
        file=str(order.out),
        cluster=cluster.name,
        resource_id=cluster.resource_id,
        instances=cluster.instances,
        period_seconds=order.period_seconds,
        start=known[0].at,
        end=known[-1].at + timedelta(seconds=known[-1].seconds),
        samples=len(samples),
        known=len(known),
        censored=sum(one.censored for one in known),
        peak_acu=round(max(one.demand_acu or 0.0 for one in known), 3),
        calls=dict(count.calls),
        usd=round(count.usd, 6),
    )
