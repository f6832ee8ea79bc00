"""Stories of the rules that obey people, providers and owners.

Times are seconds after Monday, 8:00. What one moment decides is in force at the next, unless that says
otherwise. The rules' settings are the defaults: blind after 300 s, 900 s of watching, 300 s of waiting, half a
floor at most, 300 s between changes.
"""

from dataclasses import replace

from autoscaler.core.capacity import FULL_CONSENT, NO_CONSENT, Consent, Limits, Phase
from autoscaler.core.control import Control, Direction, Drift, Freeze, Override
from autoscaler.core.decision import Memory
from tests.core.story import YESTERDAY, Moment, Story, acu
from tests.fakes import WIDE_LIMITS, later, make_range

_NO_WORD = replace(WIDE_LIMITS, consent=NO_CONSENT)
_ADAS = Control(override=Override(range=acu(1, 8), until=later(1000), by="ada"))

OVERRIDE = Story(
    in_force=acu(8),
    memory=Memory(),
    moments=(
        Moment(
            at_seconds=0,
            blind_seconds=float("inf"),
            control=_ADAS,
            wish=acu(4),
            after=acu(1, 8),
            steps=("never_shrink_blind", "obey_an_override"),
            said="8 to 32 ACU becomes 1 to 8 ACU: wished, but ada asked for it until 2026-03-02 08:16 UTC",
        ),
        Moment(
            at_seconds=999,
            control=_ADAS,
            wish=acu(4),
            after=acu(1, 8),
            steps=("obey_an_override",),
            said="1 to 8 ACU stays: wished, but ada asked for it until 2026-03-02 08:16 UTC",
        ),
        Moment(
            at_seconds=1000,
            control=_ADAS,
            wish=acu(4),
            after=acu(4),
            said="1 to 8 ACU becomes 4 to 32 ACU: wished",
        ),
    ),
)

_NO_LESS = Control(freeze=Freeze(direction=Direction.SHRINK, until=later(600)))

FREEZE = Story(
    in_force=acu(8),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=acu(4)),
    moments=(
        Moment(
            at_seconds=0,
            control=_NO_LESS,
            wish=acu(4),
            after=acu(8),
            steps=("obey_a_freeze",),
            said="8 to 32 ACU stays: wished, but somebody froze it until 2026-03-02 08:10 UTC",
        ),
        Moment(
            at_seconds=599,
            control=_NO_LESS,
            wish=acu(4),
            after=acu(8),
            steps=("obey_a_freeze",),
            said="8 to 32 ACU stays: wished, but somebody froze it until 2026-03-02 08:10 UTC",
        ),
        Moment(
            at_seconds=600,
            control=_NO_LESS,
            wish=acu(4),
            after=acu(4),
            said="8 to 32 ACU becomes 4 to 32 ACU: wished",
        ),
    ),
)

SLEEP = Story(
    in_force=make_range(1, 16, 300),
    moments=(
        Moment(
            at_seconds=0,
            phase=Phase.PAUSED,
            wish=make_range(4, 16, 600),
            after=make_range(1, 16, 300),
            steps=("let_a_sleeping_cluster_sleep",),
            said="1 to 16 ACU, pauses after 300 s stays: wished, but the cluster is paused and nobody needs it awake",
        ),
        Moment(
            at_seconds=60,
            phase=Phase.PAUSED,
            wish=make_range(4, 16),
            after=make_range(4, 16),
            said="1 to 16 ACU, pauses after 300 s becomes 4 to 16 ACU: wished",
        ),
    ),
)

FINISH = Story(
    in_force=acu(8),
    moments=(
        Moment(at_seconds=0, wish=acu(12), after=acu(12), said="8 to 32 ACU becomes 12 to 32 ACU: wished"),
        Moment(
            at_seconds=400,
            in_force=acu(8),
            phase=Phase.CHANGING,
            requested=acu(12),
            wish=acu(16),
            after=acu(8),
            steps=("let_a_change_finish",),
            said="8 to 32 ACU stays: wished, but the cluster is changing to 12 to 32 ACU",
        ),
        Moment(
            at_seconds=415,
            phase=Phase.CHANGING,
            wish=acu(16),
            after=acu(8),
            steps=("let_a_change_finish",),
            said="8 to 32 ACU stays: wished, but the cluster is changing",
        ),
        Moment(
            at_seconds=430,
            in_force=acu(12),
            wish=acu(16),
            after=acu(16),
            said="12 to 32 ACU becomes 16 to 32 ACU: wished",
        ),
    ),
)

SPACE = Story(
    in_force=acu(8),
    moments=(
        Moment(at_seconds=0, wish=acu(12), after=acu(12), said="8 to 32 ACU becomes 12 to 32 ACU: wished"),
        Moment(
            at_seconds=299,
            wish=acu(16),
            after=acu(12),
            steps=("space_the_changes",),
            said="12 to 32 ACU stays: wished, but the last change is less than 300 s ago",
        ),
        Moment(at_seconds=300, wish=acu(16), after=acu(16), said="12 to 32 ACU becomes 16 to 32 ACU: wished"),
        Moment(
            at_seconds=359,
            recent_acu=(16,),
            saturated=True,
            wish=acu(24),
            after=acu(16),
            steps=("space_the_changes",),
            said="16 to 32 ACU stays: wished, but the last change is less than 300 s ago",
        ),
        Moment(
            at_seconds=360,
            recent_acu=(16,),
            saturated=True,
            wish=make_range(24, 32, 600),
            after=acu(24),
            steps=("wait_before_shrinking",),
            said="16 to 32 ACU becomes 24 to 32 ACU: wished, but less has to be wanted for 300 s without a break",
        ),
    ),
)

REFUSED = Story(
    in_force=acu(8),
    moments=(
        Moment(
            at_seconds=0, refused=True, wish=acu(12), after=acu(12), said="8 to 32 ACU becomes 12 to 32 ACU: wished"
        ),
        Moment(
            at_seconds=29,
            wish=acu(12),
            after=acu(8),
            steps=("leave_a_refusing_cluster_alone",),
            said="8 to 32 ACU stays: wished, but a change came to nothing once, so that it is left alone for 30 s",
        ),
        Moment(
            at_seconds=30, refused=True, wish=acu(12), after=acu(12), said="8 to 32 ACU becomes 12 to 32 ACU: wished"
        ),
        Moment(
            at_seconds=89,
            wish=acu(12),
            after=acu(8),
            steps=("leave_a_refusing_cluster_alone",),
            said="8 to 32 ACU stays: wished, "
            "but a change came to nothing 2 times in a row, so that it is left alone for 60 s",
        ),
        Moment(at_seconds=90, wish=acu(12), after=acu(12), said="8 to 32 ACU becomes 12 to 32 ACU: wished"),
    ),
)

_RAISED = Drift(at=later(-900), before=acu(4), after=acu(8))
_LOWERED = Drift(at=later(1000), before=acu(8), after=acu(2))

DRIFT = Story(
    in_force=acu(8),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=acu(4)),
    moments=(
        Moment(
            at_seconds=0,
            drift=_RAISED,
            wish=acu(4),
            after=acu(8),
            steps=("leave_what_somebody_else_changed",),
            said="8 to 32 ACU stays: wished, "
            "but somebody else changed 4 to 32 ACU to 8 to 32 ACU, and nobody has acknowledged it",
        ),
        Moment(
            at_seconds=60,
            drift=_RAISED,
            wish=acu(12),
            after=acu(12),
            said="8 to 32 ACU becomes 12 to 32 ACU: wished",
        ),
        Moment(
            at_seconds=1060,
            in_force=acu(2),
            drift=_LOWERED,
            wish=acu(6),
            after=acu(2),
            steps=("leave_what_somebody_else_changed",),
            said="2 to 32 ACU stays: wished, "
            "but somebody else changed 8 to 32 ACU to 2 to 32 ACU, and nobody has acknowledged it",
        ),
        Moment(
            at_seconds=1120,
            recent_acu=(2,),
            saturated=True,
            drift=_LOWERED,
            wish=acu(6, 64),
            after=acu(6),
            steps=("leave_what_somebody_else_changed",),
            said="2 to 32 ACU becomes 6 to 32 ACU: wished, "
            "but somebody else changed 8 to 32 ACU to 2 to 32 ACU, and nobody has acknowledged it",
        ),
        Moment(
            at_seconds=1420,
            drift=replace(_LOWERED, acknowledged=True),
            wish=acu(10),
            after=acu(10),
            said="6 to 32 ACU becomes 10 to 32 ACU: wished",
        ),
    ),
)

CEILING_CONSENT = Story(
    in_force=acu(8),
    moments=(
        Moment(
            at_seconds=0,
            limits=_NO_WORD,
            wish=acu(40, 64),
            after=acu(32),
            steps=("move_the_ceiling_only_with_consent",),
            said="8 to 32 ACU becomes 32 to 32 ACU: wished, "
            "but the owner has not agreed that the ceiling moves (consent: ceiling)",
        ),
        Moment(
            at_seconds=300,
            limits=replace(_NO_WORD, consent=Consent(ceiling=True)),
            wish=acu(40, 64),
            after=acu(40, 64),
            said="32 to 32 ACU becomes 40 to 64 ACU: wished",
        ),
    ),
)

LOW_FLOOR_CONSENT = Story(
    in_force=acu(1),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=acu(0.5)),
    moments=(
        Moment(
            at_seconds=0,
            limits=_NO_WORD,
            wish=acu(0.5),
            after=acu(1),
            steps=("cap_the_connections_only_with_consent",),
            said="1 to 32 ACU stays: wished, but a floor of 0.5 ACU or less caps the connections, "
            "and the owner has not agreed to that (consent: low_floor)",
        ),
        Moment(
            at_seconds=600,
            in_force=acu(0.5),
            limits=_NO_WORD,
            wish=acu(0.5),
            after=acu(0.5),
            said="0.5 to 32 ACU stays: wished",
        ),
    ),
)

LIMITS = Story(
    in_force=acu(8, 16),
    moments=(
        Moment(
            at_seconds=0,
            limits=Limits(min_acu=2, max_acu=24, consent=FULL_CONSENT),
            wish=acu(11.7),
            after=acu(12, 24),
            steps=("stay_within_limits",),
            said="8 to 16 ACU becomes 12 to 24 ACU: wished, "
            "but the owner allows 2 to 24 ACU in steps of 0.5, never pause",
        ),
        Moment(
            at_seconds=60,
            limits=Limits(min_acu=2, max_acu=8, consent=FULL_CONSENT),
            wish=acu(12, 24),
            after=acu(8, 8),
            steps=("stay_within_limits",),
            said="12 to 24 ACU becomes 8 to 8 ACU: wished, "
            "but the owner allows 2 to 8 ACU in steps of 0.5, never pause",
        ),
        Moment(
            at_seconds=600,
            limits=Limits(min_acu=2, max_acu=8, consent=FULL_CONSENT),
            wish=acu(8, 8),
            after=acu(8, 8),
            said="8 to 8 ACU stays: wished",
        ),
    ),
)

STORIES = {
    "obey_an_override": OVERRIDE,
    "obey_a_freeze": FREEZE,
    "let_a_sleeping_cluster_sleep": SLEEP,
    "let_a_change_finish": FINISH,
    "space_the_changes": SPACE,
    "leave_a_refusing_cluster_alone": REFUSED,
    "leave_what_somebody_else_changed": DRIFT,
    "move_the_ceiling_only_with_consent": CEILING_CONSENT,
    "cap_the_connections_only_with_consent": LOW_FLOOR_CONSENT,
    "stay_within_limits": LIMITS,
}
