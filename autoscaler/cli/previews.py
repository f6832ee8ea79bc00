"""A policy's coming days as a table, as a chart of characters, and as plain data."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from autoscaler.cli.show import new_table, stdout
from autoscaler.documents.previews import Preview, midnight
from policies.preview import Bounds, BoundsFrom, ClockChange

BLOCKS = "▁▂▃▄▅▆▇█"
SLOT = timedelta(minutes=30)


def in_plain(told: Preview) -> dict[str, Any]:
    """For programs: every stretch and every clock change, in local time with its offset."""
    return {
        "policy": told.name,
        "time_zone": told.zone.key,
        "bounds": [
            {
                "start": one.start.astimezone(told.zone).isoformat(),
                "end": one.end.astimezone(told.zone).isoformat(),
                "floor_acu": one.bounds.floor_acu,
                "ceiling_acu": one.bounds.ceiling_acu,
                "pause_after_seconds": one.bounds.pause_after_seconds,
                "follows_demand": one.bounds.follows_demand,
                "freeze": one.bounds.freeze,
                "reason": one.reason,
            }
            for one in told.bounds
        ],
        "clock_changes": [
            {"at": change.at.astimezone(told.zone).isoformat(), "seconds": change.seconds} for change in told.changes
        ],
    }


def draw(told: Preview) -> None:
    """For people: a table of all changes, then a line per day."""
    table = new_table("from", "floor", "ceiling", "pause", "freeze", "why", numbers=("floor", "ceiling"))
    rows: list[tuple[datetime, tuple[str, ...]]] = [
        (group[0].start, _row(group, told.zone)) for group in _grouped(told.bounds)
    ]
    rows += [(change.at, (_at(change.at, told.zone), "", "", "", "", _told_change(change))) for change in told.changes]
    for _, row in sorted(rows, key=lambda row: row[0]):
        table.add_row(*row)
    console = stdout()
    console.print(f"[bold]{told.name}[/bold], {told.zone.key}\n")
    console.print(table)
    console.print(f"\nFloor by half hour ({BLOCKS[-1]} {_highest(told):g} ACU, f frozen):\n")
    for day in told.days:
        for line in _drawn(day, told):
            print(line)


def _grouped(bounds: Iterable[BoundsFrom]) -> list[list[BoundsFrom]]:
    """Each on its own, but the steps of a ramp together."""
    groups: list[list[BoundsFrom]] = []
    for one in bounds:
        if groups and one.ramping and groups[-1][-1].ramping:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _row(group: list[BoundsFrom], zone: ZoneInfo) -> tuple[str, ...]:
    first, last = group[0], group[-1].bounds
    pause = "never" if last.pause_after_seconds is None else f"after {last.pause_after_seconds} s"
    floor = f"{last.floor_acu:g}" if len(group) == 1 else f"{first.bounds.floor_acu:g} to {last.floor_acu:g}"
    up = " and up" if last.follows_demand else ""
    why = first.reason.partition(";")[0] + "; ramping up" if first.ramping else first.reason
    return _at(first.start, zone), floor + up, f"{last.ceiling_acu:g}", pause, _told_freeze(last), why


def _told_freeze(bounds: Bounds) -> str:
    return "" if bounds.freeze is None else str(bounds.freeze)


def _drawn(day: date, told: Preview) -> list[str]:
    at, end = (midnight(day + timedelta(days=count), told.zone) for count in (0, 1))
    floors, frozen = "", ""
    while at < end:
        during = [one.bounds for one in told.bounds if one.start < at + SLOT and one.end > at]
        highest = max(bounds.floor_acu for bounds in during)
        floors += BLOCKS[round(highest / (_highest(told) or 1.0) * (len(BLOCKS) - 1))]
        frozen += "f" if any(bounds.freeze for bounds in during) else " "
        at += SLOT
    changed = [change for change in told.changes if change.at.astimezone(told.zone).date() == day]
    notes = "".join(f"  {_at(change.at, told.zone)[-5:]} {_told_change(change)}" for change in changed)
    lines = [f"{day:%a %d %b}  {floors}{notes}"]
    return [*lines, f"{'':12}{frozen.rstrip()}"] if frozen.strip() else lines


def _told_change(change: ClockChange) -> str:
    way = "forward" if change.seconds > 0 else "back"
    return f"clock goes {way} by {abs(change.seconds) / 3600:g} h"


def _highest(told: Preview) -> float:
    return max(one.bounds.floor_acu for one in told.bounds)


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %d %b %H:%M}"
