"""Several policies on one trace, side by side, each in a process of its own where that pays."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count
from pathlib import Path

from autoscaler.backtest.job import Order, Outcome
from autoscaler.backtest.processes import Clock, Tell, run_in_processes
from autoscaler.backtest.reports.totals import throttled_acu_hours
from autoscaler.backtest.request import Request
from autoscaler.config import load_policy
from autoscaler.core.cost import Prices
from autoscaler.errors import InvalidInput

COMPARISON = "comparison.json"
# Starting a process costs about a second, as much as so many steps.
STEPS_WORTH_A_PROCESS = 50_000
# Measures with a best one, which is the lowest.
LOWER_IS_BETTER = (
    "cost_ratio",
    "acu_hours",
    "usd",
    "throttled_work_fraction",
    "throttled_time_fraction",
    "range_changes",
    "cold_hits",
    "priced_acu_hours",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One policy of a comparison. ``priced_acu_hours`` is what the owner's dial minimises:
    ACU-hours, and on top the throttled ones at the throttling price, and reads at theirs.
    """

    name: str
    policy: str
    folder: str
    outcome: Outcome
    priced_acu_hours: float

    def measure(self, name: str) -> float | None:
        """A measure of the summary, or the priced ACU-hours."""
        value = self.priced_acu_hours if name == "priced_acu_hours" else getattr(self.outcome.summary, name)
        return None if value is None else float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Policies on the same trace, cluster and price of throttling."""

    request: Request
    throttling_price: float
    entries: tuple[Entry, ...]

    def best(self, measure: str) -> set[str]:
        """Who is best in a measure; nobody where all are alike."""
        values = {entry.name: entry.measure(measure) for entry in self.entries}
        known = {name: round(value, 9) for name, value in values.items() if value is not None}
        if len(set(known.values())) < 2:
            return set()
        return {name for name, value in known.items() if value == min(known.values())}

    def document(self) -> dict[str, object]:
        """As it is written to JSON."""
        first = self.entries[0].outcome.summary
        return {
            "trace": first.trace,
            "cluster": first.cluster,
            "throttling_price": self.throttling_price,
            "reference_acu_hours": first.reference_acu_hours,
            "optimum_acu_hours": first.optimum_acu_hours,
            "best": {measure: sorted(self.best(measure)) for measure in LOWER_IS_BETTER},
            "runs": [
                {"name": entry.name, "priced_acu_hours": entry.priced_acu_hours, **entry.outcome.summary.document()}
                for entry in self.entries
            ],
        }


def compare(
    request: Request,
    policies: Sequence[str],
    *,
    now: Clock,
    out: Path | None = None,
    on_progress: Tell | None = None,
) -> Comparison:
    """Run one request with each of several policies.

    Args:
        request: what all runs share; its own policy is not looked at.
        policies: names or files.
        now: tells the time; a function that another process finds by its name.
        out: each policy's outputs go into a folder of its own in here.
        on_progress: gets the policy, what is being done, steps done and steps in all.

    Raises:
        InvalidInput: something in the request is wrong; nothing has been run then.
    """
    orders = _orders(request, policies, out)
    trace = request.load_trace()
    plans = [order.request.plan(trace) for order in orders]  # what is wrong is told before anything runs
    pays = sum(plan.trace.seconds / plan.step_seconds for plan in plans) > STEPS_WORTH_A_PROCESS
    run_all = run_in_processes if pays and len(orders) > 1 and (os.cpu_count() or 1) > 1 else _run_here
    outcomes = run_all(orders, now=now, on_progress=on_progress or _keep_quiet)
    price = Prices().throttling_price if request.throttling_price is None else request.throttling_price
    entries = tuple(_entry(order, outcome, price) for order, outcome in zip(orders, outcomes, strict=True))
    return Comparison(request=request, throttling_price=price, entries=entries)


def _orders(request: Request, policies: Sequence[str], out: Path | None) -> list[Order]:
    if not policies:
        raise InvalidInput("there is no policy to compare; give --policies native,reactive")
    names = _unique([load_policy(policy).name for policy in policies])
    folders = _unique([re.sub(r"[^\w.-]+", "-", name).strip(".-") or "policy" for name in names])
    return [
        Order(
            name=name,
            folder=folder,
            request=replace(request, policy=policy),
            out=None if out is None else out / folder,
        )
        for name, folder, policy in zip(names, folders, policies, strict=True)
    ]


def _entry(order: Order, outcome: Outcome, price: float) -> Entry:
    return Entry(
        name=order.name,
        policy=order.request.policy,
        folder=order.folder,
        outcome=outcome,
        priced_acu_hours=(
            outcome.summary.acu_hours + outcome.summary.reads_acu_hours + price * throttled_acu_hours(outcome.track)
        ),
    )


def _run_here(orders: Sequence[Order], *, now: Clock, on_progress: Tell) -> list[Outcome]:
    return [order.carry_out(now=now, on_progress=partial(on_progress, order.name)) for order in orders]


def _unique(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        candidates = chain([name], (f"{name}-{number}" for number in count(2)))
        found.append(next(free for free in candidates if free not in found))
    return found


def _keep_quiet(name: str, what: str, done: int, steps: int) -> None:
    """For those who do not want to know."""
