"""What was to be reached, and whether it was."""

from dataclasses import dataclass

from benchmarks.pause_quality.frontiers import NOTHING, Count, cold_at, lower_hull
from benchmarks.pause_quality.measure import OURS, RIVALS, TUNED, Frontiers

ALL, DATABASES, IRREGULAR = "all", ("redset_provisioned_hourly", "redset_serverless_hourly"), "genai_tenants"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One of them, with what came out."""

    what: str
    goal: str
    reached: str
    met: bool


def pooled(found: list[Frontiers]) -> Frontiers:
    """The sums over traces, setting by setting."""
    return {way: [sum(same, NOTHING) for same in zip(*(one[way] for one in found), strict=True)] for way in found[0]}


def goals(groups: dict[str, list[Frontiers]]) -> list[Goal]:
    """All that can be told of these groups."""
    told = []
    for share, least in ((20.0, 35.0), (10.0, 28.0)):
        saved = fewer(pooled(groups[ALL]), share)
        if saved is not None:
            what = f"all traces, {share:g} % awake-idle: fewer cold hits than time-outs tuned per trace"
            told.append(_goal(what, f"at least {least:g} %", f"{saved:.0f} %", saved >= least))
    databases = [one for name in DATABASES for one in groups.get(name, [])]
    if databases and (cold := cold_at(pooled(databases)[OURS], 20.0)) is not None:
        told.append(_goal("hourly database traces, 20 %: cold hits", "at most 16 %", f"{cold:.1f} %", cold <= 16.0))
    told += [goal for rival in RIVALS for goal in [_against(rival, groups)]]
    if IRREGULAR in groups:
        whole = pooled(groups[IRREGULAR])
        both = [(cold_at(whole[OURS], share), cold_at(whole[TUNED], share)) for share in (10.0, 20.0)]
        known = [(ours, tuned) for ours, tuned in both if ours is not None and tuned is not None]
        reached = ", ".join(f"{ours:.1f} % (time-outs {tuned:.1f} %)" for ours, tuned in known)
        met = all(ours <= tuned for ours, tuned in known)
        told.append(_goal("tenants of irregular use, 10 and 20 %", "no worse than time-outs per trace", reached, met))
    return told


def fewer(whole: Frontiers, share: float) -> float | None:
    """How many percent fewer cold hits than with time-outs tuned per trace."""
    ours, tuned = cold_at(whole[OURS], share), cold_at(whole[TUNED], share)
    return None if ours is None or not tuned else 100.0 * (1.0 - ours / tuned)


def beside(points: list[Count], rival: Count) -> float | None:
    """Cold hits at a rival's own awake-idle share; where we need not be awake that long, at our longest."""
    most = lower_hull(points)[-1]
    return most.cold_share if most.awake_share <= rival.awake_share else cold_at(points, rival.awake_share)


def _against(rival: str, groups: dict[str, list[Frontiers]]) -> Goal:
    better, worse = [], []
    for name, found in groups.items():
        whole = pooled(found)
        own = whole[rival][0]
        ours = beside(whole[OURS], own)
        if ours is not None and name != ALL:
            better += [name] if ours < own.cold_share else []
            worse += [f"{name} ({ours:.1f} against {own.cold_share:.1f} %)"] if ours > own.cold_share + 0.05 else []
    reached = f"better on {len(better)} of {len(groups) - 1} groups; worse on {', '.join(worse) or 'none'}"
    what = f"against our re-implementation of {rival}, at its own awake-idle share"
    return _goal(what, "never worse, better on most groups", reached, not worse and 2 * len(better) > len(groups) - 1)


def _goal(what: str, goal: str, reached: str, met: bool) -> Goal:
    return Goal(what=what, goal=goal, reached=reached, met=met)
