"""Where log lines go and what they look like: one JSON object a line, or text for people; never a secret."""

import logging
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from autoscaler.errors import InvalidInput

OURS = "autoscaler"
LEVELS = ("debug", "info", "warning", "error")
HIDDEN = "***"
SECRET_KEY = re.compile(r"passw|secret|token|authorization|cookie|credential|api_?key|access_?key|dsn", re.IGNORECASE)
# The user and password of an address, and what follows "Bearer": the places where secrets hide in sentences.
SECRET_TEXT = re.compile(r"(?<=://)[^\s/@]+(?=@)|(?<=\bbearer )\S+", re.IGNORECASE)


class LogStyle(StrEnum):
    """JSON for machines, console for people."""

    JSON = "json"
    CONSOLE = "console"


def configure_logging(*, style: LogStyle = LogStyle.JSON, level: str = "info", stream: TextIO | None = None) -> None:
    """Send all log lines of this process, those of libraries included, to ``stream`` (standard error).

    Libraries are heard from warnings on only: their small talk is not in our vocabulary.

    Raises:
        InvalidInput: there is no such level.
    """
    if level not in LEVELS:
        raise InvalidInput(f"no log level named '{level}'; there are: {', '.join(LEVELS)}")
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(foreign_pre_chain=_FIRST, processors=[*_LAST, *_renderers(style, handler.stream)])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    logging.getLogger(OURS).setLevel(number)
    # A beat that takes longer than the time between two is skipped, and said at each: the loop's lag shows it better.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_FIRST, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def hide_secrets(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """A processor: what looks like a secret, by its key or by its form, is not told."""
    return {key: _hidden(key, value) for key, value in line.items()}


def _hidden(key: str, value: object) -> object:
    if SECRET_KEY.search(key):
        return HIDDEN
    if isinstance(value, str):
        return SECRET_TEXT.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {str(inner): _hidden(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", item) for item in value]
    return value


def _renderers(style: LogStyle, stream: TextIO) -> list[Processor]:
    if style is LogStyle.CONSOLE:
        return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=12)]
    return [structlog.processors.JSONRenderer()]


_FIRST: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    structlog.processors.StackInfoRenderer(),
)
_LAST: tuple[Processor, ...] = (
    ProcessorFormatter.remove_processors_meta,
    structlog.processors.format_exc_info,
    hide_secrets,
)
