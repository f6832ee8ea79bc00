"""The shipped policies: explained, loadable by name, and no worse than leaving a cluster alone."""

from pathlib import Path

import pytest

from autoscaler.backtest.request import Request
from autoscaler.backtest.run import run
from autoscaler.backtest.score import score
from autoscaler.config import load_policy
from autoscaler.documents.presets import preset_header, preset_names
from autoscaler.errors import UnknownName
from autoscaler.registry import forecaster_names, policy_names

FOLDER = Path(__file__).resolve().parents[2] / "policies" / "presets"
SCENARIOS = {
    "preset:business-hours": "healthcare",
    "preset:dev-test": "development-test",
    "preset:e-commerce-sales": "e-commerce",
    "preset:multi-tenant-saas": "multi-tenant-saas",
    "preset:nightly-batch": "analytics",
    "preset:web-application": "global-application",
}


def test_every_preset_has_a_scenario_and_a_name_of_its_own() -> None:
    assert preset_names() == sorted(SCENARIOS)
    assert not {*preset_names()} & {*policy_names(), *forecaster_names()}


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_explained_in_its_header(name: str) -> None:
    title, _, description = preset_header(name).partition("\n\n")

    assert len(title) > 40
    assert len(description) > 150


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_loaded_by_name_or_as_a_file(name: str) -> None:
    by_name = load_policy(name)
    by_file = load_policy(str(FOLDER / f"{name.removeprefix('preset:')}.yaml"))

    assert by_name.name == name
    assert by_name.model_copy(update={"name": by_file.name}) == by_file


def test_a_preset_that_does_not_exist_is_told() -> None:
    with pytest.raises(UnknownName, match=r"no preset named 'preset:x'; there are: preset:business-hours"):
        load_policy("preset:x")


def throttled(policy: str, scenario: str, *, min_acu: float, max_acu: float) -> float | None:
    request = Request(trace=f"scenario:{scenario}", policy=policy, min_acu=min_acu, max_acu=max_acu)
    return score(run(request.plan())).throttled_work_fraction


@pytest.mark.slow
@pytest.mark.parametrize("name", preset_names())
def test_a_preset_throttles_no_more_work_than_a_cluster_left_alone(name: str) -> None:
    limits = load_policy(name).limits
    assert limits is not None
    assert limits.min_acu is not None
    assert limits.max_acu is not None
    bounds = {"min_acu": limits.min_acu, "max_acu": limits.max_acu}

    alone, preset = (throttled(policy, SCENARIOS[name], **bounds) for policy in ("native", name))
    assert preset is not None
    assert alone is not None
    assert preset <= alone
