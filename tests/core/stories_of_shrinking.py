"""Stories of the rules that are careful about taking away.

Times are seconds after Monday, 8:00. What one moment decides is in force at the next, unless that says
otherwise. The rules' settings are the defaults: blind after 300 s, 900 s of watching, 300 s of waiting, half a
floor at most, 300 s between changes.
"""

from autoscaler.core.decision import Grounds, Memory
from tests.core.story import YESTERDAY, Moment, Story, acu
from tests.fakes import later

BLIND = Story(
    in_force=acu(8),
    moments=(
        Moment(
            at_seconds=0,
            blind_seconds=300,
            wish=acu(4),
            after=acu(8),
            steps=("wait_before_shrinking",),
            said="8 to 32 ACU stays: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(
            at_seconds=300,
            blind_seconds=600,
            wish=acu(4),
            after=acu(8),
            steps=("never_shrink_blind",),
            said="8 to 32 ACU stays: wished, but no usable sample for 600 s",
        ),
        Moment(
            at_seconds=360,
            blind_seconds=660,
            grounds=Grounds.SCHEDULE,
            wish=acu(12, 16),
            after=acu(12),
            steps=("never_shrink_blind",),
            said="8 to 32 ACU becomes 12 to 32 ACU: wished, but no usable sample for 660 s",
        ),
    ),
)

BLIND_GROWTH = Story(
    in_force=acu(8),
    moments=(
        Moment(
            at_seconds=0,
            blind_seconds=301,
            wish=acu(12),
            after=acu(8),
            steps=("grow_blind_only_on_sure_grounds",),
            said="8 to 32 ACU stays: wished, but no usable sample for 301 s, "
            "and what was seen before is no ground to grow on",
        ),
        Moment(
            at_seconds=60,
            blind_seconds=361,
            grounds=Grounds.FIXED,
            wish=acu(12),
            after=acu(12),
            said="8 to 32 ACU becomes 12 to 32 ACU: wished",
        ),
        Moment(
            at_seconds=400,
            blind_seconds=300,
            wish=acu(16),
            after=acu(16),
            said="12 to 32 ACU becomes 16 to 32 ACU: wished",
        ),
    ),
)

FRESH = Story(
    in_force=acu(8),
    memory=Memory(),
    moments=(
        Moment(
            at_seconds=0,
            wish=acu(4),
            after=acu(8),
            steps=("never_shrink_with_a_fresh_memory",),
            said="8 to 32 ACU stays: wished, but watching for less than 900 s so far",
        ),
        Moment(
            at_seconds=899,
            wish=acu(4),
            after=acu(8),
            steps=("never_shrink_with_a_fresh_memory",),
            said="8 to 32 ACU stays: wished, but watching for less than 900 s so far",
        ),
        Moment(at_seconds=900, wish=acu(4), after=acu(4), said="8 to 32 ACU becomes 4 to 32 ACU: wished"),
    ),
)

WAIT = Story(
    in_force=acu(8),
    moments=(
        Moment(
            at_seconds=0,
            wish=acu(4),
            after=acu(8),
            steps=("wait_before_shrinking",),
            said="8 to 32 ACU stays: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(
            at_seconds=120,
            wish=acu(6),
            after=acu(8),
            steps=("wait_before_shrinking",),
            said="8 to 32 ACU stays: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(
            at_seconds=300,
            wish=acu(4),
            after=acu(6),
            steps=("wait_before_shrinking",),
            said="8 to 32 ACU becomes 6 to 32 ACU: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(
            at_seconds=600,
            wish=acu(4),
            after=acu(6),
            steps=("wait_before_shrinking",),
            said="6 to 32 ACU stays: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(at_seconds=900, wish=acu(4), after=acu(4), said="6 to 32 ACU becomes 4 to 32 ACU: wished"),
    ),
)

GENTLY = Story(
    in_force=acu(16),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=acu(6)),
    moments=(
        Moment(
            at_seconds=0,
            wish=acu(6),
            after=acu(8),
            steps=("shrink_gently",),
            said="16 to 32 ACU becomes 8 to 32 ACU: wished, but one change takes at most 50% of the floor",
        ),
        Moment(
            at_seconds=300,
            wish=acu(6),
            after=acu(8),
            steps=("wait_before_shrinking",),
            said="8 to 32 ACU stays: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(at_seconds=600, wish=acu(6), after=acu(6), said="8 to 32 ACU becomes 6 to 32 ACU: wished"),
    ),
)

CEILING = Story(
    in_force=acu(4),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=acu(4, 16)),
    moments=(
        Moment(
            at_seconds=0,
            recent_acu=(9, None, 20, 3),
            wish=acu(4, 16),
            after=acu(4, 20),
            steps=("keep_the_ceiling_above_the_recent_peak",),
            said="4 to 32 ACU becomes 4 to 20 ACU: wished, but the recent peak was 20 ACU",
        ),
        Moment(
            at_seconds=300,
            recent_acu=(20, 3, 25, 3),
            wish=acu(4, 16),
            after=acu(4, 20),
            steps=("wait_before_shrinking",),
            said="4 to 20 ACU stays: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(
            at_seconds=600,
            recent_acu=(25, 3, 4, 3),
            wish=acu(4, 16),
            after=acu(4, 20),
            steps=("keep_the_ceiling_above_the_recent_peak",),
            said="4 to 20 ACU stays: wished, but the recent peak was 25 ACU",
        ),
        Moment(
            at_seconds=660,
            recent_acu=(3, 4, 3, 5),
            wish=acu(4, 16),
            after=acu(4, 16),
            said="4 to 20 ACU becomes 4 to 16 ACU: wished",
        ),
    ),
)

STORIES = {
    "never_shrink_blind": BLIND,
    "grow_blind_only_on_sure_grounds": BLIND_GROWTH,
    "never_shrink_with_a_fresh_memory": FRESH,
    "wait_before_shrinking": WAIT,
    "shrink_gently": GENTLY,
    "keep_the_ceiling_above_the_recent_peak": CEILING,
}
