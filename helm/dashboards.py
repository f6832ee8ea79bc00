"""What a Grafana dashboard is made of, and how it is written for Grafana."""

import json
from dataclasses import dataclass
from typing import Any

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
FULL, HALF, THIRD = 24, 12, 8
HEIGHT = 8


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
