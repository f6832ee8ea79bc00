"""What was stored when `quantile` was called `predictive` means what it meant; who writes it now is told."""

import pytest

from autoscaler.config import policy_from
from autoscaler.documents.renamed import as_called_now
from autoscaler.documents.source import Source
from autoscaler.errors import InvalidDocument
from autoscaler.registry import make_policy
from policies.combinators import LargestOf
from policies.predictive import Predictive
from policies.quantile import Quantile
from policies.reactive import Reactive

GUARDED = {"policy": "predictive", "settings": {"guard": {"down_window_seconds": 1800}}}


@pytest.mark.parametrize(
    ("stored", "means"),
    [
        (GUARDED, Quantile(guard=Reactive(down_window_seconds=1800))),
        ({"policy": "predictive", "settings": {}, "forecaster": "last-value"}, Quantile()),
        ({"policy": "predictive", "settings": {}, "forecaster": None}, Predictive()),
        ({"policy": "predictive", "settings": {"pause_after_seconds": 600}}, Predictive(pause_after_seconds=600)),
        (
            {"policy": "largest-of", "settings": {"policies": [GUARDED, {"policy": "reactive"}]}},
            LargestOf(policies=(Quantile(guard=Reactive(down_window_seconds=1800)), Reactive())),
        ),
    ],
)
def test_a_stored_policy_is_read_by_the_name_it_has_now(stored: dict[str, object], means: object) -> None:
    read = as_called_now(stored)
    assert make_policy(read["policy"], read["settings"]) == means


@pytest.mark.parametrize(
    "written",
    [
        GUARDED,
        {"policy": "predictive", "forecaster": "mixture"},
        {"policy": "within", "settings": {"policy": GUARDED, "floor_acu": 1}},
    ],
)
def test_who_writes_it_the_old_way_is_told_the_new_name(written: dict[str, object]) -> None:
    with pytest.raises(InvalidDocument, match="the policy that has them is called quantile now"):
        policy_from(Source(file="shop.yaml", folder=None, content=written))
