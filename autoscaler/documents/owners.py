"""What the owner of a cluster writes: limits, and what else he agrees to."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from autoscaler.core.capacity import LOW_FLOOR_ACU, Consent, Limits, MemoryCare, Range, round_up

DEFAULT_MIN_ACU = 0.5
DEFAULT_MAX_ACU = 128.0
DEFAULT_PAUSE_SECONDS = 300  # what Aurora takes when nobody says otherwise

D = TypeVar("D", bound="Document")
Acu = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Document(BaseModel):
    """What all documents share: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ConsentDocument(Document):
    """What the owner agrees to besides the limits; left out: only to what the limits say.

    ``pause``: that the cluster pauses. ``ceiling``: that its ceiling is moved. ``low_floor``: that its floor comes
    down to 0.5 ACU or less, where PostgreSQL has 2,000 connections at most. ``small_standbys``: that it comes down
    below half of the recent peak while readers of tiers 2 to 15, or a Global Database's secondary, may have to take
    over. ``waiting_parameters``: that it pauses while changed parameters wait for a restart, which a pause is.
    ``interrupting``: that it pauses although jobs are due or a long vacuum runs.
    """

    pause: bool | None = None
    ceiling: bool | None = None
    low_floor: bool | None = None
    small_standbys: bool | None = None
    waiting_parameters: bool | None = None
    interrupting: bool | None = None


SILENCE = ConsentDocument()


class LimitsDocument(Document):
    """What the owner allows; ``min_acu: 0`` means that the cluster may pause. None: nobody said.

    ``working_set``: whether the memory that the pages in use need is kept while somebody works: where it ``pays`` (left
    out), whatever it costs (``keep``), or not, but told (``observe``).
    """

    min_acu: Acu | None = None
    max_acu: Acu | None = None
    may_pause: bool | None = None
    working_set: MemoryCare | None = None

    def build(
        self,
        step_acu: float,
        *,
        pause_after_seconds: int = DEFAULT_PAUSE_SECONDS,
        shortest_pause_seconds: int = DEFAULT_PAUSE_SECONDS,
        consent: ConsentDocument = SILENCE,
        pauses_from_acu: float | None = None,
    ) -> Limits:
        """As the core wants them; a minimum that nobody gave is one the provider has.

        Who wrote that the minimum is 0 has agreed to pauses, and who wrote a low one to a low floor, unless the
        consent says otherwise.
        """
        low = self.min_acu is not None and self.min_acu <= LOW_FLOOR_ACU
        return Limits(
            min_acu=round_up(DEFAULT_MIN_ACU, step_acu) if self.min_acu is None else self.min_acu,
            max_acu=DEFAULT_MAX_ACU if self.max_acu is None else self.max_acu,
            step_acu=step_acu,
            may_pause=_first_word(self.may_pause, consent.pause, self.min_acu == 0) and consent.pause is not False,
            usual_pause_seconds=pause_after_seconds,
            shortest_pause_seconds=shortest_pause_seconds,
            pauses_from_acu=pauses_from_acu,
            working_set=self.working_set or MemoryCare.PAYS,
            consent=Consent(
                ceiling=_first_word(consent.ceiling, False),
                low_floor=_first_word(consent.low_floor, low),
                small_standbys=_first_word(consent.small_standbys, False),
                waiting_parameters=_first_word(consent.waiting_parameters, False),
                interrupting=_first_word(consent.interrupting, False),
            ),
        )


def left_alone(limits: Limits) -> Range:
    """The range of a cluster that nobody steers: all that its owner allows."""
    return Range(floor_acu=limits.min_acu, ceiling_acu=limits.max_acu, pause_after_seconds=limits.pause_after_seconds)


def last_words(kind: type[D], *documents: D) -> D:
    """What the last of these said of each thing."""
    said: dict[str, Any] = {}
    for document in documents:
        said |= document.model_dump(exclude_none=True)
    return kind.model_validate(said)


def _first_word(*said: bool | None) -> bool:
    return next((word for word in said if word is not None), False)
