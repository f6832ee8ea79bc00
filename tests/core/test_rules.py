"""One told story per rule; a rule without one fails."""

import pytest

from autoscaler.core.decision import Advice, Case, Memory, RuleSettings
from autoscaler.core.rule import Rule
from autoscaler.core.rules import RULES
from tests.core import stories_of_memory, stories_of_orders, stories_of_owners, stories_of_pausing, stories_of_shrinking
from tests.core.story import acu, play
from tests.fakes import make_snapshot

STORIES = {
    **stories_of_shrinking.STORIES,
    **stories_of_orders.STORIES,
    **stories_of_owners.STORIES,
    **stories_of_pausing.STORIES,
    **stories_of_memory.STORIES,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_story_and_keeps_to_it(rule: Rule) -> None:
    story = STORIES.get(rule.name)
    assert story is not None, f"{rule.name} has no story; tell one in tests/core/stories_of_*.py"
    assert play(story) == story.moments


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_story_shows_its_rule_at_work_and_at_rest(rule: Rule) -> None:
    at_work = {rule.name in moment.steps for moment in STORIES[rule.name].moments}
    assert at_work == {True, False}


def test_every_story_is_of_a_rule() -> None:
    assert set(STORIES) == {rule.name for rule in RULES}


def test_a_rule_that_is_asked_for_its_reason_where_it_has_none_still_answers() -> None:
    snapshot = make_snapshot(in_force=acu(8))
    case = Case(
        snapshot=snapshot,
        settings=RuleSettings(),
        memory=Memory(refusals=1),
        advice=Advice(range=acu(8), reason="wished"),
    )
    assert [rule.why(case) for rule in RULES] == [
        "the budget does not run out",
        "no usable sample for 0 s",
        "no usable sample for 0 s, and what was seen before is no ground to grow on",
        "watching for less than 900 s so far",
        "less has to be wanted for 300 s without a break",
        "one change takes at most 50% of the floor",
        "the recent peak was 0 ACU",
        "how much memory its pages in use need is not known",
        "0 who may have to take over need 0.5 ACU, and the owner has not agreed to less (consent: small_standbys)",
        (
            "a pause would apply parameters that wait for a restart, "
            "and the owner has not agreed to that (consent: waiting_parameters)"
        ),
        "it pauses from any floor",
        "the owner has not agreed that the ceiling moves (consent: ceiling)",
        "a floor of 0.5 ACU or less caps the connections, and the owner has not agreed to that (consent: low_floor)",
        "a pause would meet nothing, and the owner has not agreed to that (consent: interrupting)",
        "nothing is held back for the fleet",
        "nobody else changed anything",
        "nobody asked for anything",
        "",
        "the cluster is paused and nobody needs it awake",
        "the cluster is available",
        "the last change is less than 300 s ago",
        "a change came to nothing once, so that it is left alone for 30 s",
        "the owner allows 0.5 to 64 ACU in steps of 0.5, may pause",
    ]
