"""What an owner agrees to, by what is written and by what is left out."""

import pytest

from autoscaler.config import ClusterDocument, ConsentDocument, LimitsDocument, PolicyDocument
from autoscaler.core.capacity import FULL_CONSENT, NO_CONSENT, Consent

EVERYTHING = ConsentDocument(
    pause=True, ceiling=True, low_floor=True, small_standbys=True, waiting_parameters=True, interrupting=True
)


def words(limits: LimitsDocument | None, consent: ConsentDocument, cluster: ClusterDocument) -> tuple[bool, Consent]:
    """Whether it may pause, and what else is agreed to."""
    built = cluster.under(PolicyDocument(policy="native", limits=limits, consent=consent)).build_limits()
    return built.may_pause, built.consent


SILENT = ConsentDocument()
PLAIN = ClusterDocument()


def test_who_says_nothing_agrees_to_nothing() -> None:
    assert words(None, SILENT, PLAIN) == (False, NO_CONSENT)
    assert words(LimitsDocument(min_acu=1, max_acu=8), SILENT, PLAIN) == (False, NO_CONSENT)


def test_what_the_limits_say_is_a_word() -> None:
    assert words(LimitsDocument(min_acu=0), SILENT, PLAIN) == (True, Consent(low_floor=True))
    assert words(LimitsDocument(min_acu=0.5), SILENT, PLAIN) == (False, Consent(low_floor=True))
    assert words(LimitsDocument(may_pause=True), SILENT, PLAIN) == (True, NO_CONSENT)


def test_a_consent_that_is_given_counts() -> None:
    assert words(None, EVERYTHING, PLAIN) == (True, FULL_CONSENT)


@pytest.mark.parametrize(
    "limits", [LimitsDocument(min_acu=0), LimitsDocument(may_pause=True), LimitsDocument(min_acu=0, may_pause=True)]
)
def test_a_consent_that_is_refused_takes_back_what_the_limits_say(limits: LimitsDocument) -> None:
    assert words(limits, ConsentDocument(pause=False, low_floor=False), PLAIN) == (False, NO_CONSENT)


def test_limits_that_forbid_a_pause_outweigh_a_consent_to_it() -> None:
    assert words(LimitsDocument(may_pause=False), ConsentDocument(pause=True), PLAIN)[0] is False


def test_the_policy_has_a_later_word_than_the_cluster() -> None:
    cluster = ClusterDocument(consent=ConsentDocument(ceiling=True, pause=True))
    assert words(None, SILENT, cluster) == (True, Consent(ceiling=True))
    assert words(None, ConsentDocument(pause=False), cluster) == (False, Consent(ceiling=True))


def test_what_was_left_out_stays_left_out_when_a_document_is_stored() -> None:
    policy = PolicyDocument(policy="native", limits=LimitsDocument(max_acu=32))
    stored = PolicyDocument.model_validate(policy.model_dump(mode="json"))
    cluster = ClusterDocument(limits=LimitsDocument(min_acu=0.5))
    assert cluster.under(stored).build_limits() == cluster.under(policy).build_limits()
    assert cluster.under(stored).build_limits().min_acu == 0.5
