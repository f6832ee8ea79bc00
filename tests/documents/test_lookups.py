"""Holidays and calendar files become plain days and spans when a document is read."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from autoscaler.config import PolicyDocument, load_policy
from autoscaler.errors import InvalidDocument
from policies.calendars import Calendar, Span
from policies.scheduled import Scheduled
from tests.documents.calendar_file import ICS


def written(folder: Path, calendar: str) -> Path:
    path = folder / "shop.yaml"
    path.write_text(f"policy: scheduled\nsettings:\n  calendars:\n    - {calendar}\n", encoding="utf-8")
    return path


def calendar_of(path: Path) -> Calendar:
    policy = load_policy(str(path)).build_policy()
    assert isinstance(policy, Scheduled)
    return policy.calendars[0]


def test_the_holidays_of_a_country_and_its_part_are_days(tmp_path: Path) -> None:
    days = calendar_of(written(tmp_path, "{name: berlin, country: DE, subdivision: BE, days: [2026-12-24]}")).days

    assert {date(2026, 3, 8), date(2026, 10, 3), date(2026, 12, 24), date(2026, 12, 25)} <= set(days)
    assert date(2026, 3, 9) not in days
    assert (days[0].year, days[-1].year) == (2000, 2050)


def test_a_file_gives_whole_days_and_spans_repeated_ones_too(tmp_path: Path) -> None:
    (tmp_path / "sales.ics").write_text(ICS, encoding="utf-8")
    calendar = calendar_of(written(tmp_path, "{name: sales, file: sales.ics}"))

    assert calendar.days == (date(2026, 11, 27), date(2026, 11, 28))
    first, again, floating = sorted(calendar.spans, key=lambda span: span.start.replace(tzinfo=UTC))
    assert (first.start, first.end) == (
        datetime(2026, 3, 5, 14, tzinfo=UTC),
        datetime(2026, 3, 5, 17, tzinfo=UTC),
    )
    assert again.start == datetime(2026, 3, 12, 13, tzinfo=UTC)
    assert floating == Span(start=datetime(2026, 4, 1, 9), end=datetime(2026, 4, 1, 9, 30))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("calendar", "told"),
    [
        ("{name: a, country: XX}", ":4:26: country is 'XX', whose holidays are not known"),
        ("{name: a, country: DE, subdivision: QQ}", ":4:43: subdivision is 'QQ', no part of DE"),
        ("{name: a, subdivision: BE}", ":4:30: subdivision is 'BE' without a country"),
        ("{name: a, file: gone.ics}", ":4:23: no file "),
        ("{name: a, file: broken.ics}", "cannot be read as iCalendar"),
        ("{name: a, file: .}", ":4:23: "),
    ],
)
def test_what_cannot_be_looked_up_is_told_in_its_line(tmp_path: Path, calendar: str, told: str) -> None:
    (tmp_path / "broken.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:yesterday\nEND:VCALENDAR\n")

    with pytest.raises(InvalidDocument) as problem:
        load_policy(str(written(tmp_path, calendar)))
    assert told in str(problem.value)


def test_a_policy_inside_another_document_is_looked_up_beside_that(tmp_path: Path) -> None:
    (tmp_path / "sales.ics").write_text(ICS, encoding="utf-8")
    content = {"policy": "scheduled", "settings": {"calendars": [{"name": "sales", "file": "sales.ics"}]}}

    document = PolicyDocument.model_validate(content, context={"folder": tmp_path})
    assert document.settings["calendars"][0]["days"] == [date(2026, 11, 27), date(2026, 11, 28)]
    stored = PolicyDocument.model_validate(document.model_dump(mode="json"))
    assert stored.build_policy() == document.build_policy()
