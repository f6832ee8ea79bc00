"""Metrics of Aurora instances from a Prometheus that scrapes them already: the same numbers, the same unknowns."""

import asyncio
import json
import ssl
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from autoscaler.adapters.aurora_samples import Points, Window
from autoscaler.adapters.prometheus_queries import Queries
from autoscaler.errors import ClusterError, ClusterThrottled

CALL_SECONDS = 8.0
MOST_BYTES = 64 * 1024 * 1024
# Of one query: Prometheus reads a regular expression of these without a sweat.
MOST_INSTANCES = 200
TOO_MANY, DENIED = 429, (401, 403)

Values = dict[tuple[str, str], dict[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a Prometheus is, and the files that hold what it wants to see; they are read at each call."""

    name: str
    url: str
    bearer_token_file: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


class Prometheus:
    """Reads what CloudWatch would tell; one query of each signal for all who ask together."""

    def __init__(self, server: Server, queries: Queries) -> None:
        self._server = server
        self._queries = queries
        self._session: aiohttp.ClientSession | None = None

    async def measure(self, windows: Sequence[Window]) -> list[Points | ClusterError]:
        """What is known of each window, in their order; windows of one period share queries, which span them all."""
        points: list[Values] = [{} for _ in windows]
        alike: dict[tuple[int, str], list[int]] = defaultdict(list)
        for place, window in enumerate(windows):
            alike[window.period_seconds, window.statistic].append(place)
        try:
            for places in alike.values():
                found = await self._values([windows[place] for place in places])
                for place in places:
                    points[place] = _of(windows[place], found)
        except ClusterError as problem:
            return [problem] * len(windows)
        return list(points)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _values(self, windows: Sequence[Window]) -> Values:
        instances = sorted({one for window in windows for one in window.instances})
        metrics = sorted({name for window in windows for name in window.metrics})
        parts = [instances[first : first + MOST_INSTANCES] for first in range(0, len(instances), MOST_INSTANCES)]
        found: Values = {}
        for part in parts:
            for name in metrics:
                found |= await self._series(name, part, windows)
        return found

    async def _series(self, metric: str, instances: Sequence[str], windows: Sequence[Window]) -> Values:
        step, queries = windows[0].period_seconds, self._queries
        # The value at a moment is of the step before, unless the exporter says when a step began.
        shift = 0 if queries.stamps_the_begin else step
        start = min(window.start for window in windows).timestamp() + shift
        end = max(window.end for window in windows).timestamp() + shift - step
        query = queries.written(metric, instances, step_seconds=step, statistic=windows[0].statistic)
        given = {"query": query, "start": f"{start:.0f}", "end": f"{end:.0f}", "step": str(step)}
        found: Values = {}
        for one in await self._ask("query_range", given, metric):
            instance = one["metric"].get(queries.label)
            if instance is None:
                raise ClusterError(f"{self._about}: the query for {metric} tells no label '{queries.label}'")
            if (metric, instance) in found:
                raise ClusterError(
                    f"{self._about}: the query for {metric} has more than one series of {instance}; "
                    "add labels to it, or sum over the others"
                )
            found[metric, instance] = {float(at) - shift: float(value) for at, value in one["values"]}
        return found

    @property
    def _about(self) -> str:
        return f"Prometheus '{self._server.name}'"

    async def _ask(self, path: str, given: Mapping[str, str], metric: str) -> Sequence[Mapping[str, Any]]:
        """The series of an answer.

        Raises:
            ClusterError: there is none; the message holds no address, for it may be a secret.
        """
        about = f"{self._about} ({metric})"
        try:
            status, body = await self._post(path, given)
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise ClusterError(f"{about} does not answer: {type(problem).__name__}") from None
        if status in DENIED:
            raise ClusterError(f"{about} does not take the token or password ({status}); look into its file")
        if status == TOO_MANY:
            raise ClusterThrottled(f"{about} takes no more queries for a moment")
        try:
            told = json.loads(body)
            if told["status"] != "success":
                raise ClusterError(f"{about} refused: {told.get('error', 'without a reason')}")
            return list(told["data"]["result"])
        except (ValueError, KeyError, TypeError):
            raise ClusterError(f"{about} answers with {status} and something that is no answer to a query") from None

    async def _post(self, path: str, given: Mapping[str, str]) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_SECONDS), trust_env=False)
        server = self._server
        headers, context = await asyncio.to_thread(_shown, server)
        async with self._session.post(
            f"{server.url.rstrip('/')}/api/v1/{path}",
            data=given,
            headers=headers,
            ssl=context,
            allow_redirects=False,  # a token goes nowhere else
        ) as answer:
            return answer.status, await answer.content.read(MOST_BYTES)


def _shown(server: Server) -> tuple[dict[str, str], ssl.SSLContext | bool]:
    """What is shown to a server: read anew each time, as secrets are renewed in their files.

    Raises:
        ClusterError: a file cannot be read; the message never tells what is in it.
    """
    try:
        headers = {}
        if server.bearer_token_file is not None:
            headers["Authorization"] = f"Bearer {server.bearer_token_file.read_text(encoding='utf-8').strip()}"
        if server.username is not None and server.password_file is not None:
            password = server.password_file.read_text(encoding="utf-8").strip()
            headers["Authorization"] = f"Basic {b64encode(f'{server.username}:{password}'.encode()).decode()}"
        return headers, _context(server)
    except (OSError, UnicodeDecodeError) as problem:
        reason = (problem.strerror or problem) if isinstance(problem, OSError) else "it is no text"
        file = getattr(problem, "filename", None) or "a file of its settings"
        raise ClusterError(f"Prometheus '{server.name}': {file} cannot be read: {reason}") from None


def _context(server: Server) -> ssl.SSLContext | bool:
    if server.ca_file is None and server.cert_file is None:
        return True
    context = ssl.create_default_context(cafile=server.ca_file)
    if server.cert_file is not None:
        context.load_cert_chain(server.cert_file, server.key_file)
    return context


def _of(window: Window, found: Values) -> Values:
    wanted = ((name, one) for one in window.instances for name in window.metrics)
    return {key: found[key] for key in wanted if key in found}
