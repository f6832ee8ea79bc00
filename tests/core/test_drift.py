"""A range that somebody else changed is noticed, whoever changed it, and matters until it is seen to."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.capacity import Range
from autoscaler.core.control import Drift
from autoscaler.core.drift import notice_drift
from tests.fakes import MONDAY, later, make_range

OURS, RAISED, LOWERED, WIDE = make_range(4, 16), make_range(8, 16), make_range(1, 16), make_range(4, 64)
DRIFT = Drift(at=MONDAY, before=OURS, after=RAISED)
SEEN = replace(DRIFT, acknowledged=True)


def look(
    aimed: Range, *, held: Range | None = OURS, asked: Range | None = None, before: Drift | None = None
) -> Drift | None:
    return notice_drift(aimed, held=held, asked=asked, before=before, at=later(60))


def test_the_first_look_at_a_cluster_finds_no_drift() -> None:
    assert look(RAISED, held=None) is None


def test_a_range_we_asked_for_or_saw_before_is_no_drift() -> None:
    assert look(OURS) is None
    assert look(RAISED, asked=RAISED) is None
    assert look(OURS, asked=RAISED) is None, "a provider may still show what was there before"


def test_any_other_range_was_changed_by_somebody_else() -> None:
    assert look(RAISED, asked=LOWERED) == Drift(at=later(60), before=OURS, after=RAISED)


def test_a_drift_matters_until_somebody_acknowledges_it_whatever_we_ask_for_meanwhile() -> None:
    assert look(RAISED, held=RAISED, before=DRIFT) == DRIFT
    assert look(WIDE, held=RAISED, asked=WIDE, before=DRIFT) == DRIFT
    assert look(RAISED, held=RAISED, before=SEEN) == SEEN
    assert look(WIDE, held=RAISED, asked=WIDE, before=SEEN) is None


def test_who_takes_his_change_back_ends_the_drift() -> None:
    assert look(OURS, held=RAISED, before=DRIFT) is None
    assert look(OURS, held=RAISED, asked=OURS, before=DRIFT) is None


def test_a_second_change_from_outside_is_told_from_where_it_all_began() -> None:
    assert look(LOWERED, held=RAISED, before=DRIFT) == Drift(at=later(60), before=OURS, after=LOWERED)
    assert look(LOWERED, held=RAISED, before=SEEN) == Drift(at=later(60), before=RAISED, after=LOWERED)


ranges = st.sampled_from([OURS, RAISED, LOWERED, WIDE])


@given(asked=st.lists(ranges, min_size=1))
def test_whatever_we_ask_for_is_never_a_drift(asked: list[Range]) -> None:
    held, last, drift = OURS, None, None
    for wanted in asked:
        drift = notice_drift(held, held=held, asked=last, before=drift, at=MONDAY)
        assert drift is None
        last = wanted
        held, drift = wanted, notice_drift(wanted, held=held, asked=last, before=drift, at=MONDAY)
        assert drift is None
