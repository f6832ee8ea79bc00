"""The policy that decides when a cluster sleeps and when it is woken, around one that decides how large it is."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil, floor, prod

from autoscaler.core.activity import Activity, Dial
from autoscaler.core.capacity import Limits, Range
from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.ports import Policy
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tuning import Family
from autoscaler.errors import InvalidInput
from policies.checks import check_number
from policies.combinators import families_of
from policies.native import Native
from policies.wish import spoken

# Time-outs are chosen from a ladder, so that the range seldom changes for one.
LADDER_SECONDS = (300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 57_600, 86_400)
# However sure the model is, a cluster that is not used is kept awake for no longer than this many times what a cold
# hit is worth (Kim and Fan's clamp): a wrong model then costs a bounded amount more than no model.
MOST_BREAK_EVENS = 4.0
# What a resume is taken to last where nothing is known of it: Aurora's 15 seconds, and some.
UNKNOWN_RESUME_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pausing:
    """Lets an idle cluster sleep, and wakes it before its use.

    Its size is another policy's business. What is known of the cluster's use says when to be awake at the least
    expected cost: by a plan, or by the simple way that would have cost less on its own past, see `models.sleeper`. A
    woken Aurora cluster stays awake for 20 minutes, which is weighed, too. Where its owner lets nothing pause, only
    the other policy speaks.

    Args:
        policy: the policy that chooses the range while awake.
        cold_hit_acu_hours: ACU-hours worth paying so that one client does not meet a paused cluster.
        wakes_per_day: how often it may wake within 24 hours, clients' wakes included, until it is woken no more.
        lead_seconds: how long before the expected use it shall be up; more than there is between two decisions. What
            a resume of this cluster lasts, nine times of ten, comes on top.
        held_awake_seconds: how long the provider keeps a woken cluster awake.
    """

    policy: Policy = field(default_factory=Native)
    cold_hit_acu_hours: float = 1.0
    wakes_per_day: int = 8
    lead_seconds: float = 360.0
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
    def tuned_families(self) -> tuple[Family, ...]:
        return families_of(self.policy)

    def dial(self, limits: Limits) -> Dial:
        """What its sleep is weighed by, within these limits."""
        return Dial(
            cold_hit_acu_hours=self.cold_hit_acu_hours,
            idle_acu=max(limits.min_acu, limits.step_acu),
            held_awake_seconds=self.held_awake_seconds,
        )

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
        soon, resume = self._soon(snapshot, activity), _resume_seconds(activity)
        if activity.wake_window is None or activity.wake_window >= soon:
            return replace(advice, range=current, reason="it sleeps: nobody is expected soon enough to wake it")
        if activity.wakes >= self.wakes_per_day:
            reason = f"it sleeps: it woke {activity.wakes} times within a day, and may {self.wakes_per_day} times"
            return replace(advice, range=current, reason=reason)
        woken = Range(
            floor_acu=max(advice.range.floor_acu, current.floor_acu),
            ceiling_acu=max(advice.range.ceiling_acu, current.ceiling_acu),
        )
        chance = 1.0 - prod(1.0 - chance for chance in activity.chances[:soon])
        reason = (
            f"woken before its use: it starts within {spoken(soon * activity.step_seconds)} by {chance:.0%}, and a "
            f"resume takes up to {resume:.0f} s; by {activity.way}"
        )
        return Advice(range=woken, reason=reason, grounds=Grounds.SCHEDULE)

    def _kept(self, snapshot: Snapshot, activity: Activity, advice: Advice) -> Advice:
        """Awake: how long it may be idle from now on."""
        pause = self._time_out(snapshot, activity)
        when = "never" if pause is None else f"after {spoken(pause)}"
        worth = f"awake for {spoken(activity.awake_seconds)} more is worth its price"
        reason = f"{advice.reason}; {worth}, so it pauses {when}; by {activity.way}"
        return replace(advice, range=replace(advice.range, pause_after_seconds=pause), reason=reason)

    def _time_out(self, snapshot: Snapshot, activity: Activity) -> int | None:
        limits, in_force = snapshot.limits, snapshot.status.range.pause_after_seconds
        if activity.idle_seconds <= activity.step_seconds:
            longest = MOST_BREAK_EVENS * activity.break_even_seconds
            wanted = min(activity.awake_seconds, longest, limits.longest_pause_seconds)
            seconds = max(limits.shortest_pause_seconds, wanted)
            chosen = next(step for step in (*LADDER_SECONDS, ceil(seconds)) if step >= seconds)
            near = in_force is not None and chosen / 2 <= in_force <= chosen * 2
            return in_force if near else chosen
        due = activity.wake_window is not None and activity.wake_window < self._soon(snapshot, activity)
        if not due:
            return limits.shortest_pause_seconds
        if in_force is None or in_force < activity.idle_seconds + 2 * activity.step_seconds:
            return None  # it would fall asleep before its use; the time-out comes back when nobody came
        return in_force

    def _soon(self, snapshot: Snapshot, activity: Activity) -> int:
        """How many windows from the first unknown one on it has to be up for already; what is known is minutes old."""
        late = (snapshot.at - activity.start) / timedelta(seconds=1)
        return 1 + floor((late + self.lead_seconds + _resume_seconds(activity)) / activity.step_seconds)


def _resume_seconds(activity: Activity) -> float:
    return UNKNOWN_RESUME_SECONDS if activity.resume_seconds is None else activity.resume_seconds
