"""One decision again: what it was made of, what each rule said, and whether it comes out the same."""

import asyncio
import json
from dataclasses import dataclass, fields
from hashlib import sha256

from autoscaler.core.decide import decide
from autoscaler.core.decision import Decision, Grounds, Memory, Step
from autoscaler.core.plain import to_plain
from autoscaler.core.rules import RULES
from autoscaler.core.signals import counted
from autoscaler.core.snapshot import Snapshot
from autoscaler.documents.renamed import as_called_now
from autoscaler.errors import UnknownName
from autoscaler.service.configured import ConfiguredCluster
from autoscaler.storage.entries import JournalEntry, SeenSample
from autoscaler.storage.repositories import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What one rule said: a step when it changed the wish; otherwise it agreed."""

    rule: str
    step: Step | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision, the snapshot it was made of, the cluster's settings in force then, and every rule's word.

    ``grounds`` are what the wish rests on, as the policy says of this snapshot; None: it can no longer be asked.
    """

    entry: JournalEntry
    snapshot: Snapshot
    settings: ConfiguredCluster
    words: tuple[Word, ...]
    grounds: Grounds | None = None

    @property
    def digest(self) -> str:
        """A fingerprint of all inputs: the same inputs have the same."""
        inputs = {
            "snapshot": to_plain(self.snapshot),
            "policy": self.settings.policy_document().model_dump(mode="json"),
            "memory": to_plain(self.entry.inputs.memory),
        }
        return sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A decision computed again; ``differs`` names the parts that came out otherwise."""

    decision: Decision
    memory: Memory
    differs: tuple[str, ...]
    digest: str

    @property
    def same(self) -> bool:
        """Whether the very same decision came out."""
        return not self.differs


async def explain(journal: Journal, cluster_id: str, decision_id: int) -> Explanation:
    """All that a decision was made of, as stored.

    Raises:
        UnknownName: there is no such decision about the cluster.
        StorageError: the journal cannot be read.
    """
    entry = await journal.entry(cluster_id, decision_id)
    if entry is None:
        newest = await journal.entries(cluster_id, limit=5)
        raise UnknownName("decision", str(decision_id), (str(one.id) for one in newest))
    stored = await journal.document(entry.document_id)
    settings = ConfiguredCluster.model_validate(as_called_now(stored))
    steps = {step.rule: step for step in entry.decision.steps}
    snapshot = await _snapshot(journal, entry, settings)
    return Explanation(
        entry=entry,
        snapshot=snapshot,
        settings=settings,
        words=tuple(Word(rule=rule.name, step=steps.get(rule.name)) for rule in RULES),
        grounds=await asyncio.to_thread(_grounds, snapshot, settings),
    )


def replay(explained: Explanation) -> Replay:
    """The same function on the same inputs, by the code that runs now."""
    entry, document = explained.entry, explained.settings.policy_document()
    decision, memory = decide(explained.snapshot, document.build_policy(), document.build_rules(), entry.inputs.memory)
    names = [item.name for item in fields(Decision)]
    differs = [name for name in names if getattr(decision, name) != getattr(entry.decision, name)]
    if memory != entry.memory:
        differs.append("memory")
    return Replay(decision=decision, memory=memory, differs=tuple(differs), digest=explained.digest)


def _grounds(snapshot: Snapshot, settings: ConfiguredCluster) -> Grounds | None:
    """Asked beside the event loop, as a policy may take its time."""
    try:
        return settings.policy_document().build_policy().advise(snapshot).grounds
    except Exception:  # policies are plug-ins: all else can still be told
        return None


async def _snapshot(journal: Journal, entry: JournalEntry, settings: ConfiguredCluster) -> Snapshot:
    inputs, at = entry.inputs, entry.decision.at
    seen: tuple[SeenSample, ...] = ()
    if inputs.recent_from is not None:
        seen = await journal.samples(entry.decision.cluster_id, since=inputs.recent_from, until=inputs.recent_to)
    made_at, signals = inputs.forecast_made_at, settings.policy_document().build_signals()
    return Snapshot(
        cluster_id=entry.decision.cluster_id,
        at=at,
        limits=settings.cluster_document().build_limits(),
        status=inputs.status,
        recent=tuple(counted(one.sample, signals, inputs.worth) for one in seen if one.seen_at <= at),
        blind_seconds=inputs.blind_seconds,
        prices=settings.build_prices(),
        forecast=None if made_at is None else await journal.forecast(entry.decision.cluster_id, made_at),
        control=inputs.control,
        drift=inputs.drift,
        fleet=inputs.fleet,
        spending=inputs.spending,
        tuning=inputs.tuning,
        activity=inputs.activity,
        worth=inputs.worth,
        working_set=inputs.working_set,
    )
