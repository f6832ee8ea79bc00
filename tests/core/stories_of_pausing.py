"""Stories of the rules about pauses and those who stand by. Times are seconds after Monday, 8:00."""

from dataclasses import replace

from autoscaler.core.capacity import FULL_CONSENT, NO_CONSENT, Consent, Phase
from autoscaler.core.decision import Memory
from tests.core.story import YESTERDAY, Moment, Story, acu
from tests.fakes import WIDE_LIMITS, later, make_range

_SILENT = replace(WIDE_LIMITS, consent=replace(FULL_CONSENT, small_standbys=False, waiting_parameters=False))
_PAUSES = replace(WIDE_LIMITS, pauses_from_acu=0.5, may_pause=True)
_ASLEEP = make_range(0.5, 32, 300)

STANDBYS = Story(
    in_force=acu(8),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=acu(4)),
    moments=(
        Moment(
            at_seconds=0,
            limits=_SILENT,
            standbys=2,
            recent_acu=(9.0, 5.0),
            wish=acu(4),
            after=acu(5),
            steps=("keep_standbys_fit_to_take_over",),
            said="8 to 32 ACU becomes 5 to 32 ACU: wished, but 2 who may have to take over need 5 ACU, "
            "and the owner has not agreed to less (consent: small_standbys)",
        ),
        Moment(
            at_seconds=600,
            limits=_SILENT,
            standbys=2,
            recent_acu=(18.0, 5.0),
            wish=acu(5),
            after=acu(5),
            said="5 to 32 ACU stays: wished",
        ),
    ),
)

PARAMETERS = Story(
    in_force=acu(0.5),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=_ASLEEP),
    moments=(
        Moment(
            at_seconds=0,
            limits=_SILENT,
            awaits_restart=True,
            wish=_ASLEEP,
            after=acu(0.5),
            steps=("pause_with_waiting_parameters_only_with_consent",),
            said="0.5 to 32 ACU stays: wished, but a pause would apply parameters that wait for a restart, "
            "and the owner has not agreed to that (consent: waiting_parameters)",
        ),
        Moment(
            at_seconds=600,
            in_force=_ASLEEP,
            limits=_SILENT,
            awaits_restart=True,
            wish=_ASLEEP,
            after=_ASLEEP,
            said="0.5 to 32 ACU, pauses after 300 s stays: wished",
        ),
    ),
)

_WISH = make_range(4, 32, 300)
_TOLD = "it pauses from a floor of 0.5 ACU only"
_COMES_DOWN = f"{_TOLD}: it comes down once nobody has been connected for a while, and goes up again at once"

GIVING_UP = Story(
    in_force=acu(4),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=_WISH),
    moments=(
        Moment(
            at_seconds=0,
            limits=_PAUSES,
            recent_acu=(0.1,) * 5,
            connections=1,
            wish=_WISH,
            after=acu(4),
            steps=("give_up_the_floor_for_a_pause_only_when_idle",),
            said=f"4 to 32 ACU stays: wished, but {_COMES_DOWN}",
        ),
        Moment(
            at_seconds=400,
            limits=_PAUSES,
            recent_acu=(0.0,) * 5,
            connections=0,
            wish=_WISH,
            after=_ASLEEP,
            steps=("give_up_the_floor_for_a_pause_only_when_idle",),
            said=f"4 to 32 ACU becomes 0.5 to 32 ACU, pauses after 300 s: wished, but {_COMES_DOWN}",
        ),
        Moment(
            at_seconds=800,
            limits=_PAUSES,
            phase=Phase.PAUSED,
            wish=_WISH,
            after=_ASLEEP,
            steps=("let_a_sleeping_cluster_sleep",),
            said="0.5 to 32 ACU, pauses after 300 s stays: wished, but the cluster is paused and nobody needs it awake",
        ),
        Moment(
            at_seconds=1200,
            limits=_PAUSES,
            recent_acu=(1.0,) * 5,
            connections=3,
            wish=_WISH,
            after=acu(4),
            steps=("give_up_the_floor_for_a_pause_only_when_idle",),
            said=f"0.5 to 32 ACU, pauses after 300 s becomes 4 to 32 ACU: wished, but {_COMES_DOWN}",
        ),
        Moment(
            at_seconds=1800,
            in_force=acu(4),
            limits=replace(_PAUSES, consent=Consent(ceiling=True)),
            recent_acu=(0.0,) * 5,
            connections=0,
            wish=_WISH,
            after=acu(4),
            steps=("wait_before_shrinking",),
            said="4 to 32 ACU stays: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(
            at_seconds=2200,
            in_force=acu(4),
            limits=replace(_PAUSES, consent=NO_CONSENT),
            recent_acu=(0.0,) * 5,
            connections=0,
            wish=_WISH,
            after=acu(4),
            steps=("give_up_the_floor_for_a_pause_only_when_idle",),
            said=f"4 to 32 ACU stays: wished, but {_TOLD}, and its owner has not agreed to that (consent: low_floor)",
        ),
        Moment(
            at_seconds=2800,
            in_force=acu(4),
            limits=replace(_PAUSES, min_acu=2.0),
            recent_acu=(0.0,) * 5,
            connections=0,
            wish=_WISH,
            after=acu(4),
            steps=("give_up_the_floor_for_a_pause_only_when_idle",),
            said=f"4 to 32 ACU stays: wished, but {_TOLD}, and its owner wants 2 at least",
        ),
    ),
)

STORIES = {
    "keep_standbys_fit_to_take_over": STANDBYS,
    "pause_with_waiting_parameters_only_with_consent": PARAMETERS,
    "give_up_the_floor_for_a_pause_only_when_idle": GIVING_UP,
}
