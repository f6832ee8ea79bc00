"""What is told of ticks, and how often."""

from math import inf

from structlog.testing import capture_logs

from autoscaler.observability.ticks import TickLog, tick_line
from tests.api.fleet import make_failed_report, make_report


def test_a_tick_leaves_one_canonical_line() -> None:
    with capture_logs() as lines:
        TickLog().ticked(make_report())

    assert lines == [
        {
            "event": "tick",
            "log_level": "info",
            "cluster": "orders",
            "at": "2026-03-02T08:00:00+00:00",
            "phase": "available",
            "demand_acu": 4.25,
            "ready_acu": 5.5,
            "floor_acu": 2.0,
            "ceiling_acu": 64.0,
            "blind_seconds": 30.0,
            "changes": False,
            "driver": "space_the_changes",
            "decision": "2 to 64 ACU stays: the demand is 6 ACU, but the last change is less than 300 s ago",
            "outcome": "none",
            "detail": None,
            "seconds": 0.02,
        }
    ]


def test_an_outage_is_told_once_and_its_end_once() -> None:
    log = TickLog()
    reports = [
        make_failed_report("no answer within 5 s"),
        make_failed_report("no answer within 5 s"),
        make_failed_report("refused", cluster_id="bills"),
        make_report(),
        make_report(),
    ]

    with capture_logs() as lines:
        for report in reports:
            log.ticked(report)

    told = [(line["log_level"], line["event"], line["cluster"], line.get("ticks")) for line in lines]
    assert told == [
        ("warning", "trouble", "orders", 1),
        ("debug", "trouble", "orders", 2),
        ("warning", "trouble", "bills", 1),
        ("info", "trouble_over", "orders", 2),
        ("info", "tick", "orders", None),
        ("info", "tick", "orders", None),
    ]
    assert (lines[0]["trouble"], lines[0]["reason"]) == ("tick", "no answer within 5 s")


def test_a_source_without_metrics_is_a_trouble_of_its_own() -> None:
    """A failed tick in between says nothing about the metrics: their outage goes on."""
    log = TickLog()

    with capture_logs() as lines:
        for report in (make_report(unmeasured="HTTP 500"), make_failed_report(), make_report(unmeasured="HTTP 500")):
            log.ticked(report)

    troubles = [(line["log_level"], line["trouble"], line["ticks"]) for line in lines if line["event"] == "trouble"]
    assert troubles == [("warning", "metrics", 1), ("warning", "tick", 1), ("debug", "metrics", 2)]


def test_what_was_never_seen_is_null_in_json() -> None:
    line = tick_line(make_report(blind_seconds=inf, demand_acu=None, status=None, decision=None))

    unknown = {name for name, value in line.items() if value is None}
    assert unknown == {
        *("phase", "demand_acu", "ready_acu", "floor_acu", "ceiling_acu"),
        *("blind_seconds", "changes", "driver", "decision", "detail"),
    }
