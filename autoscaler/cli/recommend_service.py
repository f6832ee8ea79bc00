"""Advice that a running service works out, by the past of its clusters."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from autoscaler.backtest.advice import Advice, Refusal
from autoscaler.cli.progress import shown_progress
from autoscaler.cli.remote import Remote
from autoscaler.errors import InvalidInput
from autoscaler.registry import adapter_of

BACKTESTS = "/v1/backtests"
POLL_SECONDS = 1.0
UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the service found, the largest saving first, and the same as a page."""

    ranked: tuple[Advice, ...]
    refusals: tuple[Refusal, ...]
    page: str


def ask(remote: Remote, cluster_ids: Sequence[str], *, days: int, throttling_price: float | None) -> Told:
    """Order it, wait, and fetch it; Ctrl-C calls it off.

    Raises:
        InvalidInput: it failed, or was called off meanwhile.
    """
    wanted = {"cluster_ids": list(cluster_ids), "days": days, "throttling_price": throttling_price}
    job = remote.ask("POST", "/v1/recommendations", wanted, Idempotency_Key=str(uuid4())).document
    try:
        job = _wait(remote, job)
    except KeyboardInterrupt:
        remote.ask("POST", f"{BACKTESTS}/{job['id']}/cancel")
        raise
    if job["state"] != "done":
        raise InvalidInput(f"recommendation {job['id']} is {job['state']}: {job['error'] or 'order it anew'}")
    return Told(
        ranked=tuple(map(adapter_of(Advice).validate_python, job["summary"]["clusters"])),
        refusals=tuple(map(adapter_of(Refusal).validate_python, job["summary"]["left_out"])),
        page=remote.ask("GET", f"{BACKTESTS}/{job['id']}/report").text,
    )


def _wait(remote: Remote, job: dict[str, Any]) -> dict[str, Any]:
    with shown_progress() as progress:
        while job["state"] in UNFINISHED:
            progress(job["workload"], job["doing"] or "waiting for its turn", int(100 * job["progress_fraction"]), 100)
            asyncio.run(asyncio.sleep(POLL_SECONDS))
            job = remote.get(f"{BACKTESTS}/{job['id']}")
    return job
