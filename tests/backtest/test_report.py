"""The reports: one file that fetches nothing, stays small, hides nothing and reads well to everybody."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from autoscaler.backtest.job import perform
from autoscaler.backtest.reports.one_run import Findings, report
from autoscaler.backtest.reports.sleeping import sleep_section
from autoscaler.backtest.reports.track import BandPoint, Diary, Track, episodes
from autoscaler.backtest.request import Request
from autoscaler.backtest.summary import Summary
from autoscaler.backtest.traces import write_trace
from tests.backtest.builders import START, make_trace
from tests.fakes import MONDAY, later

ONE_MEGABYTE = 1_000_000
DAY_STEPS = 5760
BUSY = [1.0, 3.0, 12.0, 0.5, 0.0, 0.0, 7.5, 20.0, 1.0]
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """What is in a page: its tags and attributes, and whether everything that opens closes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(
    folder: Path,
    *,
    demand: list[float] = BUSY,
    policy: str = "reactive",
    options: Mapping[str, float] = MappingProxyType({}),
) -> str:
    write_trace(make_trace(demand, step_seconds=300.0), folder / "load.csv")
    request = Request(trace=str(folder / "load.csv"), policy=policy, **options)  # type: ignore[arg-type]
    perform(request, now=lambda: MONDAY, out=folder / "out")
    return (folder / "out" / "report.html").read_text(encoding="utf-8")


def long_track(*, days: int = 28) -> Track:
    """A run as busy as can be: every step differs from the one before, and some throttle."""
    rng = np.random.default_rng(3)
    steps = days * DAY_STEPS
    demand = rng.gamma(1.0, 4.0, steps)
    return Track(
        name="wild",
        start=START,
        step_seconds=15.0,
        demand_acu=demand,
        need_acu=np.ceil(demand),
        capacity_acu=rng.gamma(2.0, 4.0, steps),
        floor_acu=np.round(rng.gamma(2.0, 2.0, steps)),
        throttled_acu_seconds=np.where(rng.random(steps) < 0.02, 5.0, 0.0),
        paused=rng.random(steps) < 0.1,
        cold=np.zeros(steps, dtype=bool),
        scored=rng.random(steps) < 0.95,
    )


def summary_named(policy: str) -> Summary:
    numbers = dict.fromkeys(("acu_hours", "usd", "reference_acu_hours", "cold_wait_seconds", "wall_seconds"), 1.0)
    counts = dict.fromkeys(("steps", "wakes", "cold_hits", "awake_idle_hours", "paused_hours", "range_changes"), 1)
    given_names = {"policy": policy, "cluster": "orders", "trace": "load.csv", "version": "1"}
    times = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-30T00:00:00Z"}
    fractions = {name: 0.1 for name in Summary.__slots__ if name not in {*numbers, *counts, *given_names, *times}}
    return Summary(**numbers, **counts, **given_names, **times, **fractions)  # type: ignore[arg-type]


def findings_of(track: Track, *, policy: str = "wild", diary: Diary | None = None) -> Findings:
    request = Request(trace="scenario:development-test", policy="reactive")
    return Findings(
        request=request, plan=request.plan(), summary=summary_named(policy), track=track, diary=diary or Diary()
    )


def test_a_report_fetches_nothing_and_runs_nothing(tmp_path: Path) -> None:
    html = page_of(tmp_path)
    page = Page(html)

    assert "://" not in html
    assert not {"script", "link", "img", "iframe", "object", "embed", "video", "use", "image"} & set(page.tags)
    assert not {"src", "href", "srcset", "xlink:href", "onload"} & {name for name, _ in page.attributes}
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_everything_that_opens_closes_and_every_drawing_is_well_formed(tmp_path: Path) -> None:
    html = page_of(tmp_path)
    drawings = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)

    assert Page(html).open == []
    assert len(drawings) >= 2
    for drawing in drawings:
        ET.fromstring(drawing)  # noqa: S314 - our own


def test_drawings_tell_those_who_cannot_see_them(tmp_path: Path) -> None:
    html = page_of(tmp_path)
    for drawing in re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL):
        root = ET.fromstring(drawing)  # noqa: S314 - our own
        told = {child.get("id"): child.text for child in root if child.tag in ("title", "desc")}
        assert root.get("role") == "img"
        assert all(told[name] for name in (root.get("aria-labelledby") or "").split())
    names = re.findall(r' id="([^"]+)"', html)

    assert len(names) == len(set(names))
    assert '<html lang="en">' in html
    assert "prefers-color-scheme:dark" in html


def test_four_weeks_of_the_wildest_load_stay_below_a_megabyte() -> None:
    track = long_track()
    diary = Diary()
    diary.band += [
        BandPoint(at=later(300 * place, START), seconds=300.0, low_acu=place % 7, high_acu=7.0 + place % 11)
        for place in range(28 * 288)
    ]

    html = report(findings_of(track, diary=diary))

    assert len(html.encode()) < ONE_MEGABYTE
    assert len(html.encode()) > 100_000  # the curves are there


def test_names_are_text_whatever_they_look_like() -> None:
    html = report(findings_of(long_track(days=1), policy="<script>alert(1)</script>"))

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_report_tells_the_settings_and_the_command(tmp_path: Path) -> None:
    html = page_of(tmp_path, options={"min_acu": 2.0, "peak_acu": 16.0})

    assert "--peak-acu 16 --min-acu 2" in html
    assert "change_spacing_seconds: 300" in html
    assert "up_window_seconds" in html


@pytest.mark.parametrize(
    ("demand", "options", "told"),
    [
        ([1.0, 30.0, 30.0, 1.0], {"max_acu": 8.0}, "episodes; capacity and floor as they began"),
        ([1.0, 1.0], {}, "Nowhere."),
        ([1.0, 0.0, 0.0, 0.0, 2.0], {"min_acu": 0.0}, ">paused</text>"),
        ([0.0, 0.0], {"min_acu": 0.0}, "where none were needed"),
        ([5.0], {}, "reactive on aurora-v2"),
    ],
)
def test_a_report_tells_what_happened(
    tmp_path: Path, demand: list[float], options: dict[str, float], told: str
) -> None:
    assert told in page_of(tmp_path, demand=demand, options=options)


def test_a_forecast_shows_as_a_band(tmp_path: Path) -> None:
    demand = [1.0, 2.0, 3.0, 2.0] * 12
    ahead = page_of(tmp_path, demand=demand, policy="quantile")
    (tmp_path / "other").mkdir()
    now = page_of(tmp_path / "other", demand=demand)

    assert 'class="band"' in ahead
    assert "forecast 15 min ahead" in ahead
    assert 'class="band"' not in now


def test_throttled_steps_close_together_are_one_episode_the_worst_comes_first() -> None:
    track = long_track(days=1)
    throttled = np.zeros(DAY_STEPS)
    throttled[[10, 20, 100, 5000]] = [1.0, 2.0, 50.0, 9.0]
    found = episodes(
        Track(
            **{
                **{name: getattr(track, name) for name in Track.__slots__},
                "throttled_acu_seconds": throttled,
                "scored": np.arange(DAY_STEPS) < 4000,
            }
        )
    )

    assert [(episode.begin, episode.end, episode.throttled_acu_seconds) for episode in found] == [
        (1500.0, 1515.0, 50.0),
        (150.0, 315.0, 3.0),
    ]


def test_who_slept_when_is_shown_where_somebody_slept() -> None:
    track = long_track(days=1)
    slept = np.arange(DAY_STEPS) < 1000
    cold = np.arange(DAY_STEPS) == 1000
    asleep = Track(**{name: getattr(track, name) for name in Track.__slots__} | {"paused": slept, "cold": cold})
    awake = Track(**{name: getattr(track, name) for name in Track.__slots__} | {"paused": np.zeros_like(slept)})
    shown = sleep_section([asleep, awake], [summary_named("wild"), summary_named("awake")])

    assert sleep_section([awake], [summary_named("awake")]) == ""
    assert "wild is paused for 4.17 h and meets 1 clients so." in shown
    assert shown.count('class="throttled"') == 1
    assert '<th scope="row">clairvoyant</th>' in shown
