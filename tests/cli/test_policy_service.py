"""Policies of a running service, from the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, write
from tests.cli.test_operating import operator, store, url
from tests.documents.calendar_file import ICS

__all__ = ["operator", "store", "url"]

NATIVE = ("policy: native", "settings: {floor_acu: 4, ceiling_acu: 32}")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write(tmp_path / "shop.yaml", *NATIVE)


def test_a_document_is_applied_changed_and_rolled_back(operator: Cli, shop: Path) -> None:
    made = operator("policies", "apply", shop)
    bound = operator("policy", "bind", "shop", "--cluster", "orders")
    write(shop, *NATIVE, "limits: {max_acu: 16}")
    differs = operator("policies", "diff", shop)
    changed = operator("policies", "apply", shop)
    same = operator("policies", "diff", shop)
    aborted = operator("policies", "rollout", "shop", "abort", "-o", "json")
    back = operator("policies", "rollback", "shop", "--to", "1", "-o", "json")
    versions = operator("policies", "versions", "shop")

    assert [one.code for one in (made, bound, differs, changed, same, aborted, back)] == [0, 0, 5, 0, 0, 0, 0]
    assert "orders" in bound.out
    assert differs.out.splitlines()[-1] == "+  max_acu: 16"
    assert "version 2 running, 1 of 1 clusters: ring 1 of 2" in " ".join(changed.out.split())
    assert same.out == ""
    assert json.loads(aborted.out)["rollout"]["state"] == "aborted"
    assert json.loads(back.out)["newest_version"] == 2, "version 1 is in force still"
    assert versions.out.count("native") == 2


def test_a_plan_says_by_its_exit_code_what_would_happen(operator: Cli, shop: Path) -> None:
    operator("policies", "apply", shop)
    nothing = operator("policies", "plan", shop)
    something = operator("policies", "plan", shop, "--cluster", "orders", "-o", "wide")
    over = operator("policies", "plan", shop, "--most-usd-rise", "0.1")

    assert [one.code for one in (nothing, something, over)] == [0, 5, 6]
    assert "shop: the newest stored document, 0 clusters, 0 more not looked at." in nothing.out
    assert "0.5 to 64" in something.out


def test_mistakes_are_told_with_their_place_before_anything_is_sent(operator: Cli, tmp_path: Path) -> None:
    done = operator("policies", "apply", write(tmp_path / "bad.yaml", "policy: native", "setings: {}"))

    assert done.code == 2
    assert "bad.yaml:2:1: there is no setting 'setings'; did you mean 'settings'?" in done.err


def test_days_of_a_calendar_file_are_sent_instead_of_its_name(operator: Cli, tmp_path: Path) -> None:
    (tmp_path / "sales.ics").write_text(ICS, encoding="utf-8")
    calendar = "settings: {calendars: [{name: sales, file: sales.ics}]}"
    done = operator("policies", "apply", write(tmp_path / "sale.yaml", "policy: scheduled", calendar), "-o", "json")

    (sent,) = json.loads(done.out)["document"]["settings"]["calendars"]
    assert "file" not in sent
    assert sent["days"]


def test_lists_and_targets(operator: Cli, shop: Path) -> None:
    operator("policies", "apply", shop)
    listed, wide = operator("policies", "get"), operator("policies", "get", "shop", "-o", "wide")
    nobody = operator("policies", "bind", "shop")
    unknown = operator("policies", "get", "nothing")

    assert [line.split()[0] for line in listed.out.splitlines()[2:]] == ["shop", "standard"]
    assert "ada (" in wide.out
    assert (nobody.code, unknown.code) == (2, 2)
    assert "either --cluster CLUSTER or --selector" in nobody.err
    assert "no policy named 'nothing'" in unknown.err
