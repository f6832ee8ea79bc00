"""The policies that are shipped allow what is called, and nothing else."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CALLED = {
    action
    for file in (ROOT / "autoscaler" / "adapters").glob("aurora*.py")
    for action in re.findall(r'"((?:cloudwatch|pi|rds|scheduler|sts):[A-Za-z]+)"', file.read_text(encoding="utf-8"))
}


SCHEDULING = {action for action in CALLED if action.startswith("scheduler:")}
# A trust of the role's own, and a policy of its own for who wants it.
APART = {"sts:AssumeRole", "pi:GetResourceMetrics"}


def allowed(name: str) -> set[str]:
    document = json.loads((ROOT / "docs" / "iam" / f"{name}.json").read_text(encoding="utf-8"))
    actions = [one["Action"] for one in document["Statement"] if one["Effect"] == "Allow"]
    return {action for one in actions for action in ([one] if isinstance(one, str) else one)}


@pytest.mark.parametrize(
    ("name", "left_out"),
    [("enforce", APART | SCHEDULING), ("observe", APART | SCHEDULING | {"rds:ModifyDBCluster"})],
)
def test_a_policy_allows_what_is_called_and_nothing_else(name: str, left_out: set[str]) -> None:
    assert allowed(name) == CALLED - left_out
    assert left_out <= CALLED


def test_the_switch_allows_its_schedules_and_its_schedule_one_change() -> None:
    assert allowed("dead-man") == {*SCHEDULING, "iam:PassRole"}
    assert len(SCHEDULING) == 3
    assert allowed("dead-man-role") == {"rds:ModifyDBCluster"}


def test_sessions_have_a_policy_of_their_own() -> None:
    assert allowed("insights") == {"pi:GetResourceMetrics"}


def test_the_trust_asks_for_an_external_id() -> None:
    document = json.loads((ROOT / "docs" / "iam" / "trust.json").read_text(encoding="utf-8"))

    assert all("sts:ExternalId" in one["Condition"]["StringEquals"] for one in document["Statement"])
