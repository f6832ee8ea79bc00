"""Log lines: their form, and what they never tell."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from autoscaler.errors import InvalidInput
from autoscaler.observability.logs import LogStyle, configure_logging


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where log lines go for one test; afterwards logging is as it was."""
    root, ours = logging.getLogger(), logging.getLogger("autoscaler")
    before = root.handlers[:], root.level, ours.level
    yield io.StringIO()
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])
    structlog.reset_defaults()


def lines_of(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_fixed_keys(stream: io.StringIO) -> None:
    configure_logging(stream=stream)

    structlog.get_logger("autoscaler.service").info("tick", cluster="orders", demand_acu=4.25)

    (line,) = lines_of(stream)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("timestamp"))
    assert line == {
        "event": "tick",
        "cluster": "orders",
        "demand_acu": 4.25,
        "level": "info",
        "logger": "autoscaler.service",
    }


def test_people_get_text(stream: io.StringIO) -> None:
    configure_logging(style=LogStyle.CONSOLE, stream=stream)

    structlog.get_logger("autoscaler.service").info("tick", cluster="orders")

    assert re.search(r"\[info +\] tick .*cluster=orders\n", stream.getvalue())


def test_what_is_below_the_level_is_not_said(stream: io.StringIO) -> None:
    configure_logging(level="warning", stream=stream)

    structlog.get_logger("autoscaler.service").info("tick")
    structlog.get_logger("autoscaler.service").warning("trouble")

    assert [line["event"] for line in lines_of(stream)] == ["trouble"]


def test_libraries_are_heard_from_warnings_on_in_the_same_form(stream: io.StringIO) -> None:
    configure_logging(level="debug", stream=stream)

    logging.getLogger("apscheduler").info("Added job %s", "tick")
    logging.getLogger("apscheduler").warning("Run time of job %s was missed", "tick")

    (line,) = lines_of(stream)
    assert (line["logger"], line["level"]) == ("apscheduler", "warning")
    assert line["event"] == "Run time of job tick was missed"


def test_an_unknown_level_is_told_with_those_that_exist() -> None:
    with pytest.raises(InvalidInput, match="no log level named 'loud'; there are: debug, info, warning, error"):
        configure_logging(level="loud")


@pytest.mark.parametrize("style", LogStyle)
@pytest.mark.parametrize(
    "told",
    [
        {"password": "swordfish"},
        {"aws_secret_access_key": "swordfish"},
        {"headers": {"Authorization": "Basic swordfish"}},
        {"url": "postgresql://me:swordfish@db/autoscaler"},
        {"reason": "401 for Bearer swordfish"},
        {"addresses": ["https://swordfish@example.com"]},
    ],
)
def test_a_secret_is_never_told(stream: io.StringIO, style: LogStyle, told: dict[str, Any]) -> None:
    configure_logging(style=style, stream=stream)

    structlog.get_logger("autoscaler.service").info("tick", **told)
    logging.getLogger("library").warning("cannot open %s", "postgresql://me:swordfish@db/autoscaler")

    assert "swordfish" not in stream.getvalue()
    assert stream.getvalue().count("***") == 2


def test_a_secret_in_a_traceback_is_not_told_either(stream: io.StringIO) -> None:
    configure_logging(stream=stream)

    try:
        raise OSError("cannot reach postgresql://me:swordfish@db/autoscaler")
    except OSError:
        structlog.get_logger("autoscaler.service").exception("request_failed")

    (line,) = lines_of(stream)
    assert "swordfish" not in line["exception"]
    assert "OSError: cannot reach postgresql://***@db/autoscaler" in line["exception"]
