"""docs/vocabulary.md names every metric, label, log key and value of a closed list."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from autoscaler.api.problems import KINDS
from autoscaler.core.capacity import Phase
from autoscaler.core.rules import RULES
from autoscaler.observability.events import Kind, Severity
from autoscaler.observability.metrics import Metrics
from autoscaler.observability.ticks import Trouble, tick_line
from autoscaler.storage.entries import State
from tests.api.fleet import make_report

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = set(re.findall(r"`([^`]+)`", (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8")))
OF_STRUCTLOG = {"timestamp", "level", "logger", "event", "exception", "stack"}
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log", "bind"}
CONTEXT = {"bound_contextvars", "bind_contextvars"}


def test_the_vocabulary_has_every_metric_and_label() -> None:
    metrics = Metrics(version="test")
    metrics.ticked(make_report())
    families = list(metrics.registry.collect())
    samples = [sample for family in families for sample in family.samples]
    counters = {f"{family.name}_total" for family in families if family.type == "counter"}
    infos = {f"{family.name}_info" for family in families if family.type == "info"}
    plain = {family.name for family in families if family.type not in {"counter", "info"}}

    assert (counters | infos | plain) - VOCABULARY == set()
    assert {label for sample in samples for label in sample.labels} - VOCABULARY == set()
    assert all(family.documentation for family in families)


def test_the_vocabulary_has_every_value_of_a_closed_list() -> None:
    values = {*(rule.name for rule in RULES), *map(str, Phase), *map(str, State), *map(str, Trouble)}
    values |= {*map(str, Kind), *map(str, Severity)}

    assert (values | {kind.name for kind in KINDS}) - VOCABULARY == set()


def test_the_vocabulary_has_no_metric_that_is_gone() -> None:
    metrics = Metrics(version="test")
    text = metrics.expose()[0].decode()
    told = {word for word in VOCABULARY if word.startswith("autoscaler_")}

    assert {word for word in told if f"# TYPE {word} " not in text} == set()


def log_calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every call in the product that writes a log line or adds to later ones."""
    for file in sorted((ROOT / "autoscaler").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _writes_a_log_line(node):
                yield file.relative_to(ROOT), node


def _writes_a_log_line(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name):
            return name in CONTEXT
        case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=method):
            return method in LOG_METHODS and name.strip("_").lower() in {"log", "logger", "about"}
    return False


def test_the_vocabulary_has_every_log_key_and_event() -> None:
    calls = list(log_calls())
    keys = {keyword.arg for _, call in calls for keyword in call.keywords if keyword.arg} - {"exc_info"}
    texts = {value.value for _, call in calls for value in call.args if isinstance(value, ast.Constant)}

    assert len(calls) >= 5, "this test no longer finds the log lines"
    assert (keys | OF_STRUCTLOG | set(tick_line(make_report()))) - VOCABULARY == set()
    assert {text for text in texts if isinstance(text, str)} - VOCABULARY == set()


def test_every_log_line_has_its_keys_in_plain_sight() -> None:
    """Keys from a mapping cannot be checked; the canonical line is checked by itself."""
    hidden = {str(file) for file, call in log_calls() if any(keyword.arg is None for keyword in call.keywords)}

    assert hidden == {"autoscaler/observability/ticks.py"}
