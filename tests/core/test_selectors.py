"""Who is bound to what."""

import pytest

from autoscaler.core.selectors import Binding, bound_policy, parse_selector
from autoscaler.errors import InvalidInput, NotPossible

TAGS = {"env": "prod", "team": "shop", "tier": "1"}


def by_tags(policy: str, selector: str) -> Binding:
    return Binding(policy=policy, selector=parse_selector(selector))


def test_the_order_of_tags_does_not_matter() -> None:
    assert parse_selector(" team=shop , env=prod") == parse_selector("env=prod,team=shop")
    assert str(parse_selector("team=shop,env=prod")) == "env=prod,team=shop"


@pytest.mark.parametrize("text", ["", "env", "env=", "=prod", "env=prod,", "env=prod,env=test", "env=prod,env=prod"])
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"give tags such as env=prod,team=shop, each once"):
        parse_selector(text)


def test_a_name_comes_before_all_selectors_and_more_tags_before_fewer() -> None:
    bindings = [by_tags("all", "env=prod"), by_tags("shops", "env=prod,team=shop")]

    assert bound_policy("orders", TAGS, [*bindings, Binding(policy="own", cluster_id="orders")]) == "own"
    assert bound_policy("orders", TAGS, bindings) == "shops"
    assert bound_policy("orders", {"env": "prod"}, bindings) == "all"
    assert bound_policy("orders", {"env": "test"}, bindings) is None


def test_equally_specific_selectors_of_different_policies_are_refused() -> None:
    bindings = [by_tags("all", "env=prod"), by_tags("first", "tier=1")]

    with pytest.raises(
        NotPossible, match=r"orders is meant by 'env=prod' \(policy all\) and 'tier=1' \(policy first\)"
    ):
        bound_policy("orders", TAGS, bindings)
    assert bound_policy("orders", TAGS, [*bindings, by_tags("shops", "env=prod,team=shop")]) == "shops"
    assert bound_policy("orders", TAGS, [by_tags("all", "env=prod"), by_tags("all", "tier=1")]) == "all"
