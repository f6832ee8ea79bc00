"""What Aurora costs: a price list by region, as a data file with its date and source."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, field_validator

from autoscaler.documents.owners import Document
from autoscaler.errors import UnknownName

DEFAULT_REGION = "us-east-1"
PRICES_OF = "2025-08-05"  # the date of the file
# Of I/O requests with standard storage in us-east-1, by AWS's own github.com/aws/agent-toolkit-for-aws, commit d6ad2e4
# (amazon-aurora-postgresql). What other regions want is not in a source of ours; who knows it writes it down.
USD_PER_MILLION_READS = 0.2
SERVERLESS = "db.serverless"
# An ACU has 2 GiB of memory; classes are taken for as large as their memory, in ACU.
CLASS_ACU: Mapping[str, float] = {
    "db.t4g.medium": 2.0,
    "db.t4g.large": 4.0,
    **{
        f"db.{family}.{size}": acu
        for family in ("r6g", "r7g")
        for size, acu in (
            ("large", 8.0),
            ("xlarge", 16.0),
            ("2xlarge", 32.0),
            ("4xlarge", 64.0),
            ("8xlarge", 128.0),
            ("12xlarge", 192.0),
            ("16xlarge", 256.0),
        )
    },
}


class Storage(StrEnum):
    """How a cluster's storage is paid for: by each read and write, or with dearer capacity and none of that."""

    STANDARD = "standard"
    IO_OPTIMIZED = "io-optimized"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceClass:
    """A provisioned instance, on demand."""

    name: str
    acu: float
    usd_per_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """What capacity costs in a region; ``classes`` is empty where their prices are not known."""

    region: str
    storage: Storage
    usd_per_acu_hour: float
    usd_per_million_reads: float
    classes: tuple[InstanceClass, ...]


class PricingDocument(Document):
    """Which price list counts for a cluster; what is given of its own goes before the list's.

    ``usd_per_million_reads``: of pages read from storage; left out, 0.20 with standard storage, else nothing.
    """

    region: Annotated[str, Field(max_length=40)] = DEFAULT_REGION
    storage: Storage = Storage.STANDARD
    usd_per_acu_hour: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None
    usd_per_million_reads: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None

    @field_validator("region")
    @classmethod
    def _known(cls, region: str) -> str:
        try:
            find_prices(region)
        except UnknownName as problem:
            raise ValueError(f"{problem}; elsewhere give usd_per_acu_hour and leave the region out") from None
        return region

    def build(self) -> PriceList:
        """The list, with the owner's own price in it."""
        found = find_prices(self.region, self.storage)
        own = {
            name: price
            for name in ("usd_per_acu_hour", "usd_per_million_reads")
            if (price := getattr(self, name)) is not None
        }
        return replace(found, **own)


def find_prices(region: str, storage: Storage = Storage.STANDARD) -> PriceList:
    """The price list of a region.

    Raises:
        UnknownName: none is known.
    """
    known = _all_prices()
    if region not in known:
        raise UnknownName("region with known prices", region, known)
    usd = {name: pair[storage is Storage.IO_OPTIMIZED] for name, pair in known[region].items()}
    classes = [
        InstanceClass(name=name, acu=acu, usd_per_hour=usd[name]) for name, acu in CLASS_ACU.items() if name in usd
    ]
    return PriceList(
        region=region,
        storage=storage,
        usd_per_acu_hour=usd[SERVERLESS],
        usd_per_million_reads=0.0 if storage is Storage.IO_OPTIMIZED else USD_PER_MILLION_READS,
        classes=tuple(classes),
    )


@cache
def _all_prices() -> Mapping[str, Mapping[str, tuple[float, float]]]:
    """USD an hour, standard and I/O-optimized, by region and class."""
    text = files("autoscaler.documents").joinpath("aurora_prices.csv").read_text(encoding="utf-8")
    prices: dict[str, dict[str, tuple[float, float]]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        prices.setdefault(row["region"], {})[row["class"]] = float(row["standard"]), float(row["io_optimized"])
    return prices
