"""The traces of the protocol and the settings they are replayed under."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from autoscaler.backtest.traces import Scale, cut_trace, read_trace
from autoscaler.config import ClusterDocument, LimitsDocument
from autoscaler.core.decision import RuleSettings
from autoscaler.core.trace import Interpolation, Trace
from autoscaler.errors import InvalidInput
from autoscaler.simulator.scenarios import DEFAULT_START, SCENARIOS, scenario_trace
from autoscaler.simulator.spec import ClusterSpec

MANIFEST = "manifest.csv"
MOST_DAYS = 28
LONGEST_STEP_SECONDS = 300.0
LEAST_DAYS = 14.0
MOST_MISSING = 0.2
# The protocol knows one rule only: changes are spaced, in both directions.
BARE_RULES = RuleSettings(watch_seconds=0.0, shrink_wait_seconds=0.0, max_shrink_fraction=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a trace is replayed under; the protocol's headline by default. ``rules`` is ``bare`` or ``product``."""

    peak_acu: float = 64.0
    profile: str = "aurora-v2"
    interpolation: str = "hold"
    floor_jumps: bool = True
    delay_seconds: float = 60.0
    rules: str = "bare"

    @property
    def name(self) -> str:
        """Names the folder of its results."""
        return "_".join(str(value) for value in asdict(self).values())

    @property
    def told(self) -> str:
        """In words, for a picture."""
        return f"peak {self.peak_acu:g} ACU, {self.profile}, {self.interpolation}, {self.delay_seconds:g} s delay"

    def spec(self, trace: Trace) -> ClusterSpec:
        """The cluster, left alone."""
        limits = LimitsDocument(min_acu=0.5, max_acu=2 * self.peak_acu)
        spec = ClusterDocument(name="trace", profile=self.profile, limits=limits).build_spec()
        profile = replace(
            spec.profile,
            changing=replace(spec.profile.changing, floor_jumps=self.floor_jumps),
            measuring=replace(spec.profile.measuring, delay_seconds=self.delay_seconds),
        )
        return replace(spec, profile=profile).publishing_no_finer(trace.step_seconds)

    def rule_settings(self) -> RuleSettings:
        """How careful the rules are."""
        return BARE_RULES if self.rules == "bare" else RuleSettings()

    def between(self) -> Interpolation:
        """What demand is between two samples."""
        return Interpolation(self.interpolation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One trace: where it is, what it is like, and which move together with it."""

    name: str
    shape: str
    family: str
    column: str | None = None
    folder: str | None = None

    def load(self, peak_acu: float) -> Trace:
        """Scaled as a whole, then cut to the days of the protocol."""
        if self.folder is None:
            trace = scenario_trace(SCENARIOS[self.name], seed=1, start=DEFAULT_START, days=LEAST_DAYS_OF_A_SCENARIO)
        else:
            trace = read_trace(Path(self.folder) / self.name, column=self.column)
        trace = Scale(peak_acu=peak_acu).apply(trace)
        return cut_trace(trace, start=None, end=trace.start + timedelta(days=MOST_DAYS))


LEAST_DAYS_OF_A_SCENARIO = 8


def recorded(folder: Path, *, every: int = 1) -> list[Case]:
    """Every ``every``-th trace of a folder with a manifest that is fine, long and whole enough.

    Raises:
        InvalidInput: there is no manifest.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise InvalidInput(f"{folder} holds no {MANIFEST}; give the folder of recorded traces")
    with manifest.open(encoding="utf-8", newline="") as lines:
        return list(_fit(folder, csv.DictReader(lines)))[::every]


def of_each_shape(cases: Iterable[Case], count: int) -> list[Case]:
    """So many of each shape, as far as there are; of different families first, else in an order of no meaning."""
    taken: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: sha256(case.name.encode()).hexdigest()):
        taken[case.shape].append(case)
    return [case for shape in sorted(taken) for case in _families_first(taken[shape])[:count]]


def generated() -> list[Case]:
    """The product's own scenarios."""
    return [Case(name=name, shape="scenario", family=name) for name in sorted(SCENARIOS)]


def _families_first(cases: list[Case]) -> list[Case]:
    """The same, the first of each family in front."""
    first = list({case.family: case for case in reversed(cases)}.values())[::-1]
    return first + [case for case in cases if case not in first]


def _fit(folder: Path, rows: Iterable[dict[str, str]]) -> Iterator[Case]:
    for row in rows:
        fine = float(row["step_s"]) <= LONGEST_STEP_SECONDS and float(row["missing_frac"]) <= MOST_MISSING
        if fine and float(row["days"]) >= LEAST_DAYS:
            yield Case(
                name=row["path"], shape=row["shape"], family=row["family"], column=row["metric"], folder=str(folder)
            )
