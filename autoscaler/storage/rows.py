"""Rows of the tables and the values they stand for."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row

from autoscaler.core.decision import Decision, Memory
from autoscaler.core.forecast import Forecast
from autoscaler.core.plain import to_plain
from autoscaler.core.samples import Sample
from autoscaler.registry import read_back
from autoscaler.storage.entries import Inputs, JournalEntry, Record, SeenSample, State


class RecordRows(NamedTuple):
    """What one tick leaves behind, ready to be written."""

    decision: dict[str, Any]
    samples: list[dict[str, Any]]
    forecasts: list[dict[str, Any]]


def record_rows(record: Record) -> RecordRows:
    """Made while the tick has its turn, so that a large batch does not hold up everybody."""
    decision, forecast = record.decision, record.forecast
    return RecordRows(
        decision=decision_row(record),
        samples=[sample_row(one, cluster_id=decision.cluster_id, seen_at=decision.at) for one in record.samples],
        forecasts=[] if forecast is None else [forecast_row(forecast, decision)],
    )


def decision_row(record: Record) -> dict[str, Any]:
    """A decision that is about to be journalled."""
    decision = record.decision
    return {
        "cluster_id": decision.cluster_id,
        "document_id": record.document_id,
        "at": decision.at,
        "decision": to_plain(decision),
        "memory": to_plain(record.memory),
        "inputs": to_plain(record.inputs),
        "state": record.state.value,
        "outcome": record.outcome,
    }


def sample_row(sample: Sample, *, cluster_id: str, seen_at: datetime) -> dict[str, Any]:
    """A sample and the tick that saw it."""
    return {
        "cluster_id": cluster_id,
        "at": sample.at,
        "seen_at": seen_at,
        "seconds": sample.seconds,
        "demand_acu": sample.demand_acu,
        "censored": sample.censored,
        "capacity_acu": sample.capacity_acu,
        "connections": sample.connections,
        "queries_per_second": sample.queries_per_second,
        "active_sessions": sample.active_sessions,
        "cache_hit_fraction": sample.cache_hit_fraction,
        "reads_per_second": sample.reads_per_second,
        "freeable_gib": sample.freeable_gib,
    }


def forecast_row(forecast: Forecast, decision: Decision) -> dict[str, Any]:
    """A forecast that a decision looked at."""
    return {"cluster_id": decision.cluster_id, "made_at": forecast.made_at, "forecast": to_plain(forecast)}


def to_entry(row: Row[Any]) -> JournalEntry:
    """A decision and what became of it."""
    return JournalEntry(
        id=row.id,
        decision=read_back(Decision, row.decision, f"decision {row.id}"),
        memory=read_back(Memory, row.memory, f"the memory after decision {row.id}"),
        inputs=read_back(Inputs, row.inputs, f"the inputs of decision {row.id}"),
        document_id=row.document_id,
        state=State(row.state),
        outcome=row.outcome,
        finished_at=row.finished_at,
    )


def to_seen(row: Row[Any]) -> SeenSample:
    """A sample as it was journalled."""
    sample = Sample(
        at=row.at,
        seconds=row.seconds,
        demand_acu=row.demand_acu,
        censored=row.censored,
        capacity_acu=row.capacity_acu,
        connections=row.connections,
        queries_per_second=row.queries_per_second,
        active_sessions=row.active_sessions,
        cache_hit_fraction=row.cache_hit_fraction,
        reads_per_second=row.reads_per_second,
        freeable_gib=row.freeable_gib,
    )
    return SeenSample(seen_at=row.seen_at, sample=sample)
