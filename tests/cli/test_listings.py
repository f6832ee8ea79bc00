"""The commands that tell what there is, and the help of all commands."""

import json
import re

import pytest

from autoscaler.backtest.request import Request
from autoscaler.config import DEFAULT_MAX_ACU, DEFAULT_MIN_ACU, load_cluster
from autoscaler.core.cost import Prices
from autoscaler.core.decision import RuleSettings
from autoscaler.documents.presets import preset_names
from autoscaler.registry import forecaster_names, policy_names
from autoscaler.simulator.profiles import PROFILES
from autoscaler.simulator.scenarios import SCENARIOS
from tests.cli.conftest import Cli

COMMANDS = ("backtest", "compare", "scenarios", "policies", "profiles", "serve", "demo")
EXISTING = {
    "scenarios": list(SCENARIOS),
    "policies": [*policy_names(), *preset_names(), *forecaster_names()],
    "profiles": list(PROFILES),
}
DEFAULTS_OF_DOCUMENTS = {
    "min-acu": f"{DEFAULT_MIN_ACU:g}",
    "max-acu": f"{DEFAULT_MAX_ACU:g}",
    "throttling-price": f"{Prices().throttling_price:g}",
    "change-spacing-seconds": f"{RuleSettings().change_spacing_seconds:g}",
    "metric-delay-seconds": "60",
    "floor-effect": "immediate",
}


def words_of(text: str) -> str:
    """Help without its frames and line ends."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


@pytest.mark.parametrize("command", EXISTING)
def test_a_listing_names_everything(cli: Cli, command: str) -> None:
    table, document = cli(command), cli(command, "-o", "json")

    assert all(name in table.out for name in EXISTING[command])
    assert sorted(item["name"] for item in json.loads(document.out)) == sorted(EXISTING[command])
    assert (table.code, table.err, document.err) == (0, "", "")


@pytest.mark.parametrize(("command", "name"), [(command, name) for command in EXISTING for name in EXISTING[command]])
def test_everything_can_be_shown(cli: Cli, command: str, name: str) -> None:
    table, document = cli(command, "show", name), cli(command, "show", name, "-o", "json")

    assert (table.code, document.code, table.err, document.err) == (0, 0, "", "")
    assert json.loads(document.out)["name"] == name


def test_a_scenario_is_drawn_day_by_day(cli: Cli) -> None:
    days = [line for line in cli("scenarios", "show", "online-gaming", "--days", "3").out.splitlines() if "▁" in line]

    assert [day.split()[:3] for day in days] == [["Mon", "05", "Jan"], ["Tue", "06", "Jan"], ["Wed", "07", "Jan"]]


def test_a_default_of_several_names_is_told_by_the_names(cli: Cli) -> None:
    told = json.loads(cli("policies", "show", "auto", "-o", "json").out)["settings"]
    assert told["families"]["default"] == "static, reactive, scheduled, predictive"


def test_the_settings_of_a_policy_are_explained(cli: Cli) -> None:
    told = json.loads(cli("policies", "show", "reactive", "-o", "json").out)["settings"]

    assert told["up_window_seconds"]["default"] == "120"
    assert all(setting["meaning"] for setting in told.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_examples(cli: Cli, command: str) -> None:
    done = cli(command, "--help")

    assert done.code == 0
    assert f"Examples: autoscaler {command}" in words_of(done.out)


def test_without_a_command_there_is_help(cli: Cli) -> None:
    done = cli()

    assert done.code == 0
    assert all(command in done.out for command in COMMANDS)


@pytest.mark.parametrize("option", DEFAULTS_OF_DOCUMENTS)
def test_help_tells_the_defaults_that_are_in_documents(cli: Cli, option: str) -> None:
    help_text = words_of(cli("backtest", "--help").out)
    of_option = help_text.partition(f"--{option} ")[2].partition(" --")[0]

    assert f"or {DEFAULTS_OF_DOCUMENTS[option]})]" in of_option


def test_those_defaults_are_in_force() -> None:
    plan = Request(trace="scenario:development-test", policy="native").plan()
    measuring = plan.cluster.profile.measuring

    assert (plan.limits.min_acu, plan.limits.max_acu) == (DEFAULT_MIN_ACU, DEFAULT_MAX_ACU)
    assert (plan.rules, plan.prices, plan.cluster.profile) == (
        RuleSettings(),
        Prices(),
        load_cluster("aurora-v2").build_profile(),
    )
    assert (measuring.delay_seconds, plan.cluster.profile.changing.floor_jumps) == (60.0, True)
    assert (plan.step_seconds, plan.decide_seconds, plan.interpolation) == (15.0, 60.0, "hold")
