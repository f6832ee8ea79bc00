"""The story of the rule that keeps pages in memory: an hour each, of a cluster whose pages need 7.5 ACU."""

from autoscaler.core.capacity import FULL_CONSENT, Limits, MemoryCare
from autoscaler.core.working_set import Size, WorkingSet, rung_of
from tests.core.story import Moment, Story, acu
from tests.fakes import MONDAY

HOUR = 3600.0
KNOWN = WorkingSet(
    sizes=(
        Size(rung=rung_of(6.5), seconds=HOUR, short_seconds=HOUR, missed_seconds=0.8 * HOUR, acu_seconds=6.5 * HOUR),
        Size(rung=rung_of(7.5), seconds=HOUR, acu_seconds=7.5 * HOUR),
    ),
    pages=1000.0 * HOUR,
    acu_seconds=HOUR,
    used_at=MONDAY,
)
SAID = "with 6.5 ACU 80% of its page reads went to storage, 7.5 ACU held them (limits: working_set)"
KEEPS, OBSERVES = (
    Limits(min_acu=0.5, max_acu=64.0, consent=FULL_CONSENT, working_set=care)
    for care in (MemoryCare.KEEP, MemoryCare.OBSERVE)
)
RULE = "keep_the_working_set_in_memory"

MEMORY = Story(
    in_force=acu(8),
    moments=(
        Moment(  # two ACU of demand read 1,600 pages a second again, 1.15 USD an hour; 4.8 ACU more are 0.58
            at_seconds=0,
            recent_acu=(2, 2),
            working_set=KNOWN,
            wish=acu(2),
            in_force=acu(2),
            after=acu(7.5),
            steps=(RULE,),
            said=f"2 to 32 ACU becomes 7.5 to 32 ACU: wished, but {SAID}",
        ),
        Moment(  # half an ACU reads for 0.29 USD, and the floor is not worth it
            at_seconds=400,
            recent_acu=(0.5, 0.5),
            working_set=KNOWN,
            wish=acu(2),
            in_force=acu(2),
            after=acu(2),
            said="2 to 32 ACU stays: wished",
        ),
        Moment(  # whatever it costs
            at_seconds=800,
            recent_acu=(0.5, 0.5),
            working_set=KNOWN,
            limits=KEEPS,
            wish=acu(2),
            in_force=acu(2),
            after=acu(7.5),
            steps=(RULE,),
            said=f"2 to 32 ACU becomes 7.5 to 32 ACU: wished, but {SAID}",
        ),
        Moment(
            at_seconds=1200,
            recent_acu=(2, 2),
            working_set=KNOWN,
            limits=OBSERVES,
            wish=acu(2),
            in_force=acu(2),
            after=acu(2),
            said="2 to 32 ACU stays: wished",
        ),
        Moment(  # blind: nothing grows
            at_seconds=1600,
            recent_acu=(2, 2),
            blind_seconds=900,
            working_set=KNOWN,
            wish=acu(2),
            in_force=acu(2),
            after=acu(2),
            said="2 to 32 ACU stays: wished",
        ),
        Moment(  # the ceiling is another one's word
            at_seconds=2000,
            recent_acu=(2, 2),
            working_set=KNOWN,
            wish=acu(2, 6),
            in_force=acu(2, 6),
            after=acu(6, 6),
            steps=(RULE,),
            said=f"2 to 6 ACU becomes 6 to 6 ACU: wished, but {SAID}",
        ),
        Moment(  # an hour later nobody works
            at_seconds=3700,
            recent_acu=(2, 2),
            working_set=KNOWN,
            wish=acu(2),
            in_force=acu(2),
            after=acu(2),
            said="2 to 32 ACU stays: wished",
        ),
    ),
)

STORIES = {RULE: MEMORY}
