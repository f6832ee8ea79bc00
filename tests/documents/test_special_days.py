"""Special days in policy documents: looked up, checked, and known to the forecaster."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autoscaler.config import PolicyDocument, load_policy
from autoscaler.documents.special_days import SpecialDays
from autoscaler.errors import InvalidInput
from autoscaler.registry import build
from models.special_days import Occasion, WithSpecialDays

DOCUMENT = """
policy: quantile
forecaster: mixture
special_days:
  time_zone: Europe/Berlin
  calendars:
    - {name: holidays, country: DE}
    - {name: launch, spans: [{start: 2026-09-15T08:00:00, end: 2026-09-15T12:00:00}]}
  factors: {launch: 3}
"""


def test_a_document_makes_a_forecaster_that_knows_its_days(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(DOCUMENT)
    document = load_policy(str(file))
    knows = document.build_forecaster()
    again = PolicyDocument.model_validate(document.model_dump(mode="json")).build_forecaster()

    assert isinstance(knows, WithSpecialDays)
    assert knows == again
    launch = next(one for one in knows.occasions if one.kind == "launch")
    morning = datetime(2026, 9, 15, 6, tzinfo=UTC)
    assert (launch.start, launch.end - launch.start, launch.factor) == (morning, timedelta(hours=4), 3)
    unity = datetime(2026, 10, 2, 22, tzinfo=UTC)
    assert Occasion(start=unity, end=unity + timedelta(days=1), kind="holidays") in knows.occasions


def test_a_day_of_a_clock_change_is_as_long_as_it_is() -> None:
    days = build(SpecialDays, {"calendars": [{"name": "x", "days": ["2026-03-29"]}], "time_zone": "Europe/Berlin"}, "x")
    assert [one.end - one.start for one in days.occasions()] == [timedelta(hours=23)]


@pytest.mark.parametrize(
    ("special_days", "told"),
    [
        ("{calendars: [{name: x}], factors: {y: 2}}", "no calendar has that name"),
        ("{calendars: [{name: x}], factors: {x: 0}}", "factors.x is 0"),
        ("{calendars: [{name: x}], time_zone: Mars}", "time_zone is 'Mars'"),
        ("{calendars: [{name: x, country: XX}]}", "country is 'XX'"),
        ("{calendar: []}", "calendar"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, special_days: str, told: str) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(f"policy: quantile\nspecial_days: {special_days}\n")
    with pytest.raises(InvalidInput, match=r"shop\.yaml:2:") as refused:
        load_policy(str(file))
    assert told in str(refused.value)
