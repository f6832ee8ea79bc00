"""The Grafana dashboards, as data: rows of panels with queries over the service's own metrics."""

import json
from dataclasses import dataclass
from typing import Any

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
FULL, HALF, THIRD = 24, 12, 8
HEIGHT = 8
BY_LEAD = 'max by (level, lead_seconds) (autoscaler_cluster_forecast_{}{{cluster="$cluster"}})'


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A picture of some queries; ``queries`` are legends and PromQL."""

    title: str
    about: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = HALF


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One page; ``per_cluster`` ones have a variable for the cluster."""

    name: str
    title: str
    rows: tuple[Row, ...]
    per_cluster: bool = False


FLEET = Dashboard(
    name="autoscaler-fleet",
    title="Autoscaler: fleet",
    rows=(
        Row(
            title="Now",
            panels=(
                Panel(
                    title="Capacity and demand",
                    about="Of the busiest instances, summed over the clusters.",
                    unit="ACU",
                    queries=(
                        ("demand", "sum(autoscaler_fleet_demand_acu)"),
                        ("ready", "sum(autoscaler_fleet_ready_acu)"),
                        ("floors", "sum(autoscaler_fleet_floor_acu)"),
                    ),
                ),
                Panel(
                    title="Saved in the last 30 days",
                    about="Against being left alone, less what our own metric calls cost.",
                    unit="currencyUSD",
                    queries=(("saved", "sum(autoscaler_fleet_saved_usd)"),),
                ),
                Panel(
                    title="Clusters by phase",
                    about="unknown: they did not answer.",
                    queries=(("{{phase}}", "sum by (phase) (autoscaler_fleet_clusters)"),),
                ),
                Panel(
                    title="Clusters by mode",
                    about="Only enforced ones are changed.",
                    queries=(("{{mode}}", "sum by (mode) (autoscaler_fleet_clusters_by_mode)"),),
                ),
                Panel(
                    title="What is not as it should be",
                    about="Clusters by condition.",
                    queries=(("{{condition}}", "sum by (condition) (autoscaler_fleet_conditions)"),),
                ),
            ),
        ),
        Row(
            title="Why",
            panels=(
                Panel(
                    title="Decisions that change something",
                    about="By direction.",
                    unit="ops",
                    queries=(
                        (
                            "{{direction}}",
                            'sum by (direction) (rate(autoscaler_decisions_total{direction!="none"}[15m]))',
                        ),
                    ),
                ),
                Panel(
                    title="What held changes back",
                    about="The rule or the outcome that stopped a change.",
                    unit="ops",
                    queries=(("{{reason}}", "sum by (reason) (rate(autoscaler_skipped_total[15m]))"),),
                ),
            ),
        ),
        Row(
            title="Forecast against actual",
            panels=(
                Panel(
                    title="Coverage",
                    about="A good 0.95 is covered in 0.95 of the windows.",
                    unit="percentunit",
                    queries=(
                        (
                            "{{level}} at {{lead_seconds}} s",
                            "avg by (level, lead_seconds) (autoscaler_fleet_forecast_coverage_ratio)",
                        ),
                    ),
                ),
                Panel(
                    title="Pinball loss",
                    about="Lower is better.",
                    unit="ACU",
                    queries=(
                        (
                            "{{level}} at {{lead_seconds}} s",
                            "avg by (level, lead_seconds) (autoscaler_fleet_forecast_pinball_loss_acu)",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            title="Health",
            panels=(
                Panel(
                    title="Provider calls",
                    about="By call and outcome.",
                    unit="ops",
                    queries=(
                        ("{{call}}: {{outcome}}", "sum by (call, outcome) (rate(autoscaler_provider_calls_total[5m]))"),
                    ),
                ),
                Panel(
                    title="Ticks and troubles",
                    about="A tick without trouble read, decided and journalled.",
                    unit="ops",
                    queries=(
                        ("ticks", "sum(rate(autoscaler_ticks_total[5m]))"),
                        ("{{trouble}}", "sum by (trouble) (rate(autoscaler_tick_troubles_total[5m]))"),
                    ),
                ),
                Panel(
                    title="How long a tick takes",
                    about="99th percentile.",
                    unit="s",
                    queries=(
                        ("p99", "histogram_quantile(0.99, sum by (le) (rate(autoscaler_tick_seconds_bucket[5m])))"),
                    ),
                    width=THIRD,
                ),
                Panel(
                    title="Event loop lag",
                    about="99th percentile.",
                    unit="s",
                    queries=(
                        ("p99", "histogram_quantile(0.99, sum by (le) (rate(autoscaler_loop_lag_seconds_bucket[5m])))"),
                    ),
                    width=THIRD,
                ),
                Panel(
                    title="Who acts",
                    about="1: this replica acts.",
                    queries=(("{{pod}}", "autoscaler_leader"),),
                    width=THIRD,
                ),
            ),
        ),
    ),
)

CLUSTER = Dashboard(
    name="autoscaler-cluster",
    title="Autoscaler: one cluster",
    per_cluster=True,
    rows=(
        Row(
            title="Now",
            panels=(
                Panel(
                    title="Demand, capacity and range",
                    about="ACU of the busiest instance.",
                    unit="ACU",
                    width=FULL,
                    queries=(
                        ("demand", 'max(autoscaler_cluster_demand_acu{cluster="$cluster"})'),
                        ("ready", 'max(autoscaler_cluster_ready_acu{cluster="$cluster"})'),
                        ("floor", 'max(autoscaler_cluster_floor_acu{cluster="$cluster"})'),
                        ("ceiling", 'max(autoscaler_cluster_ceiling_acu{cluster="$cluster"})'),
                        ("least floor allowed now", 'max(autoscaler_cluster_effective_floor_acu{cluster="$cluster"})'),
                        (
                            "highest ceiling allowed now",
                            'max(autoscaler_cluster_effective_ceiling_acu{cluster="$cluster"})',
                        ),
                    ),
                ),
                Panel(
                    title="Asleep, frozen",
                    about="1: it is.",
                    queries=(
                        ("paused", 'max(autoscaler_cluster_paused{cluster="$cluster"})'),
                        ("frozen", 'max(autoscaler_cluster_frozen{cluster="$cluster"})'),
                    ),
                ),
                Panel(
                    title="Conditions",
                    about="What is not as it should be.",
                    queries=(
                        ("{{condition}}", 'max by (condition) (autoscaler_cluster_condition{cluster="$cluster"})'),
                    ),
                ),
            ),
        ),
        Row(
            title="Why",
            panels=(
                Panel(
                    title="Decisions",
                    about="By who had the last word.",
                    unit="ops",
                    queries=(
                        ("{{driver}}", 'sum by (driver) (rate(autoscaler_decisions_total{cluster="$cluster"}[15m]))'),
                    ),
                ),
                Panel(
                    title="What held changes back",
                    about="The rule or the outcome that stopped a change.",
                    unit="ops",
                    queries=(
                        ("{{reason}}", 'sum by (reason) (rate(autoscaler_skipped_total{cluster="$cluster"}[15m]))'),
                    ),
                ),
            ),
        ),
        Row(
            title="Forecast against actual",
            panels=(
                Panel(
                    title="Forecast",
                    about="Quantiles of the largest demand from now to the lead.",
                    unit="ACU",
                    width=FULL,
                    queries=(
                        ("demand", 'max(autoscaler_cluster_demand_acu{cluster="$cluster"})'),
                        (
                            "{{level}} at {{lead_seconds}} s",
                            BY_LEAD.format("acu"),
                        ),
                    ),
                ),
                Panel(
                    title="Coverage",
                    about="A good 0.95 is covered in 0.95 of the windows.",
                    unit="percentunit",
                    queries=(
                        (
                            "{{level}} at {{lead_seconds}} s",
                            BY_LEAD.format("coverage_ratio"),
                        ),
                    ),
                ),
                Panel(
                    title="Pinball loss",
                    about="Lower is better.",
                    unit="ACU",
                    queries=(
                        (
                            "{{level}} at {{lead_seconds}} s",
                            BY_LEAD.format("pinball_loss_acu"),
                        ),
                    ),
                ),
            ),
        ),
        Row(
            title="Cost",
            panels=(
                Panel(
                    title="ACU-hours a day",
                    about="Of the busiest instance, at the rate of the last hour.",
                    unit="short",
                    queries=(
                        ("ready", 'sum(avg_over_time(autoscaler_cluster_ready_acu{cluster="$cluster"}[1h])) * 24'),
                        ("demand", 'sum(avg_over_time(autoscaler_cluster_demand_acu{cluster="$cluster"}[1h])) * 24'),
                    ),
                ),
            ),
        ),
        Row(
            title="Health",
            panels=(
                Panel(
                    title="Age of the newest sample",
                    about="Beyond its own length.",
                    unit="s",
                    queries=(("blind", 'min(autoscaler_cluster_blind_seconds{cluster="$cluster"})'),),
                ),
                Panel(
                    title="Since the last good tick",
                    about="And since the provider last took a range.",
                    unit="s",
                    queries=(
                        (
                            "good tick",
                            'time() - max(autoscaler_cluster_last_success_timestamp_seconds{cluster="$cluster"})',
                        ),
                        ("change", 'time() - max(autoscaler_cluster_last_scale_timestamp_seconds{cluster="$cluster"})'),
                    ),
                ),
            ),
        ),
    ),
)

DASHBOARDS = (FLEET, CLUSTER)


def dashboard_json(board: Dashboard) -> str:
    """The dashboard as Grafana imports it."""
    document = {
        "uid": board.name,
        "title": board.title,
        "tags": ["autoscaler"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": _variables(board)},
        "panels": _panels(board),
    }
    return json.dumps(document, indent=1) + "\n"


def _variables(board: Dashboard) -> list[dict[str, Any]]:
    source = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    if not board.per_cluster:
        return [source]
    query = "label_values(autoscaler_cluster_ready_acu, cluster)"
    cluster = {
        "name": "cluster",
        "label": "Cluster",
        "type": "query",
        "datasource": SOURCE,
        "query": query,
        "refresh": 2,
    }
    return [source, cluster]


def _panels(board: Dashboard) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = []
    y = 0
    for row in board.rows:
        panels.append({"type": "row", "title": row.title, "gridPos": {"x": 0, "y": y, "w": FULL, "h": 1}})
        x, y = 0, y + 1
        for panel in row.panels:
            if x + panel.width > FULL:
                x, y = 0, y + HEIGHT
            panels.append(_panel(panel, x, y))
            x += panel.width
        y += HEIGHT
    return [{"id": number, **panel} for number, panel in enumerate(panels, start=1)]


def _panel(panel: Panel, x: int, y: int) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + place), "expr": query, "legendFormat": legend, "datasource": SOURCE}
        for place, (legend, query) in enumerate(panel.queries)
    ]
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": targets,
    }
