"""Advice as one self-contained page."""

from collections.abc import Sequence
from html import escape

from autoscaler.backtest.advice import Advice, Confidence, Finding, Kind, Refusal
from autoscaler.backtest.reports.advice_charts import demand_chart, option_bars, saved_by_day
from autoscaler.backtest.reports.advice_words import COLUMNS, FLEET_COLUMNS, fleet_rows, rows_of, sentences_of
from autoscaler.backtest.reports.page import chart, legend, page, section, table, tiles
from autoscaler.backtest.reports.words import told_usd

# Of a large fleet only those that save most are told in full; all of them are in the ranking.
MOST_IN_FULL = 20


def advice_page(findings: Sequence[Finding], refusals: Sequence[Refusal]) -> str:
    """The whole page; findings come ranked."""
    advice = [one.advice for one in findings]
    saved = sum(one.saving_usd_per_month for one in advice)
    name = advice[0].trace if len(advice) == 1 else f"{len(advice)} clusters"
    body = [tiles([(told_usd(saved), "saved a month by the best of each", False)])] if len(advice) > 1 else []
    if len(advice) > 1:
        rows = [[(cell, "") for cell in row] for row in fleet_rows(advice)]
        body.append(section("Ranking", "The largest saving first.", table("", FLEET_COLUMNS, rows)))
    body += [part for place, one in enumerate(findings[:MOST_IN_FULL]) for part in _in_full(one, place)]
    if refusals:
        rows = [[(one.trace, ""), (one.reason, "")] for one in refusals]
        body.append(section("Left out", "", table("", ("cluster", "why"), rows)))
    return page(
        title=f"Recommendation for {name}",
        heading=f"Recommendation for {name}",
        subtitle="Tried on the past, on simulated clusters; nothing was changed.",
        body=body,
        closing="Computed by",
    )


def _in_full(finding: Finding, place: int) -> list[str]:
    advice = finding.advice
    verdict, *more = sentences_of(advice)
    rows = [[(row[0], ""), (row[1], ""), *((cell, "number") for cell in row[2:])] for row in rows_of(advice)]
    key = legend(
        [("background:var(--capacity)", "", "capacity"), ("background:var(--throttled)", "", "throttled work, priced")]
    )
    return [
        _figures(advice),
        section(
            advice.trace,
            verdict,
            *(f"<p>{escape(line)}</p>" for line in more),
            key,
            chart(option_bars(advice, name=f"options-{place}")),
            table("", COLUMNS, rows),
        ),
        section("The workload", "", chart(demand_chart(finding, finding.today_acu, name=f"demand-{place}"))),
        "" if advice.stays else _saved(finding, place),
    ]


def _figures(advice: Advice) -> str:
    today = next(one for one in advice.options if one.kind is Kind.TODAY)
    items = [(told_usd(today.usd_per_month), "a month today", False)]
    if not advice.stays:
        items += [
            (told_usd(advice.option(advice.best).usd_per_month), f"a month with {advice.best}", False),
            (told_usd(advice.saving_usd_per_month), "saved, throttled work priced", False),
            (advice.confidence.value, "confidence", advice.confidence is Confidence.LOW),
        ]
    return tiles(items)


def _saved(finding: Finding, place: int) -> str:
    lead = f"By {finding.advice.best} against today, on the days that nothing was chosen on."
    return section("Saved day by day", lead, chart(saved_by_day(finding, name=f"saved-{place}")))
