"""One backtest from order to outputs."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from autoscaler.backtest.optimum import optimum_acu_hours
from autoscaler.backtest.outputs import REPORT, SUMMARY, OutputFolder
from autoscaler.backtest.reports.one_run import Findings, report
from autoscaler.backtest.reports.track import Diary, Track, track_of
from autoscaler.backtest.request import Request
from autoscaler.backtest.run import Result, run
from autoscaler.backtest.score import score
from autoscaler.backtest.summary import Summary, summarize
from autoscaler.config import load_policy

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A finished backtest: its numbers and its course."""

    summary: Summary
    track: Track
    throttling_price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One backtest of several; its outputs, if any, go into ``out``, whose last part is ``folder``."""

    name: str
    folder: str
    request: Request
    out: Path | None

    def carry_out(self, *, now: Callable[[], datetime], on_progress: Progress) -> Outcome:
        return perform(self.request, now=now, out=self.out, on_progress=on_progress)


def perform(
    request: Request, *, now: Callable[[], datetime], out: Path | None = None, on_progress: Progress | None = None
) -> Outcome:
    """Read, run, measure, and write the outputs when a folder is given.

    Args:
        now: tells the time, for ``wall_seconds`` only.
        on_progress: gets what is being done, steps done and steps in all, now and then.

    Raises:
        InvalidInput: the request cannot be carried out; nothing has been written then.
    """
    report_progress = on_progress or _keep_quiet
    began = now()
    plan = request.plan()
    name = load_policy(request.policy).name
    diary = Diary()
    with ExitStack() as stack:
        outputs = None if out is None else stack.enter_context(OutputFolder(out))
        result = run(
            plan,
            on_decision=None if outputs is None else outputs.write_decision,
            on_snapshot=None if outputs is None else diary.note,
            on_progress=lambda done, steps: report_progress("simulating", done, steps),
        )
        steps = len(result.demand_acu)
        report_progress("looking for the optimum", steps, steps)
        summary = summarize(
            result,
            score(result),
            policy=name,
            trace=request.trace,
            optimum_acu_hours=optimum_acu_hours(result),
            wall_seconds=(now() - began) / timedelta(seconds=1),
        )
        track = track_of(result, name)
        if outputs is not None:
            report_progress("writing", steps, steps)
            _write(outputs, result, Findings(request=request, plan=plan, summary=summary, track=track, diary=diary))
    return Outcome(summary=summary, track=track, throttling_price=plan.prices.throttling_price)


def _write(outputs: OutputFolder, result: Result, findings: Findings) -> None:
    outputs.write_ticks(result)
    outputs.write_text(REPORT, report(findings))
    outputs.write_json(SUMMARY, findings.summary.document())


def _keep_quiet(what: str, done: int, steps: int) -> None:
    """For those who do not want to know."""
