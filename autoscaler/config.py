"""Documents that users write: a policy, a cluster. YAML or JSON, strict, all errors at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from autoscaler.core.budget import Budget
from autoscaler.core.capacity import Limits
from autoscaler.core.cost import Prices
from autoscaler.core.decision import RuleSettings
from autoscaler.core.ports import Forecaster, Policy
from autoscaler.core.signals import Signals
from autoscaler.documents.calendars import look_up
from autoscaler.documents.mistakes import model_problems
from autoscaler.documents.notify import NotifyDocument
from autoscaler.documents.overriding import override
from autoscaler.documents.owners import (
    DEFAULT_MAX_ACU,
    DEFAULT_MIN_ACU,
    DEFAULT_PAUSE_SECONDS,
    Acu,
    ConsentDocument,
    Document,
    LimitsDocument,
    last_words,
    left_alone,
)
from autoscaler.documents.presets import PRESET, read_preset
from autoscaler.documents.pricing import PricingDocument
from autoscaler.documents.settings import forecaster_problems, limits_problems, policy_problems, settings_problems
from autoscaler.documents.source import Source, read_source
from autoscaler.documents.special_days import SpecialDays
from autoscaler.registry import build, make_forecaster, make_policy, policy_names
from autoscaler.simulator.blockers import PauseBlocker
from autoscaler.simulator.profiles import PROFILES, Profile, find_profile
from autoscaler.simulator.spec import DEFAULT_TIER, ClusterSpec
from models.special_days import WithSpecialDays

__all__ = [
    "DEFAULT_FORECASTER",
    "DEFAULT_MAX_ACU",
    "DEFAULT_MIN_ACU",
    "ClusterDocument",
    "ConsentDocument",
    "Document",
    "LimitsDocument",
    "PolicyDocument",
    "left_alone",
    "load_cluster",
    "load_policy",
    "looks_like_a_file",
    "policy_from",
    "read_document",
]

DEFAULT_FORECASTER = "seasonal-naive"
LISTED = PricingDocument()

D = TypeVar("D", bound=Document)


class PolicyDocument(Document):
    """A policy with everything that belongs to it.

    Args:
        name: what it is called in listings and reports; left out, the name of its file.
        policy: what decides.
        settings: the settings of that policy.
        forecaster: what looks ahead, for policies that do; left out, the default one.
        forecaster_settings: the settings of the forecaster.
        rules: how careful the safety rules are.
        signals: what tells the demand, and how several signals become one; left out, it is the CPU's.
        limits: what the owner allows; what is left out is the cluster's own.
        consent: what the owner agrees to besides: pauses, another ceiling, a low floor.
        special_days: when demand is not as usual; its forecaster learns or is told how.
        budget: what the owner wants to spend at most in a day or a month.
        throttling_price: ACU-hours worth paying to avoid one throttled ACU-hour.
        max_throttled_fraction: of the work, so much may be throttled; ``auto`` pays for it, whatever the price says.
        notify: who of the service's targets is told of its clusters, and of what.
    """

    name: str = ""
    policy: str
    settings: Mapping[str, Any] = {}
    forecaster: str | None = None
    forecaster_settings: Mapping[str, Any] = {}
    rules: Mapping[str, Any] = {}
    signals: Mapping[str, Any] = {}
    limits: LimitsDocument | None = None
    consent: ConsentDocument = ConsentDocument()
    special_days: Mapping[str, Any] | None = None
    budget: Mapping[str, Any] | None = None
    throttling_price: Acu | None = None
    max_throttled_fraction: Annotated[float, Field(gt=0, le=1)] | None = None
    notify: tuple[NotifyDocument, ...] = ()

    @field_validator("settings", "special_days")
    @classmethod
    def _look_up(cls, settings: dict[str, Any] | None, info: ValidationInfo) -> dict[str, Any] | None:
        """Calendars of a document inside another one; its files are beside that one."""
        found, problems = look_up(settings, (info.context or {}).get("folder", Path()), (str(info.field_name),))
        if problems:
            raise ValueError("; ".join(problem.message for problem in problems))
        return found and dict(found)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.policy

    def build_policy(self) -> Policy:
        """The policy itself."""
        return make_policy(self.policy, self.settings)

    def with_forecaster(self) -> "PolicyDocument":
        """The same, with the default forecaster where it looks ahead and names none."""
        if self.forecaster is not None or not self.build_policy().looks_ahead:
            return self
        return self.model_copy(update={"forecaster": DEFAULT_FORECASTER})

    def build_forecaster(self) -> Forecaster | None:
        """The forecaster it looks at; None when it looks at none."""
        if self.forecaster is None:
            return None
        found = make_forecaster(self.forecaster, self.forecaster_settings)
        if self.special_days is None:
            return found
        days = build(SpecialDays, self.special_days, f"the special days of policy {self.name}")
        return WithSpecialDays(occasions=days.occasions(), forecaster=found)

    def build_rules(self) -> RuleSettings:
        """The rules' settings."""
        return build(RuleSettings, self.rules, f"the rules of policy {self.name}")

    def build_signals(self) -> Signals:
        """What tells the demand."""
        return build(Signals, self.signals, f"the signals of policy {self.name}")

    def build_prices(self, pricing: PricingDocument = LISTED, throttling_price: float | None = None) -> Prices:
        """What capacity costs, and what throttling costs its owner; ``throttling_price`` replaces the document's."""
        budget = None if self.budget is None else build(Budget, self.budget, f"the budget of policy {self.name}")
        price = self.throttling_price if throttling_price is None else throttling_price
        said = {} if price is None else {"throttling_price": price}
        listed = pricing.build()
        return Prices(
            usd_per_acu_hour=listed.usd_per_acu_hour,
            usd_per_million_reads=listed.usd_per_million_reads,
            max_throttled_fraction=self.max_throttled_fraction,
            budget=budget,
            **said,
        )


class ClusterDocument(Document):
    """A simulated cluster: a profile, what differs from it, and its owner's limits, and which price list counts.

    Args:
        pauses_from_acu: the highest floor from which its provider pauses (Aurora: 0.5); left out, any.
    """

    name: str = ""
    profile: str = "aurora-v2"
    overrides: Mapping[str, Any] = {}
    limits: LimitsDocument = LimitsDocument()
    consent: ConsentDocument = ConsentDocument()
    pause_after_seconds: int = DEFAULT_PAUSE_SECONDS
    readers: tuple[int, ...] = ()
    reader_share: float = 0.0
    writer_tier: int = DEFAULT_TIER
    blockers: tuple[PauseBlocker, ...] = ()
    pricing: PricingDocument = LISTED
    pauses_from_acu: Acu | None = None

    def under(self, policy: PolicyDocument, *others: LimitsDocument) -> "ClusterDocument":
        """The cluster under a policy's limits and consent, and other limits: a later word replaces an earlier one."""
        limits = [self.limits, *others] if policy.limits is None else [self.limits, policy.limits, *others]
        said = {
            "limits": last_words(LimitsDocument, *limits),
            "consent": last_words(ConsentDocument, self.consent, policy.consent),
        }
        return self.model_copy(update=said)

    def build_limits(self) -> Limits:
        """The owner's limits on the profile's grain, with its shortest pause."""
        profile = self.build_profile()
        return self.limits.build(
            profile.step_acu,
            pause_after_seconds=self.pause_after_seconds,
            shortest_pause_seconds=profile.sleeping.shortest_pause_seconds,
            consent=self.consent,
            pauses_from_acu=self.pauses_from_acu,
        )

    def build_profile(self) -> Profile:
        """The profile with the overrides."""
        return override(find_profile(self.profile), self.overrides, f"the overrides of cluster {self.name}")

    def build_spec(self, *, seed: int = 0) -> ClusterSpec:
        """The cluster as the simulator wants it, left alone at its lowest floor."""
        return ClusterSpec(
            cluster_id=self.name or self.profile,
            profile=self.build_profile(),
            range=left_alone(self.build_limits()),
            readers=self.readers,
            reader_share=self.reader_share,
            writer_tier=self.writer_tier,
            blockers=self.blockers,
            seed=seed,
        )


def load_policy(name_or_file: str) -> PolicyDocument:
    """A registered policy with its defaults, ``preset:NAME``, or a policy document.

    Raises:
        InvalidInput: it does not exist, or the document is not valid.
    """
    if name_or_file.startswith(PRESET):
        return policy_from(read_preset(name_or_file)).with_forecaster()
    if looks_like_a_file(name_or_file):
        return policy_from(read_source(Path(name_or_file))).with_forecaster()
    return PolicyDocument(name=name_or_file, policy=name_or_file).with_forecaster()


def policy_from(source: Source) -> PolicyDocument:
    """The policy that a document describes, under its own name or the file's.

    Raises:
        InvalidDocument: with every mistake, each in its line.
    """
    content, problems = look_up(source.content, source.folder)
    problems += model_problems(PolicyDocument, content, folder=source.folder)
    if isinstance(content.get("settings", {}), Mapping):
        problems += policy_problems(content, ()) if isinstance(content.get("policy"), str) else []
    for key, kind in (("rules", RuleSettings), ("signals", Signals)):
        if isinstance(content.get(key, {}), Mapping):
            problems += settings_problems(kind, content.get(key, {}), (key,))
    problems += [
        problem
        for key, kind in (("budget", Budget), ("special_days", SpecialDays))
        if content.get(key) is not None
        for problem in settings_problems(kind, content[key], (key,))
    ]
    problems += [*forecaster_problems(content), *limits_problems(content.get("limits"))]
    if problems or source.problems:
        raise source.mistakes(problems)
    document = PolicyDocument.model_validate(content)
    own = source.file if source.file.startswith(PRESET) else Path(source.file).stem
    return document.model_copy(update={"name": document.name or own})


def load_cluster(name_or_file: str) -> ClusterDocument:
    """A profile with default limits, or a cluster document.

    Raises:
        InvalidInput: neither exists, or the document is not valid.
    """
    if looks_like_a_file(name_or_file):
        document = read_document(Path(name_or_file), ClusterDocument)
        return document.model_copy(update={"name": document.name or Path(name_or_file).stem})
    find_profile(name_or_file)
    return ClusterDocument(name=name_or_file, profile=name_or_file)


def looks_like_a_file(text: str) -> bool:
    """Whether a NAME_OR_FILE means a file: it has a suffix or a folder, or it exists and is no known name."""
    if text in PROFILES or text in policy_names():
        return False
    return Path(text).suffix in (".yaml", ".yml", ".json") or "/" in text or Path(text).is_file()


def read_document(path: Path, kind: type[D]) -> D:
    """Read and check a YAML or JSON document.

    Raises:
        InvalidInput: it cannot be read or is not valid; the message names each place and what is wrong.
    """
    source = read_source(path)
    problems = model_problems(kind, source.content, folder=source.folder)
    if problems or source.problems:
        raise source.mistakes(problems)
    return kind.model_validate(source.content, context={"folder": source.folder})
