"""Advice as it is read: sentences, Markdown, the page."""

from dataclasses import replace

import pytest

from autoscaler.backtest.advice import Confidence, Kind, Refusal, rank
from autoscaler.backtest.advising import Advising, Asked
from autoscaler.backtest.reports.advice_page import MOST_IN_FULL, advice_page
from autoscaler.backtest.reports.advice_words import markdown, sentences_of
from autoscaler.backtest.request import Request
from autoscaler.documents.pricing import PricingDocument, Storage
from tests.backtest.advice import ADVICE, make_finding, make_option
from tests.fakes import MONDAY

REFUSAL = Refusal(trace="new", reason="new has 1.0 days of history; at least 4 whole days are needed")


def test_the_sentences_say_what_to_set_and_how_sure_that_is() -> None:
    assert sentences_of(ADVICE) == [
        "Best: auto (as auto); it saves $100.00 a month against today, throttled work priced.",
        "As a static range: 1 to 8 ACU.",
        (
            "Chosen on the first 8 of 16 days, measured on the other 8; confidence high: "
            "it saves in nine of ten draws of those days."
        ),
        "Throttled work costs 50 times the capacity it lacked.",
        "Prices: us-east-1, storage standard, on demand, as of 2025-08-05; without storage.",
    ]


def test_today_is_told_as_the_best_where_it_is() -> None:
    told = sentences_of(replace(ADVICE, best="today", confidence=Confidence.LOW))
    assert told[0].startswith("Leave it as it is today: ")
    assert told[2] == "Chosen on the first 8 of 16 days, measured on the other 8."


def test_what_is_cheaper_without_serverless_is_not_kept_secret() -> None:
    cheap = make_option("provisioned r6g", kind=Kind.COMPARISON, usd=40.0)
    told = sentences_of(replace(ADVICE, options=(*ADVICE.options[:2], cheap)))
    assert told[1] == "Not serverless, and cheaper still on those days: as provisioned r6g."


def test_classes_without_known_prices_are_told_of() -> None:
    told = sentences_of(replace(ADVICE, region="eu-west-1", options=ADVICE.options[:2]))
    assert told[-1] == "Provisioned classes are not compared: their prices in eu-west-1 are not known here."


def test_a_fleet_begins_with_the_largest_saving() -> None:
    ranked = rank([make_finding("orders", 10.0), make_finding("users", 90.0)])
    assert [one.advice.trace for one in ranked] == ["users", "orders"]


def test_markdown_ranks_a_fleet_and_tells_who_is_left_out() -> None:
    lines = markdown([ADVICE, replace(ADVICE, trace="users")], [REFUSAL]).splitlines()
    assert [line for line in lines if line.startswith("#")] == ["## Ranking", "## orders", "## users", "## Left out"]
    assert "| users | auto | $100.00 | $90.00 to $110.00 | high | 16 |" in lines
    assert (
        "| provisioned r6g | as provisioned r6g | $400.00 | 2.00 % | $800.00 | -$600.00 | -$610.00 to -$590.00 |"
        in lines
    )


def test_a_page_shows_a_large_fleet_as_a_ranking_and_its_first_in_full() -> None:
    page = advice_page([make_finding(f"shop-{place}") for place in range(MOST_IN_FULL + 1)], [REFUSAL])
    assert page.count('<th scope="row">shop-20</th>') == 1
    assert page.count("<h2>shop-") == MOST_IN_FULL
    assert "at least 4 whole days" in page
    assert "<script" not in page


def test_whoever_cannot_be_advised_is_left_out() -> None:
    asked = Asked(
        request=Request(trace="missing.csv", policy="native"), pricing=PricingDocument(storage=Storage.IO_OPTIMIZED)
    )
    answers = Advising(name="one", asked=(asked,)).carry_out(now=lambda: MONDAY, on_progress=lambda *told: None)
    assert answers == [
        Refusal(trace="missing.csv", reason="no trace file missing.csv; give a CSV file or scenario:NAME")
    ]


@pytest.mark.parametrize(("low", "high"), [(8.0, 4.0)])
def test_todays_minimum_above_its_maximum_is_refused(low: float, high: float) -> None:
    asked = Asked(request=Request(trace="scenario:e-commerce", policy="native"), today_min_acu=low, today_max_acu=high)
    answers = Advising(name="one", asked=(asked,)).carry_out(now=lambda: MONDAY, on_progress=lambda *told: None)
    told = "today's minimum of 8 ACU is above today's maximum of 4 ACU"
    assert answers == [Refusal(trace="scenario:e-commerce", reason=told)]
