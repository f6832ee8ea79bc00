"""What was measured and what is expected, as schemas."""

from datetime import datetime

from pydantic import Field

from autoscaler.api.schemas import Known, Schema


class Sample(Schema):
    """One metric interval from ``at`` on."""

    at: datetime
    seconds: float = Field(description="How long it is.")
    demand_acu: Known = Field(description="What the workload of the busiest instance needs; the peak, if rolled up.")
    censored: bool = Field(description="Measured while saturated: the demand was this much or more.")
    capacity_acu: Known = Field(description="Capacity that was ready, on average.")
    connections: int | None
    queries_per_second: Known
    active_sessions: Known = Field(description="Sessions of the busiest instance that worked or waited, on average.")
    cache_hit_fraction: Known = Field(
        description="Of the page reads of the busiest instance, those that memory served."
    )
    reads_per_second: Known = Field(description="Pages that it read from storage.")
    freeable_gib: Known = Field(description="Memory that it had free.")


class SamplePage(Schema):
    """Some of the samples, oldest first. A page may be short, even empty, before the last one: follow ``next``."""

    items: tuple[Sample, ...]
    next: str | None = Field(description="Where the next page is; null: this is the last one.")


class Window(Schema):
    """One coming window."""

    at: datetime = Field(description="When it begins.")
    demand_acu: tuple[Known, ...] = Field(description="The largest demand in it, one number for each level.")


class ClusterForecast(Schema):
    """What is expected of a cluster; without a forecast its members are null or empty."""

    cluster_id: str
    at: datetime = Field(description="Cluster time now.")
    model: str | None = Field(description="The forecaster.")
    made_at: datetime | None = Field(description="When the newest sample that went into it became visible.")
    step_seconds: float | None = Field(description="The length of a window.")
    levels: tuple[float, ...] = Field(description="Quantile levels, ascending.")
    windows: tuple[Window, ...]
    recent: tuple[Sample, ...] = Field(description="Demand so far, in five-minute samples, oldest first.")
