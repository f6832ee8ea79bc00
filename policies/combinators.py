"""Policies made of policies."""

from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from re import sub

from autoscaler.core.activity import Dial
from autoscaler.core.capacity import Limits, Range
from autoscaler.core.control import Freeze, both_freezes
from autoscaler.core.decision import Advice
from autoscaler.core.ports import Policy, TunedPolicy, WatchingPolicy
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tuning import Family
from autoscaler.errors import InvalidInput
from policies.checks import check_floor_and_ceiling, check_tuple
from policies.wish import wished_range


@dataclass(frozen=True, slots=True, kw_only=True)
class _Several:
    """What policies have in common that ask several others."""

    policies: tuple[Policy, ...]

    def __post_init__(self) -> None:
        check_tuple("policies", self.policies, Policy)
        if not self.policies:
            raise InvalidInput("policies is empty; name at least one policy")

    @property
    def recent_seconds(self) -> float:
        return max(policy.recent_seconds for policy in self.policies)

    @property
    def looks_ahead(self) -> bool:
        return any(policy.looks_ahead for policy in self.policies)

    @property
    def tuned_families(self) -> tuple[Family, ...]:
        """There is one tuning of a cluster: the first policy that asks for one says what is tried."""
        return next((found for found in map(families_of, self.policies) if found), ())

    def dial(self, limits: Limits) -> Dial | None:
        """There is one model of a cluster's use: the first policy that looks at it says how it weighs."""
        dials = (dial_of(policy, limits) for policy in self.policies)
        return next((dial for dial in dials if dial is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestOf(_Several):
    """The largest of what several policies wish.

    The highest floor, the highest ceiling and the latest pause, each from whichever policy asks for it.
    A policy that knows nothing has no say, but what one of them freezes is frozen.

    Args:
        policies: the policies to ask.
    """

    def advise(self, snapshot: Snapshot) -> Advice:
        asked = [(policy, policy.advise(snapshot)) for policy in self.policies]
        freeze = reduce(both_freezes, (advice.freeze for _, advice in asked), None)
        known = [(policy, advice) for policy, advice in asked if advice.known]
        if not known:
            return _nobody_knows(self.policies, snapshot, freeze)
        policy, highest = max(known, key=lambda one: one[1].range.floor_acu)
        current, wanted = snapshot.status.range, reduce(Range.at_least, (advice.range for _, advice in known))
        without_sight = [advice.without_sight for _, advice in known if advice.without_sight is not None]
        return Advice(
            range=current if wanted == current else wanted,
            reason=f"{name_of(type(policy))} asks for the highest floor: {highest.reason}",
            freeze=freeze,
            grounds=highest.grounds,
            unmeasured=reduce(Range.at_least, without_sight) if without_sight else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstThatKnows(_Several):
    """The first of several policies that knows something.

    For a schedule that only speaks inside its windows, say, with another policy for the rest. What a policy
    freezes is frozen when it is asked, whether it knows something or not: put those that freeze first.

    Args:
        policies: the policies to ask, the most important first.
    """

    def advise(self, snapshot: Snapshot) -> Advice:
        freeze = None
        for policy in self.policies:
            advice = policy.advise(snapshot)
            freeze = both_freezes(freeze, advice.freeze)
            if advice.known:
                return replace(advice, reason=f"{name_of(type(policy))}: {advice.reason}", freeze=freeze)
        return _nobody_knows(self.policies, snapshot, freeze)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Another policy, kept inside bounds of its own.

    Args:
        policy: the policy to ask.
        floor_acu: no floor below this; left out, any.
        ceiling_acu: no ceiling above this; left out, any.
    """

    policy: Policy
    floor_acu: float | None = None
    ceiling_acu: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.policy, Policy):
            raise InvalidInput(f"policy is {self.policy!r}; give a policy")
        check_floor_and_ceiling("", self.floor_acu, self.ceiling_acu)

    @property
    def recent_seconds(self) -> float:
        return self.policy.recent_seconds

    @property
    def looks_ahead(self) -> bool:
        return self.policy.looks_ahead

    @property
    def tuned_families(self) -> tuple[Family, ...]:
        return families_of(self.policy)

    def dial(self, limits: Limits) -> Dial | None:
        return dial_of(self.policy, limits)

    def advise(self, snapshot: Snapshot) -> Advice:
        advice = self.policy.advise(snapshot)
        name = name_of(type(self.policy))
        kept = self._kept(advice.range, snapshot)
        if not advice.known or kept is advice.range:
            return replace(advice, reason=f"{name}: {advice.reason}")
        return replace(
            advice,
            range=kept,
            reason=f"{name}, kept within its bounds ({advice.range} before): {advice.reason}",
            unmeasured=None if advice.unmeasured is None else self._kept(advice.unmeasured, snapshot),
        )

    def _kept(self, wished: Range, snapshot: Snapshot) -> Range:
        floor = wished.floor_acu if self.floor_acu is None else max(wished.floor_acu, self.floor_acu)
        ceiling = wished.ceiling_acu if self.ceiling_acu is None else min(wished.ceiling_acu, self.ceiling_acu)
        if (floor, ceiling) == (wished.floor_acu, wished.ceiling_acu):
            return wished
        return wished_range(
            snapshot, floor_acu=floor, ceiling_acu=ceiling, pause_after_seconds=wished.pause_after_seconds
        )


@lru_cache(maxsize=256)
def name_of(kind: type) -> str:
    """The name a policy's class is known by: LargestOf becomes largest-of."""
    return sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def families_of(policy: Policy) -> tuple[Family, ...]:
    """What trailing backtests shall try for a policy; none where it does not take what they recommend."""
    return policy.tuned_families if isinstance(policy, TunedPolicy) else ()


def dial_of(policy: Policy, limits: Limits) -> Dial | None:
    """What sleep is weighed by; None where nobody looks at when use is expected."""
    return policy.dial(limits) if isinstance(policy, WatchingPolicy) else None


def _nobody_knows(policies: tuple[Policy, ...], snapshot: Snapshot, freeze: Freeze | None) -> Advice:
    names = ", ".join(name_of(type(policy)) for policy in policies)
    reason = f"none of these knows anything: {names}"
    return Advice(range=snapshot.status.range, reason=reason, known=False, freeze=freeze)
