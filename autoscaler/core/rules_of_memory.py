"""A rule about memory: a floor below the pages in use reads them again and again."""

from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from math import inf

from autoscaler.core.capacity import MemoryCare, Range, round_up
from autoscaler.core.cost import Prices
from autoscaler.core.decision import Case
from autoscaler.core.rule import Rule, is_blind
from autoscaler.core.rules_of_owners import budget_cap_acu
from autoscaler.core.working_set import WorkingSet

# [I] What a cluster keeps itself at: it has so much without a floor, too.
TARGET_UTILIZATION = 0.75
# What a floor must be worth, in parts of what it costs, before it is brought up; and the inverse, to be kept.
MARGIN = 1.25
LOOKING_BACK = timedelta(hours=1)


def keep_the_working_set_in_memory(wanted: Range, case: Case) -> Range:
    """While somebody works, the floor holds the pages in use, as far as that is cheaper than to read them again.

    It may bring a floor up, but for a blind cluster, a ceiling or a budget; overnight nothing is kept for nobody.
    """
    least = _least_acu(wanted, case)
    return wanted if least is None or wanted.floor_acu >= least else wanted.with_floor(least)


def _least_acu(wanted: Range, case: Case) -> float | None:
    known, limits = case.snapshot.working_set, case.snapshot.limits
    if known is None or limits.working_set is MemoryCare.OBSERVE:
        return None
    if case.snapshot.asleep or not known.used(case.snapshot.at):
        return None
    if limits.working_set is MemoryCare.KEEP:
        least = _least_reading_acu(known, case) if known.enough_acu is None else known.enough_acu
    else:
        least = _paying_acu(known, case)
    if least is None:
        return None
    most = [wanted.ceiling_acu, budget_cap_acu(case), case.current.floor_acu if is_blind(case) else None]
    return min(round_up(least, limits.step_acu), *(one for one in most if one is not None))


def _paying_acu(known: WorkingSet, case: Case) -> float | None:
    """A floor is brought up for clearly more than it costs, and kept until it is clearly worth less."""
    demand = _mean_demand_acu(case)

    def best(margin: float, most_acu: float) -> float | None:
        prices = case.snapshot.prices
        marked_up = replace(prices, usd_per_acu_hour=margin * prices.usd_per_acu_hour)
        return known.best_acu(
            without_acu=demand / TARGET_UTILIZATION, demand_acu=demand, prices=marked_up, most_acu=most_acu
        )

    found = best(MARGIN, inf), best(1.0 / MARGIN, case.current.floor_acu)
    return max((acu for acu in found if acu is not None), default=None)


def _least_reading_acu(known: WorkingSet, case: Case) -> float | None:
    """As if capacity cost nothing."""
    free = Prices(usd_per_acu_hour=0.0, usd_per_million_reads=1.0)
    return known.best_acu(without_acu=0.0, demand_acu=_mean_demand_acu(case), prices=free)


def _mean_demand_acu(case: Case) -> float:
    """Of the last hour, so that a quiet minute throws nothing out."""
    since = case.snapshot.at - LOOKING_BACK
    recent = takewhile(lambda one: one.end > since, reversed(case.snapshot.recent))
    known = [(one.demand_acu, one.seconds) for one in recent if one.demand_acu is not None]
    seconds = sum(seconds for _, seconds in known)
    return sum(acu * seconds for acu, seconds in known) / seconds if seconds else 0.0


def _told(case: Case) -> str:
    known = case.snapshot.working_set
    if known is None or known.short is None:
        return "how much memory its pages in use need is not known"
    short = known.short
    seen = f"with {short.acu:.1f} ACU {short.missed_fraction:.0%} of its page reads went to storage"
    told = "no size seen held all of them" if known.enough_acu is None else f"{known.enough_acu:.1f} ACU held them"
    return f"{seen}, {told} (limits: working_set)"


MEMORY = Rule(keep_the_working_set_in_memory, _told)
