"""From what is configured for a cluster to the job of its ticks."""

from autoscaler.backtest.run import LEAST_RECENT_SECONDS
from autoscaler.backtest.tuning.candidates import candidates_of
from autoscaler.backtest.tuning.trial import Trial
from autoscaler.core.ports import Cluster
from autoscaler.service.configured import ConfiguredCluster
from autoscaler.service.job import Job
from autoscaler.service.ledger import ledger_plan
from autoscaler.service.sources.kinds import account_of
from models.cold_start import prior_of
from models.outlook import OutlookSettings
from policies.combinators import dial_of, families_of


def job_of(one: ConfiguredCluster, cluster: Cluster, *, document_id: int, decide_seconds: float) -> Job:
    """Who decides about a cluster, by these settings; ``document_id`` is where they are stored.

    Raises:
        InvalidInput: the settings cannot be used.
    """
    document = one.policy_document()
    policy, rules = document.build_policy(), document.build_rules()
    limits, prices = one.cluster_document().build_limits(), one.build_prices()
    spec, families = one.cluster_document().build_spec(seed=one.seed), families_of(policy)
    trial = Trial(
        spec=spec.alone(),
        limits=limits,
        rules=rules,
        price=prices.throttling_price * spec.throttling_share,
        max_throttled_fraction=prices.max_throttled_fraction,
        turn_seconds=decide_seconds,
        candidates=candidates_of(families),
    )
    return Job(
        cluster=cluster,
        title=one.title or one.id,
        kind=one.kind,
        tags=one.tags,
        profile=one.cluster.profile,
        policy_name=document.title,
        policy_version=one.policy_version,
        policy=policy,
        forecaster=document.build_forecaster(),
        rules=rules,
        limits=limits,
        prices=prices,
        outlook=OutlookSettings(
            recent_seconds=max(policy.recent_seconds, LEAST_RECENT_SECONDS),
            signals=document.build_signals(),
            dial=dial_of(policy, limits),
            resumes=prior_of(one.cluster.profile),
        ),
        document_id=document_id,
        longest_gap_seconds=max(rules.max_blind_seconds, 2 * decide_seconds),
        mode=one.mode,
        account=account_of(one.kind, one.source),
        ledger=ledger_plan(one),
        instances=spec.instances,
        trial=trial if families else None,
    )
