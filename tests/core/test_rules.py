"""One told story per rule; a rule without one fails."""

import pytest

from autoscaler.core.rule import Rule
from autoscaler.core.rules import RULES
from tests.core import stories_of_orders, stories_of_owners, stories_of_shrinking
from tests.core.story import play

STORIES = stories_of_shrinking.STORIES | stories_of_orders.STORIES | stories_of_owners.STORIES


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
