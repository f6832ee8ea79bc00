"""The policy that decides when a cluster sleeps and when it is woken, around one that decides how large it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import takewhile
from math import ceil

import numpy as np

from autoscaler.core.activity import Activity
from autoscaler.core.capacity import SECONDS_PER_HOUR, Range
from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.ports import Policy
from autoscaler.core.sleeping import best_sleep
from autoscaler.core.snapshot import Snapshot
from autoscaler.errors import InvalidInput
from policies.checks import check_number
from policies.combinators import asks_for_tuning
from policies.native import Native
from policies.wish import spoken

# Time-outs are chosen from a ladder, so that the range seldom changes for one.
LADDER_SECONDS = (300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 57_600, 86_400)
# However sure the model is, a cluster that is not used is kept awake for no longer than this many times what a cold
# hit is worth (Kim and Fan's clamp): a wrong model then costs a bounded amount more than no model.
MOST_BREAK_EVENS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pausing:
    """Lets an idle cluster sleep, and wakes it before its use.

    Its size is another policy's business. From how likely use is to start in each of the coming windows it works
    out when to be awake at the least expected cost, and is asked anew as time goes by. A woken Aurora cluster stays
    awake for 20 minutes, which is weighed, too. Where its owner lets nothing pause, only the other policy speaks.

    Args:
        policy: the policy that chooses the range while awake.
        cold_hit_acu_hours: ACU-hours worth paying so that one client does not meet a paused cluster.
        wakes_per_day: how often it may wake within 24 hours, clients' wakes included, until it is woken no more.
        lead_seconds: how long before the expected use it is woken: a resume, a decision and a metric delay.
        held_awake_seconds: how long the provider keeps a woken cluster awake.
    """

    policy: Policy = field(default_factory=Native)
    cold_hit_acu_hours: float = 1.0
    wakes_per_day: int = 8
    lead_seconds: float = 240.0
    held_awake_seconds: float = 1200.0

    def __post_init__(self) -> None:
        if not isinstance(self.policy, Policy):
            raise InvalidInput(f"policy is {self.policy!r}; give a policy")
        check_number("cold_hit_acu_hours", self.cold_hit_acu_hours, at_least=0, at_most=10_000)
        check_number("wakes_per_day", self.wakes_per_day, at_least=0, at_most=1440)
        check_number("lead_seconds", self.lead_seconds, at_least=0, at_most=3600)
        check_number("held_awake_seconds", self.held_awake_seconds, at_least=0, at_most=7200)

    @property
    def recent_seconds(self) -> float:
        return self.policy.recent_seconds

    @property
    def looks_ahead(self) -> bool:
        return self.policy.looks_ahead

    @property
    def wants_tuning(self) -> bool:
        return asks_for_tuning(self.policy)

    @property
    def watches_activity(self) -> bool:
        return True

    def advise(self, snapshot: Snapshot) -> Advice:
        advice, activity = self.policy.advise(snapshot), snapshot.activity
        if not snapshot.limits.may_pause:
            return advice
        if activity is None:
            held = replace(advice.range, pause_after_seconds=snapshot.status.range.pause_after_seconds)
            return replace(advice, range=held, reason=f"nothing is known of when it is used: {advice.reason}")
        return self._woken(snapshot, activity, advice) if snapshot.asleep else self._kept(snapshot, activity, advice)

    def _woken(self, snapshot: Snapshot, activity: Activity, advice: Advice) -> Advice:
        """Asleep: only a wish to wake it matters."""
        current = snapshot.status.range
        soon = 1 + ceil(self.lead_seconds / activity.step_seconds)
        chance = 1.0 - float(np.prod([1.0 - chance for chance in activity.chances[:soon]]))
        if not any(self._plan(snapshot, activity, advice.range)[:soon]):
            return replace(advice, range=current, reason="it sleeps: nobody is expected soon enough to wake it")
        if activity.wakes >= self.wakes_per_day:
            reason = f"it sleeps: it woke {activity.wakes} times within a day, and may {self.wakes_per_day} times"
            return replace(advice, range=current, reason=reason)
        woken = Range(
            floor_acu=max(advice.range.floor_acu, current.floor_acu),
            ceiling_acu=max(advice.range.ceiling_acu, current.ceiling_acu),
        )
        reason = f"woken before its use: it starts within {spoken(soon * activity.step_seconds)} by {chance:.0%}"
        return Advice(range=woken, reason=reason, grounds=Grounds.SCHEDULE)

    def _kept(self, snapshot: Snapshot, activity: Activity, advice: Advice) -> Advice:
        """Awake: how long it may be idle from now on."""
        plan = self._plan(snapshot, activity, advice.range)
        awake_seconds = len(list(takewhile(bool, plan))) * activity.step_seconds
        pause = self._time_out(snapshot, activity, awake_seconds, advice.range)
        when = "never" if pause is None else f"after {spoken(pause)}"
        reason = f"{advice.reason}; awake for {spoken(awake_seconds)} more is worth its price, so it pauses {when}"
        return replace(advice, range=replace(advice.range, pause_after_seconds=pause), reason=reason)

    def _time_out(self, snapshot: Snapshot, activity: Activity, awake_seconds: float, wanted: Range) -> int | None:
        limits, in_force = snapshot.limits, snapshot.status.range.pause_after_seconds
        if activity.idle_seconds <= activity.step_seconds:
            longest = MOST_BREAK_EVENS * self._break_even_seconds(snapshot, wanted)
            seconds = max(limits.shortest_pause_seconds, min(awake_seconds, longest, limits.longest_pause_seconds))
            chosen = next(step for step in (*LADDER_SECONDS, ceil(seconds)) if step >= seconds)
            near = in_force is not None and chosen / 2 <= in_force <= chosen * 2
            return in_force if near else chosen
        if awake_seconds <= 0:
            return limits.shortest_pause_seconds
        if in_force is None or in_force < activity.idle_seconds + 2 * activity.step_seconds:
            return None  # it would fall asleep before its use; the time-out comes back when nobody came
        return in_force

    def _plan(self, snapshot: Snapshot, activity: Activity, wanted: Range) -> Sequence[bool]:
        return planned(
            activity.chances,
            self._break_even_seconds(snapshot, wanted) / activity.step_seconds,
            max(1, ceil(self.held_awake_seconds / activity.step_seconds)),
            not snapshot.asleep,
        )

    def _break_even_seconds(self, snapshot: Snapshot, wanted: Range) -> float:
        """How long it may stay awake, idle, for the price of a cold hit."""
        idle_acu = max(wanted.floor_acu, snapshot.limits.step_acu)
        return self.cold_hit_acu_hours / idle_acu * SECONDS_PER_HOUR


@lru_cache(maxsize=256)  # asked every minute, about windows of five
def planned(chances: tuple[float, ...], cold_hit: float, wake_windows: int, awake_now: bool) -> tuple[bool, ...]:
    """In which of the windows ahead to be awake while nobody comes."""
    awake = np.zeros(len(chances), dtype=np.bool_)
    best_sleep(np.array(chances), cold_hit, wake_windows, awake_now, awake)
    return tuple(awake.tolist())
