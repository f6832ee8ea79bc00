"""Rules about what a pause, or a floor close to one, would bring with it."""

from collections.abc import Iterator
from dataclasses import replace

from autoscaler.core.capacity import Range
from autoscaler.core.cost import needed_acu
from autoscaler.core.decision import Case
from autoscaler.core.rule import Rule, recent_peak_acu
from autoscaler.core.samples import Sample

# Of what the busiest instance needs: whoever takes over climbs the rest in a minute or two.
STANDBY_FRACTION = 0.5
# Of the pause that is wished, but ten minutes at most: nobody must have been connected before the floor is given up.
IDLE_FRACTION, LONGEST_IDLE_SECONDS = 0.5, 600.0


def keep_standbys_fit_to_take_over(wanted: Range, case: Case) -> Range:
    """Who stands by is as small as the floor, and would be as the new writer: it is not lowered far unasked."""
    if case.snapshot.status.standbys == 0 or case.snapshot.limits.consent.small_standbys:
        return wanted
    least = min(case.current.floor_acu, _fit_acu(case))
    return wanted if wanted.floor_acu >= least else wanted.with_floor(least)


def pause_with_waiting_parameters_only_with_consent(wanted: Range, case: Case) -> Range:
    """A pause and resume is a restart: what waits for one would hold at a moment that nobody chose.

    Where it may pause already, the lowered floor itself may be what waits, and its owner has agreed to that.
    """
    waiting = case.snapshot.status.awaits_restart and not case.snapshot.limits.consent.waiting_parameters
    if not (waiting and wanted.pauses_sooner_than(case.current)):
        return wanted
    return replace(wanted, pause_after_seconds=case.current.pause_after_seconds)


def give_up_the_floor_for_a_pause_only_when_idle(wanted: Range, case: Case) -> Range:
    """Where pauses need a low floor, a higher one goes when nobody misses it, and comes back at once."""
    limits = case.snapshot.limits
    lowest = limits.pauses_from_acu
    if lowest is None or wanted.pause_after_seconds is None or wanted.floor_acu <= lowest or case.snapshot.asleep:
        return wanted
    allowed = limits.consent.low_floor and limits.min_acu <= lowest
    idle_seconds = min(IDLE_FRACTION * wanted.pause_after_seconds, LONGEST_IDLE_SECONDS)
    if allowed and _nobody_misses_the_floor(case, lowest, idle_seconds):
        return replace(wanted, floor_acu=lowest)
    return replace(wanted, pause_after_seconds=None)


def _fit_acu(case: Case) -> float:
    limits = case.snapshot.limits
    return needed_acu(STANDBY_FRACTION * recent_peak_acu(case), limits.min_acu, limits.step_acu)


def _nobody_misses_the_floor(case: Case, lowest: float, seconds: float) -> bool:
    """Nobody was connected for a while, and capacity is no more than the floor; or it has been given up already."""
    status, current = case.snapshot.status, case.current
    given_up = current.pause_after_seconds is not None and current.floor_acu <= lowest
    if not given_up and status.ready_acu > current.floor_acu:
        return False
    newest = case.snapshot.recent[-1] if case.snapshot.recent else None
    if newest is not None and newest.capacity_acu == 0.0 and status.ready_acu > 0.0:
        return False  # it has just woken, and who woke it is in no sample yet
    return sum(sample.seconds for sample in _idle(case)) >= seconds


def _idle(case: Case) -> Iterator[Sample]:
    """The newest samples in which nobody was connected; asleep nobody is."""
    for sample in reversed(case.snapshot.recent):
        if not (sample.connections == 0 or sample.capacity_acu == 0.0):
            return
        yield sample


def _told_floor(case: Case) -> str:
    limits = case.snapshot.limits
    if limits.pauses_from_acu is None:
        return "it pauses from any floor"
    lowest = f"it pauses from a floor of {limits.pauses_from_acu:g} ACU only"
    if limits.min_acu > limits.pauses_from_acu:
        return f"{lowest}, and its owner wants {limits.min_acu:g} at least"
    if not limits.consent.low_floor:
        return f"{lowest}, and its owner has not agreed to that (consent: low_floor)"
    return f"{lowest}: it comes down once nobody has been connected for a while, and goes up again at once"


RULES_OF_PAUSING = (
    Rule(
        keep_standbys_fit_to_take_over,
        lambda case: (
            f"{case.snapshot.status.standbys} who may have to take over need {_fit_acu(case):g} ACU, "
            "and the owner has not agreed to less (consent: small_standbys)"
        ),
    ),
    Rule(
        pause_with_waiting_parameters_only_with_consent,
        lambda case: (
            "a pause would apply parameters that wait for a restart, "
            "and the owner has not agreed to that (consent: waiting_parameters)"
        ),
    ),
    Rule(give_up_the_floor_for_a_pause_only_when_idle, _told_floor),
)
