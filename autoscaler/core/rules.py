"""The safety rules, in order: a policy wishes, these decide, and the last one has the last word."""

from autoscaler.core.rule import Rule
from autoscaler.core.rules_of_fleets import FLEET
from autoscaler.core.rules_of_memory import MEMORY
from autoscaler.core.rules_of_owners import BUDGET, LIMITS, RULES_OF_CONSENT
from autoscaler.core.rules_of_pausing import RULES_OF_PAUSING
from autoscaler.core.rules_of_people import RULES_OF_PEOPLE
from autoscaler.core.rules_of_shrinking import RULES_OF_SHRINKING
from autoscaler.core.rules_of_sight import RULES_OF_SIGHT
from autoscaler.core.rules_of_timing import RULES_OF_TIMING

RULES: tuple[Rule, ...] = (
    BUDGET,
    *RULES_OF_SIGHT,
    *RULES_OF_SHRINKING,
    MEMORY,
    *RULES_OF_PAUSING,
    *RULES_OF_CONSENT,
    FLEET,
    *RULES_OF_PEOPLE,
    *RULES_OF_TIMING,
    LIMITS,
)
