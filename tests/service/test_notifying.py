"""Targets as operators write them: what they need, where their secrets come from, and which policies name them."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autoscaler.documents.notify import NotifyDocument, TargetDocument
from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.observability.events import Event, Kind
from autoscaler.service.notifying import Wishes, make_targets
from autoscaler.service.settings import ServiceSettings
from tests.fakes import MONDAY
from tests.service.builders import make_cluster

ARN = "arn:aws:sns:eu-central-1:123456789012:ops"


def make_target(**given: Any) -> TargetDocument:
    return TargetDocument.model_validate(
        {"name": "on-call", "kind": "webhook", "url": "https://example.org/x", **given}
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"url": None}, "needs one of 'url', 'url_file', 'url_env'"),
        ({"url_env": "X"}, "needs one of 'url', 'url_file', 'url_env'"),
        ({"topic_arn": ARN}, "has no 'topic_arn'"),
        ({"secret_file": "a", "secret_env": "B"}, "not from both"),
        ({"kind": "slack"}, "is its secret: give it in 'url_file' or 'url_env'"),
        ({"kind": "sns"}, "needs 'topic_arn'"),
        ({"url": "https://me:canary-6f1e@example.org/x"}, "holds a user or a password"),
        ({"url": "ftp://example.org/canary-6f1e"}, "no http or https address"),
        ({"events": ["nonsense"]}, "'change-applied'"),
    ],
)
def test_a_target_that_cannot_work_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises((ValidationError, InvalidInput), match=told):
        make_target(**given)


def test_secrets_come_from_files_and_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("https://hooks.example.org/T000/B000\n", encoding="utf-8")
    slack = make_target(kind="slack", url=None, url_file=file)
    signed = make_target(secret_env="HOOK_KEY")

    assert slack.read_url().path == "/T000/B000"
    assert signed.read_secret({"HOOK_KEY": "canary"}) == "canary"
    with pytest.raises(InvalidInput, match="the secret of target 'on-call' is empty: the variable HOOK_KEY"):
        signed.read_secret({})
    with pytest.raises(InvalidInput, match="the url of target 'on-call' cannot be read from"):
        make_target(url=None, url_file=tmp_path / "none").read_url()


def event(kind: Kind, cluster_id: str = "orders") -> Event:
    return Event(kind=kind, at=MONDAY, text="", cluster_id=cluster_id)


def test_a_target_is_told_of_what_it_asks_for_and_of_what_policies_ask_in_its_name() -> None:
    documents = [
        make_target(),
        make_target(name="team", everything=False),
        make_target(name="audit", severity="info", events=["order-given"]),
    ]
    routes = {"orders": (NotifyDocument.model_validate({"target": "team", "severity": "info"}),)}
    on_call, team, audit = make_targets(documents, Wishes([one.name for one in documents], routes))

    assert [on_call.wants(event(kind)) for kind in (Kind.BLIND, Kind.CHANGE_APPLIED)] == [True, False]
    assert [team.wants(event(Kind.CHANGE_APPLIED, name)) for name in ("orders", "bills")] == [True, False]
    assert [audit.wants(event(kind)) for kind in (Kind.ORDER_GIVEN, Kind.BLIND)] == [True, False]


def test_a_policy_that_names_an_unknown_target_is_refused() -> None:
    routes = {"orders": (NotifyDocument(target="nobody"),)}
    with pytest.raises(UnknownName, match="no notification target named 'nobody'; there are: on-call"):
        Wishes(["on-call"], routes)


def test_targets_have_names_of_their_own() -> None:
    with pytest.raises(ValidationError, match="given more than once: on-call"):
        ServiceSettings(clusters=(make_cluster(),), notify=(make_target(), make_target()))


def test_the_policy_in_force_says_who_is_told_and_an_unknown_target_stops_nobody() -> None:
    in_force: dict[str, tuple[NotifyDocument, ...]] = {}
    own = {"orders": (NotifyDocument(target="team"),)}
    wishes = Wishes(["team"], own, in_force.get)
    (team,) = make_targets([make_target(name="team", everything=False)], wishes)
    before = team.wants(event(Kind.BLIND))
    in_force["orders"] = (NotifyDocument(target="nobody"),)

    assert (before, team.wants(event(Kind.BLIND))) == (True, False)
