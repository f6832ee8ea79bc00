"""What keeps an Aurora cluster from pausing, from what its API shows. It never tells by itself [D]."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autoscaler.adapters.aurora_events import PAUSE_CANCELLED, PAUSED, RESUMED
from autoscaler.adapters.aurora_facts import SEEN_HOURS, Facts, given
from autoscaler.adapters.aurora_ranges import SERVERLESS, range_of
from autoscaler.core.doctor import Confidence, Diagnosis, Finding, Verdict, ordered
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError

OFTEN = 12  # resumes in a day
FOLLOWING_TIERS = (0, 1)  # [D] readers that pause with the writer
ON = ("1", "on", "true", "ON")
Told = tuple[Verdict, str, str]
CLEAR = Verdict.CLEAR


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; ``look`` raises the error in the place of a fact that it cannot do without."""

    name: str
    look: Callable[[Facts], Told]
    confidence: Confidence = Confidence.DOCUMENTED


def diagnose(facts: Facts) -> Diagnosis:
    """Everything that was looked at, the worst first."""
    held = range_of(facts.cluster["ServerlessV2ScalingConfiguration"])
    return Diagnosis(
        findings=ordered(_found(check, facts) for check in CHECKS),
        instances=len(facts.serverless),
        pause_after_seconds=held.pause_after_seconds or 300,
    )


def _found(check: Check, facts: Facts) -> Finding:
    try:
        verdict, evidence, advice = check.look(facts)
    except ClusterError as problem:
        verdict, evidence, advice = Verdict.UNSEEN, str(problem), "allow the call (docs/iam/observe.json) and ask again"
    return Finding(name=check.name, verdict=verdict, confidence=check.confidence, evidence=evidence, advice=advice)


def _minimum(facts: Facts) -> Told:
    least = float(facts.cluster["ServerlessV2ScalingConfiguration"]["MinCapacity"])
    if least == 0:
        return CLEAR, "its minimum is 0 ACU", ""
    return (
        Verdict.BLOCKS,
        f"its minimum is {least:g} ACU; Aurora pauses from a minimum of 0 only",
        "let it pause: limits.may_pause with a minimum of 0.5 ACU and consent.low_floor, or a minimum of 0 at AWS",
    )


def _engine(facts: Facts) -> Told:
    least, version = given(facts.least_acu), f"{facts.cluster['Engine']} {facts.cluster['EngineVersion']}"
    if least is None:
        return Verdict.UNSEEN, f"RDS does not say what {version} can do", "look whether it takes a minimum of 0"
    if least == 0:
        return CLEAR, f"{version} takes a minimum of 0", ""
    newer = "aurora-postgresql 13.15, 14.12, 15.7, 16.3 or aurora-mysql 3.08.0"
    return Verdict.BLOCKS, f"{version} takes no minimum below {least} ACU", f"upgrade it to {newer} or later"


def _provisioned(facts: Facts) -> Told:
    provisioned = {one["DBInstanceIdentifier"]: one["DBInstanceClass"] for one in given(facts.instances)}
    provisioned = {name: kind for name, kind in provisioned.items() if kind != SERVERLESS}
    if not provisioned:
        return CLEAR, "all its instances are serverless", ""
    told = ", ".join(f"{name} ({kind})" for name, kind in provisioned.items())
    writer = next((one["DBInstanceIdentifier"] for one in _members(facts) if one.get("IsClusterWriter")), None)
    if writer in provisioned:
        advice = f"make a {SERVERLESS} instance the writer"
        return Verdict.BLOCKS, f"the writer is provisioned: {told}; readers of tiers 0 and 1 stay with it", advice
    return Verdict.MIND, f"provisioned instances never pause and cost as before: {told}", "delete them if nobody does"


def _proxies(facts: Facts) -> Told:
    return _none_of(
        given(facts.proxies), "RDS Proxy in front of it", "take the proxy away, or pool connections in the application"
    )


def _global(facts: Facts) -> Told:
    known = given(facts.global_clusters)
    names = [name for name, _ in known]
    if not names:
        return CLEAR, "it is in no global database", ""
    writes = any(writer for _, writer in known)
    told = "as the primary: writer and readers of tiers 0 and 1 stay awake" if writes else "as a secondary: none pauses"
    return Verdict.BLOCKS, f"it is in {', '.join(names)}, {told}", "remove it from the global database, if it may"


def _integrations(facts: Facts) -> Told:
    return _none_of(
        given(facts.integrations), "zero-ETL integration from it", "delete the integration, if nobody reads it"
    )


def _replication(facts: Facts) -> Told:
    known = given(facts.parameters)
    if facts.cluster["Engine"] == "aurora-mysql":
        form = known.get("binlog_format", "OFF")
        if form.upper() == "OFF":
            return CLEAR, "binlog_format is OFF", ""
        return Verdict.BLOCKS, f"binlog_format is {form}", "set binlog_format to OFF and restart, if nobody replicates"
    if known.get("rds.logical_replication", "0") not in ON:
        return CLEAR, "rds.logical_replication is 0", ""
    advice = "set rds.logical_replication to 0 and restart, once no slot is used"
    return Verdict.BLOCKS, "rds.logical_replication is 1", advice


def _babelfish(facts: Facts) -> Told:
    if given(facts.parameters).get("rds.babelfish_status", "off") not in ON:
        return CLEAR, "Babelfish is off", ""
    return Verdict.MAY_BLOCK, "Babelfish is on; its T-SQL connections keep it awake", "close T-SQL connections"


def _connections(facts: Facts) -> Told:
    samples: Sequence[Sample] = given(facts.samples)
    counts = [one.connections for one in samples if one.connections is not None]
    slept_hours = sum(one.seconds for one in samples if one.capacity_acu == 0.0) / 3600
    if slept_hours:
        return CLEAR, f"it slept {slept_hours:.1f} of the last {SEEN_HOURS} hours: nothing keeps it awake for good", ""
    if not counts:
        return Verdict.UNSEEN, f"CloudWatch has no DatabaseConnections of the last {SEEN_HOURS} hours", ""
    held = range_of(facts.cluster["ServerlessV2ScalingConfiguration"]).pause_after_seconds or 300
    longest = _longest_without(samples)
    if longest >= held:
        return CLEAR, f"nobody was connected for {longest / 60:.0f} minutes on end", ""
    advice = "find who stays connected (pools, monitoring, idle sessions); idle_session_timeout ends idle ones"
    if min(counts) > 0:
        return Verdict.BLOCKS, f"never fewer than {min(counts)} connections in {SEEN_HOURS} hours", advice
    told = f"nobody was connected for at most {longest / 60:.0f} minutes on end, and a pause takes {held / 60:.0f}"
    return Verdict.BLOCKS, told, advice


def _readers(facts: Facts) -> Told:
    lone = [
        f"{one['DBInstanceIdentifier']} (tier {one.get('PromotionTier', 1)})"
        for one in _members(facts)
        if not one.get("IsClusterWriter") and one.get("PromotionTier", 1) not in FOLLOWING_TIERS
    ]
    if not lone:
        return CLEAR, "no reader is in tiers 2 to 15", ""
    told = f"the writer pauses only after all of these have: {', '.join(lone)}"
    return Verdict.MAY_BLOCK, told, "see that nobody stays connected to them, or move them to tier 1"


def _events(facts: Facts) -> Told:
    told = Counter(one["Message"] for one in given(facts.events))
    pauses, resumes, cancelled = told[PAUSED], told[RESUMED], told[PAUSE_CANCELLED]
    counted = f"{pauses} pauses, {resumes} resumes and {cancelled} cancelled pauses in {SEEN_HOURS} hours"
    if cancelled > pauses:
        return Verdict.MAY_BLOCK, f"{counted}: somebody comes at the last moment", "find who connects every few minutes"
    if resumes >= OFTEN:
        return Verdict.MIND, f"{counted}: each resume keeps somebody waiting", "let it wait longer before a pause"
    return CLEAR, counted, ""


def _pending(facts: Facts) -> Told:
    waiting = [
        one["DBInstanceIdentifier"]
        for one in _members(facts)
        if one.get("DBClusterParameterGroupStatus", "in-sync") == "pending-reboot"
    ]
    if not waiting:
        return CLEAR, "no parameters wait for a restart", ""
    told = f"changed parameters wait for a restart on {', '.join(waiting)}; a pause and resume applies them"
    return Verdict.MIND, told, "restart at a quiet time, or agree (consent.pending_parameters)"


def _maintenance(facts: Facts) -> Told:
    status = facts.cluster["Status"]
    if status == "available":
        return CLEAR, "it is available", ""
    return Verdict.MAY_BLOCK, f"it is {status}", "wait until it is available"


def _monitoring(facts: Facts) -> Told:
    told = [
        f"{what} of {one['DBInstanceIdentifier']}"
        for one in given(facts.instances)
        for what, on in (
            ("Enhanced Monitoring", one.get("MonitoringInterval")),
            ("Performance Insights", one.get("PerformanceInsightsEnabled")),
        )
        if on
    ]
    if not told:
        return CLEAR, "neither Enhanced Monitoring nor Performance Insights is on", ""
    advice = "no obstacle to a pause; without it less capacity may do while awake"
    return Verdict.MIND, f"{', '.join(told)}: capacity may stay above the minimum while awake", advice


def _log_reads(facts: Facts) -> Told:
    exported = ", ".join(facts.cluster.get("EnabledCloudwatchLogsExports", ()))
    advice = "look in CloudTrail for DescribeDBLogFiles and DownloadDBLogFilePortion; export logs to CloudWatch instead"
    told = f"exported to CloudWatch: {exported or 'no logs'}; who reads log files, which wakes it, RDS does not tell"
    return Verdict.UNSEEN, told, advice


def _members(facts: Facts) -> Sequence[Mapping[str, Any]]:
    members: Sequence[Mapping[str, Any]] = facts.cluster.get("DBClusterMembers", ())
    return members


def _none_of(found: Sequence[str], what: str, advice: str) -> Told:
    if not found:
        return CLEAR, f"no {what}", ""
    return Verdict.BLOCKS, f"{what}: {', '.join(found)}", advice


def _longest_without(samples: Sequence[Sample]) -> float:
    """The longest stretch without connections, s; an unknown minute ends one."""
    longest = current = 0.0
    for one in samples:
        current = current + one.seconds if one.connections == 0 else 0.0
        longest = max(longest, current)
    return longest


CHECKS = (
    Check("minimum", _minimum),
    Check("engine-version", _engine),
    Check("provisioned-instances", _provisioned),
    Check("rds-proxy", _proxies),
    Check("global-database", _global),
    Check("zero-etl", _integrations),
    Check("replication", _replication),
    Check("babelfish", _babelfish),
    Check("connections", _connections),
    Check("readers", _readers),
    Check("maintenance", _maintenance),
    Check("events", _events, confidence=Confidence.INFERRED),
    Check("pending-parameters", _pending),
    Check("monitoring", _monitoring),
    Check("log-reads", _log_reads),
)
