"""Stories of the rules about budgets and fleets. Times are seconds after Monday, 8:00, as in the other stories."""

from dataclasses import replace

from autoscaler.core.budget import Budget, Spending
from autoscaler.core.capacity import Phase
from autoscaler.core.cost import Prices
from autoscaler.core.decision import Grounds, Memory
from autoscaler.core.fleet import FleetAllowance
from tests.core.story import YESTERDAY, Moment, Story, acu
from tests.fakes import WIDE_LIMITS, later, make_range

_CLAMPED = Prices(budget=Budget(acu_hours_per_day=200, clamp=True))


def _spending(projected: float) -> Spending:
    return Spending(
        day_acu_hours=50,
        month_acu_hours=900,
        projected_day_acu_hours=projected,
        projected_month_acu_hours=5000,
        highest_demand_acu=9,
    )


BUDGET = Story(
    in_force=acu(8),
    memory=Memory(watching_since=YESTERDAY),
    moments=(
        Moment(
            at_seconds=0,
            prices=_CLAMPED,
            spending=_spending(200),
            wish=acu(16),
            after=acu(10),
            steps=("keep_to_the_budget",),
            said="8 to 32 ACU becomes 10 to 32 ACU: wished, "
            "but the budget runs out, and 10 ACU is the highest need of the last weeks",
        ),
        Moment(
            at_seconds=300,
            prices=_CLAMPED,
            spending=_spending(199),
            wish=acu(16),
            after=acu(16),
            said="10 to 32 ACU becomes 16 to 32 ACU: wished",
        ),
        Moment(
            at_seconds=360,
            prices=_CLAMPED,
            spending=_spending(201),
            wish=acu(16),
            after=acu(16),
            steps=("keep_to_the_budget", "wait_before_shrinking"),
            said="16 to 32 ACU stays: wished, but less has to be wanted for 300 s without a break",
        ),
        Moment(
            at_seconds=660,
            prices=_CLAMPED,
            spending=_spending(201),
            wish=acu(16),
            after=acu(10),
            steps=("keep_to_the_budget",),
            said="16 to 32 ACU becomes 10 to 32 ACU: wished, "
            "but the budget runs out, and 10 ACU is the highest need of the last weeks",
        ),
    ),
)

FLEET = Story(
    in_force=acu(8),
    memory=Memory(watching_since=YESTERDAY, shrink_since=later(-300), shrink_wish=acu(4)),
    moments=(
        Moment(
            at_seconds=0,
            fleet=FleetAllowance(may_shrink=False, blind_growth_acu=5.9),
            wish=acu(4),
            after=acu(8),
            steps=("keep_to_the_caps_of_the_fleet",),
            said="8 to 32 ACU stays: wished, but enough clusters of the fleet have shrunk within the hour",
        ),
        Moment(
            at_seconds=60,
            fleet=FleetAllowance(may_shrink=True, blind_growth_acu=5.9),
            wish=acu(4),
            after=acu(4),
            said="8 to 32 ACU becomes 4 to 32 ACU: wished",
        ),
        Moment(
            at_seconds=400,
            fleet=FleetAllowance(may_shrink=True, blind_growth_acu=5.9),
            blind_seconds=400,
            grounds=Grounds.FIXED,
            wish=acu(16),
            after=acu(9.5),
            steps=("keep_to_the_caps_of_the_fleet",),
            said="4 to 32 ACU becomes 9.5 to 32 ACU: wished, "
            "but 5.9 ACU are left of what the fleet may grow unseen within an hour",
        ),
    ),
)

_WAITING = ("long-vacuum", "cron-due")
_MAY_INTERRUPT = replace(WIDE_LIMITS, consent=replace(WIDE_LIMITS.consent, interrupting=True))
_MAY_NOT = replace(WIDE_LIMITS, consent=replace(WIDE_LIMITS.consent, interrupting=False))

INTERRUPTING = Story(
    in_force=make_range(1, 32, 300),
    moments=(
        Moment(
            at_seconds=0,
            limits=_MAY_NOT,
            holds=_WAITING,
            wish=make_range(1, 32, 300),
            after=acu(1),
            steps=("interrupt_nothing_without_consent",),
            said="1 to 32 ACU, pauses after 300 s becomes 1 to 32 ACU: wished, but a pause would meet long-vacuum "
            "and cron-due, and the owner has not agreed to that (consent: interrupting)",
        ),
        Moment(
            at_seconds=300,
            limits=_MAY_NOT,
            holds=_WAITING,
            phase=Phase.PAUSED,
            in_force=make_range(1, 32, 300),
            wish=make_range(1, 32, 300),
            after=make_range(1, 32, 300),
            said="1 to 32 ACU, pauses after 300 s stays: wished",
        ),
        Moment(
            at_seconds=600,
            limits=_MAY_INTERRUPT,
            holds=_WAITING,
            in_force=make_range(1, 32, 300),
            wish=make_range(1, 32, 300),
            after=make_range(1, 32, 300),
            said="1 to 32 ACU, pauses after 300 s stays: wished",
        ),
    ),
)

STORIES = {
    "interrupt_nothing_without_consent": INTERRUPTING,
    "keep_to_the_budget": BUDGET,
    "keep_to_the_caps_of_the_fleet": FLEET,
}
