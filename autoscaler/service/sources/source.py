"""What a kind of clusters has to offer."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from autoscaler.config import Document
from autoscaler.core.capacity import Range
from autoscaler.core.doctor import Diagnosis
from autoscaler.core.happenings import Happening
from autoscaler.core.ports import Clock, Cluster
from autoscaler.errors import ClusterError
from autoscaler.observability.calls import Counted
from autoscaler.storage.database import Database

T = TypeVar("T")

if TYPE_CHECKING:
    from autoscaler.service.settings import ClusterSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a source may use of the service; ``settings`` is what the settings file says of its kind."""

    database: Database
    clock: Clock
    executor: Executor
    step_seconds: float
    settings: Any
    calls_per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A cluster that a source knows of, whether or not it is registered.

    ``settings`` are those its registration needs besides a policy, in their plain form; ``range`` is in force now.
    """

    id: str
    title: str = ""
    range: Range | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """All clusters of one kind, and the connections they share. Nothing is opened before it is used."""

    async def connect(self, one: "ClusterSettings", *, started_at: datetime) -> Cluster:
        """The cluster behind its settings; ``started_at`` is when the service first had it.

        Raises:
            InvalidInput: the settings name something that is not there.
            ClusterError: its provider refused or did not answer.
        """
        ...

    async def discover(self) -> Sequence[Found]:
        """Every cluster there is, by id.

        Raises:
            ClusterError: the provider refused or did not answer.
            NotPossible: of this kind nobody can tell what there is.
        """
        ...

    async def close(self) -> None:
        """Close what was opened."""
        ...


@runtime_checkable
class PauseDoctor(Protocol):
    """A source that can tell what keeps its clusters from pausing."""

    async def diagnose(self, one: "ClusterSettings") -> Diagnosis:
        """What keeps a cluster awake, from what its provider shows.

        Raises:
            ClusterError: the provider refused or did not answer.
        """
        ...


@runtime_checkable
class Newspaper(Protocol):
    """A source that tells what happened to its clusters besides what we ordered."""

    async def news(
        self, clusters: Sequence["ClusterSettings"], *, since: datetime, until: datetime
    ) -> Sequence[tuple[str, Happening]]:
        """What happened between both moments, oldest first, each with the id of its cluster.

        Raises:
            ClusterError: the provider refused or did not answer.
        """
        ...


@runtime_checkable
class Outliving(Protocol):
    """A source whose provider can be told what to do if we die."""

    def dead_man_seconds(self, one: "ClusterSettings") -> float | None:
        """How long after the last sign of life a cluster gets its safe range; None: never."""
        ...

    async def arm(self, one: "ClusterSettings", safe: Range, *, at: datetime) -> None:
        """At that moment the cluster gets its safe range, unless it is armed anew.

        Raises:
            ClusterError: the provider refused or did not answer.
        """
        ...

    async def disarm(self, one: "ClusterSettings") -> None:
        """It does not.

        Raises:
            ClusterError: the provider refused or did not answer.
        """
        ...


@runtime_checkable
class Forbidden(Protocol):
    """A source that remembers whether its clusters may be changed."""

    def forbidden(self, one: "ClusterSettings") -> str:
        """Why a cluster could not be changed lately; nothing: it could, or was never asked to."""
        ...


@runtime_checkable
class Metered(Protocol):
    """A source whose calls are counted, and cost something."""

    def counts(self) -> Mapping[str, Counted]:
        """Of each account since the process began."""
        ...

    def usd_per_look(self, one: "ClusterSettings") -> float:
        """What it costs to look at a cluster once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of clusters.

    Args:
        acts: whether there is somebody who can be asked for a range; otherwise decisions are advice.
        open: makes its source, once in a process.
        problem: what is wrong with a cluster's settings for this kind; nothing when they are right.
        settings: what the settings file may say of this kind, under ``sources``.
        pauses_from_acu: the highest floor from which the provider pauses; None: any.
        refusal: why a cluster of this kind may not be changed, by what the settings file says; nothing: it may.
        remembers: whether its provider knows of the time before a cluster was registered.
        paces_itself: whether its source sees to it that an account is not asked too often.
        account: whose calls are counted together, from a cluster's ``source``.
        identity: what a cluster is at its provider, from its ``source``; None where only its id says so.
        real_time: whether its clusters cannot live faster than real time.
    """

    name: str
    acts: bool
    open: Callable[[Surroundings], Source]
    problem: Callable[["ClusterSettings"], str]
    settings: type[Document]
    pauses_from_acu: float | None = None
    refusal: Callable[[Any, "ClusterSettings"], str] = lambda settings, one: ""
    remembers: bool = False
    paces_itself: bool = False
    account: Callable[[Mapping[str, Any]], str] = lambda source: ""
    identity: Callable[[Mapping[str, Any]], str | None] = lambda source: None
    real_time: bool = False


def or_raise(answer: T | ClusterError) -> T:
    """The answer to one of many who asked together."""
    if isinstance(answer, ClusterError):
        raise answer
    return answer


class NoSettings(Document):
    """A kind of which the settings file says nothing."""
