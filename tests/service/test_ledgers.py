"""What a cluster costs, what it would cost left alone, and how shadow policies score, on a whole service."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from autoscaler.config import PolicyDocument
from autoscaler.core.decision import Advice
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tally import Tally
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.views import ClusterView
from autoscaler.service.wiring import assembled
from autoscaler.storage.database import Database
from autoscaler.storage.scores import ACTING, LEFT_ALONE, MEASURED, Scores
from tests.fakes import MONDAY, ManualClock, later
from tests.service.builders import make_cluster, make_settings, run_for
from tests.storage.builders import url_in

REACTIVE = PolicyDocument(policy="reactive", settings={"target_utilization": 0.4})
NATIVE = PolicyDocument(policy="native")
HASTY = {"watch_seconds": 0, "shrink_wait_seconds": 0, "change_spacing_seconds": 0}
TICKS = 120


def shadowed(policy: PolicyDocument, *shadows: PolicyDocument) -> ClusterSettings:
    return make_cluster(policy=policy).model_copy(update={"shadows": shadows})


async def scored(
    folder: Path, cluster: ClusterSettings, *, ticks: int = TICKS, start_seconds: float = 0, **settings: object
) -> tuple[dict[str, Tally], ClusterView]:
    """The scores of a service that ran for a while, by policy, and what it showed in the end."""
    clock = ManualClock(later(start_seconds))
    async with assembled(make_settings(folder, cluster, **settings), clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=ticks)
        view = supervisor.view("shop")
    database = Database(url_in(folder))
    found = await Scores(database).since(MONDAY.replace(hour=0))
    await database.close()
    return {policy: tally for (_, policy), tally in found.items()}, view


async def test_a_shadow_scores_what_its_policy_would_have_cost_in_charge(tmp_path: Path) -> None:
    beside, view = await scored(tmp_path / "one", shadowed(NATIVE, REACTIVE))
    in_charge, _ = await scored(tmp_path / "two", shadowed(REACTIVE))

    shadow, real = beside["reactive"], in_charge[ACTING]
    assert shadow.acu_hours == pytest.approx(real.acu_hours, rel=0.02)
    assert shadow.acu_hours != pytest.approx(beside[ACTING].acu_hours, rel=0.05)
    assert shadow.changes == pytest.approx(real.changes, abs=2)
    (shown,) = view.shadows
    assert (shown.name, shown.failed) == ("reactive", None)
    assert shown.reason is not None


async def test_the_twin_under_the_ranges_in_force_costs_what_was_metered(tmp_path: Path) -> None:
    scores, _ = await scored(tmp_path, shadowed(REACTIVE))

    assert scores.keys() == {MEASURED, ACTING, LEFT_ALONE}
    assert scores[ACTING].acu_hours == pytest.approx(scores[MEASURED].acu_hours, rel=0.03)
    assert scores[ACTING].seconds == scores[MEASURED].seconds == scores[LEFT_ALONE].seconds


async def test_a_cluster_left_alone_saves_nothing(tmp_path: Path) -> None:
    scores, _ = await scored(tmp_path, shadowed(NATIVE, REACTIVE))

    assert scores[ACTING].acu_hours == pytest.approx(scores[LEFT_ALONE].acu_hours)


async def test_scores_go_on_after_a_restart(tmp_path: Path) -> None:
    before, _ = await scored(tmp_path, shadowed(REACTIVE), ticks=30)
    after, _ = await scored(tmp_path, shadowed(REACTIVE), ticks=30, start_seconds=30 * 60)

    assert before[MEASURED].seconds == pytest.approx(30 * 60, abs=180)  # metrics come late
    assert after[MEASURED].seconds == pytest.approx(60 * 60, abs=180)


async def test_a_shadow_that_fails_is_told_and_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Broken:
        recent_seconds: float = 0.0
        looks_ahead: bool = False

        def advise(self, snapshot: Snapshot) -> Advice:
            raise ZeroDivisionError("a plug-in's mistake")

    real = PolicyDocument.build_policy
    monkeypatch.setattr(PolicyDocument, "build_policy", lambda self: Broken() if self.name == "broken" else real(self))
    _, view = await scored(tmp_path, shadowed(NATIVE, PolicyDocument(name="broken", policy="native")), ticks=10)

    assert view.failures == 0
    assert [one.failed for one in view.shadows] == ["ZeroDivisionError: a plug-in's mistake"]


async def test_a_shadow_with_a_forecast_fits_its_own(tmp_path: Path) -> None:
    scores, view = await scored(tmp_path, shadowed(NATIVE, PolicyDocument(policy="quantile")), ticks=60)

    assert scores["quantile"].seconds > 0
    assert view.shadows[0].failed is None


async def test_without_savings_nothing_is_kept(tmp_path: Path) -> None:
    scores, view = await scored(tmp_path, shadowed(REACTIVE, NATIVE), ticks=5, savings=False)

    assert (scores, view.shadows) == ({}, ())


@pytest.mark.parametrize("names", [("left-alone",), ("twice", "twice")])
def test_shadows_need_names_that_tell_them_apart(names: tuple[str, ...]) -> None:
    shadows = [{"name": name, "policy": "native"} for name in names]
    with pytest.raises(ValidationError, match=f"a shadow cannot be named '{names[0]}'"):
        ClusterSettings.model_validate({**make_cluster().model_dump(mode="json"), "shadows": shadows})


async def test_a_shadow_keeps_to_its_own_budget_by_what_its_twin_spends(tmp_path: Path) -> None:
    wish = {"policy": "native", "settings": {"floor_acu": 48}, "rules": HASTY}
    free = PolicyDocument.model_validate({"name": "free", **wish})
    tight = PolicyDocument.model_validate({"name": "tight", **wish, "budget": {"acu_hours_per_day": 1, "clamp": True}})
    scores, _ = await scored(tmp_path, shadowed(NATIVE, free, tight))

    assert scores["tight"].acu_hours < 0.7 * scores["free"].acu_hours
