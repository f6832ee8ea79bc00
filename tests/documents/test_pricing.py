"""The price list, and whose prices count."""

from importlib.resources import files

import pytest
from pydantic import ValidationError

from autoscaler.config import ClusterDocument, PolicyDocument
from autoscaler.core.cost import Prices
from autoscaler.documents.pricing import PRICES_OF, InstanceClass, PricingDocument, Storage, find_prices
from autoscaler.errors import UnknownName

REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1", "sa-east-1")


def test_the_default_prices_are_those_of_the_list() -> None:
    assert PricingDocument().build().usd_per_acu_hour == Prices().usd_per_acu_hour


def test_the_file_tells_its_date_and_source() -> None:
    text = files("autoscaler.documents").joinpath("aurora_prices.csv").read_text(encoding="utf-8")
    assert f"Date: {PRICES_OF}" in text
    assert "Source: github.com/aws-samples/" in text


@pytest.mark.parametrize("region", REGIONS)
def test_io_optimized_capacity_is_dearer(region: str) -> None:
    standard, optimized = (find_prices(region, storage) for storage in Storage)
    assert standard.usd_per_acu_hour < optimized.usd_per_acu_hour < 1.5 * standard.usd_per_acu_hour


def test_classes_are_known_by_their_memory() -> None:
    assert InstanceClass(name="db.r6g.large", acu=8.0, usd_per_hour=0.26) in find_prices("us-east-1").classes
    assert find_prices("eu-west-1").classes == ()


def test_a_region_without_prices_is_refused_with_those_that_have_some() -> None:
    with pytest.raises(UnknownName, match="no region with known prices named 'mars-1'; there are: af-south-1, "):
        find_prices("mars-1")
    with pytest.raises(ValidationError, match="elsewhere give usd_per_acu_hour"):
        PricingDocument(region="mars-1")


def test_the_owners_own_price_goes_before_the_list() -> None:
    cluster = ClusterDocument(pricing=PricingDocument(region="eu-west-1", usd_per_acu_hour=0.1))
    policy = PolicyDocument(policy="native", throttling_price=7)
    assert policy.build_prices(cluster.pricing) == Prices(usd_per_acu_hour=0.1, throttling_price=7)


def test_how_much_may_be_throttled_stands_beside_its_price() -> None:
    policy = PolicyDocument(policy="auto", max_throttled_fraction=0.005)
    assert policy.build_prices() == Prices(max_throttled_fraction=0.005)
    for wrong in (0, -0.1, 1.5, float("nan")):
        with pytest.raises(ValidationError, match="max_throttled_fraction"):
            PolicyDocument(policy="auto", max_throttled_fraction=wrong)
