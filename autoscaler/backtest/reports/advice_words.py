"""Advice as people read it: rows, sentences, Markdown."""

from collections.abc import Sequence

from autoscaler.backtest.advice import Advice, Confidence, Kind, Option, Refusal
from autoscaler.backtest.reports.words import told_percent, told_usd

COLUMNS = ("option", "setting", "USD a month", "throttled", "throttling priced", "saves", "90 % interval")
FLEET_COLUMNS = ("cluster", "best", "saves a month", "90 % interval", "confidence", "days")
SURE = {
    Confidence.HIGH: "it saves in nine of ten draws of those days",
    Confidence.MEDIUM: "it saves in nine of ten draws of those days, but they are fewer than a week",
    Confidence.LOW: "on those days it could as well be chance, or save nothing",
}


def rows_of(advice: Advice) -> list[tuple[str, ...]]:
    """A row for each option, in the order of ``COLUMNS``."""
    return [
        (
            f"{option.name} (best)" if option.name == advice.best else option.name,
            option.setting,
            told_usd(option.usd_per_month),
            told_percent(option.throttled_work_fraction),
            told_usd(option.priced_usd_per_month),
            "" if option.kind is Kind.TODAY else told_usd(option.saving_usd_per_month),
            "" if option.kind is Kind.TODAY else _between(option),
        )
        for option in advice.options
    ]


def fleet_rows(ranked: Sequence[Advice]) -> list[tuple[str, ...]]:
    """A row for each cluster, in the order of ``FLEET_COLUMNS``."""
    return [
        (
            one.trace,
            one.best,
            told_usd(one.saving_usd_per_month),
            _between(one.option(one.best)),
            one.confidence.value,
            str(one.days),
        )
        for one in ranked
    ]


def sentences_of(advice: Advice) -> list[str]:
    """What to set, what it saves, and how sure that is."""
    pause = advice.pause_after_seconds
    static = f"As a static range: {advice.min_acu:g} to {advice.max_acu:g} ACU"
    how_sure = "" if advice.stays else f"; confidence {advice.confidence}: {SURE[advice.confidence]}"
    first = advice.days - advice.measured_days
    found = [
        _verdict(advice),
        f"{static}, pause after {pause} s." if pause else f"{static}.",
        f"Chosen on the first {first} of {advice.days} days, measured on the other {advice.measured_days}{how_sure}.",
        f"Throttled work costs {advice.throttling_price:g} times the capacity it lacked.",
        f"Prices: {advice.region}, storage {advice.storage}, on demand, as of {advice.prices_of}; without storage.",
    ]
    cheaper = [
        one
        for one in advice.options
        if one.kind is Kind.COMPARISON
        and one.priced_usd_per_month < advice.option(advice.best).priced_usd_per_month
        and one.name.startswith("provisioned")
    ]
    if cheaper:
        least = min(cheaper, key=lambda one: one.priced_usd_per_month)
        found.insert(1, f"Not serverless, and cheaper still on those days: {least.setting}.")
    if not any(one.name.startswith("provisioned") for one in advice.options):
        found.append(f"Provisioned classes are not compared: their prices in {advice.region} are not known here.")
    return found


def markdown(ranked: Sequence[Advice], refusals: Sequence[Refusal]) -> str:
    """All of it; a fleet has its ranking first."""
    lines = []
    if len(ranked) > 1:
        lines += ["## Ranking", "", *_table(FLEET_COLUMNS, fleet_rows(ranked)), ""]
    for one in ranked:
        lines += [f"## {one.trace}", "", *_table(COLUMNS, rows_of(one)), "", *sentences_of(one), ""]
    if refusals:
        lines += ["## Left out", "", *(f"- {one.reason}" for one in refusals), ""]
    return "\n".join(lines)


def _verdict(advice: Advice) -> str:
    if advice.stays:
        return "Leave it as it is today: nothing that looked better on the first days saved anything on the others."
    setting, saved = advice.option(advice.best).setting, told_usd(advice.saving_usd_per_month)
    what = advice.best if setting == advice.best else f"{advice.best} ({setting})"
    return f"Best: {what}; it saves {saved} a month against today, throttled work priced."


def _between(option: Option) -> str:
    return f"{told_usd(option.saving_low_usd_per_month)} to {told_usd(option.saving_high_usd_per_month)}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (columns, ("---",) * len(columns), *rows)]
