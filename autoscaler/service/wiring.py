"""Makes a service of its settings: the store, the clusters, and who decides about them."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from autoscaler.core.decision import RuleSettings
from autoscaler.core.ports import Clock
from autoscaler.observability.calls import CallMeter, NoMeter
from autoscaler.observability.saved import DAYS
from autoscaler.observability.ticks import TickLog
from autoscaler.service.account import AccountLimits, Accounts
from autoscaler.service.at_work import at_work
from autoscaler.service.backfilling import ReadPasts
from autoscaler.service.budgets import BudgetTeller
from autoscaler.service.caps import ONE_HOUR, RecentActions
from autoscaler.service.chores import MakeRoom, Show, ShowSavings
from autoscaler.service.dead_man import PutOffTheWorst
from autoscaler.service.job import Means
from autoscaler.service.leadership import ALONE, Lead
from autoscaler.service.ledgers import Ledgers
from autoscaler.service.news import ReadTheNews
from autoscaler.service.opening import Store, opened
from autoscaler.service.remembered import Remembered
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.sources.kinds import find_kind, is_paced
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.telling import TickTeller
from autoscaler.service.views import Observer, TickReport
from autoscaler.service.worker import Worker
from autoscaler.storage.backfills import Backfills
from autoscaler.storage.repositories import Journal
from autoscaler.storage.retention import Retention
from autoscaler.storage.scores import Scores
from autoscaler.storage.sleep import SleepStates

SHORTEST_CHORE_SECONDS = 60.0
# A crash loses what was not written yet: a minute of scores.
WRITE_SCORES_SECONDS, SHORTEST_WRITE_SECONDS = 60.0, 5.0
# Two calls of an account each time, however many clusters it has.
NEWS_SECONDS, SHORTEST_NEWS_SECONDS = 60.0, 5.0
# The sum of a month over a large fleet takes seconds of the store's time.
SHOW_SAVINGS_SECONDS = 300.0
READ_PASTS_SECONDS = 10.0


@asynccontextmanager
async def running(
    settings: ServiceSettings,
    *,
    observers: Iterable[Observer] = (),
    on_decision: Callable[[TickReport], None] | None = None,
) -> AsyncIterator[Supervisor]:
    """A service at work; it stops gracefully when the block ends.

    Args:
        observers: are told of every tick, after the log.
        on_decision: gets the report of every tick that came to a decision.

    Raises:
        InvalidInput: the settings cannot be used.
        StorageError: the store cannot be used.
    """
    async with assembled(settings, observers=observers, on_decision=on_decision) as supervisor:
        supervisor.start()
        yield supervisor


@asynccontextmanager
async def assembled(
    settings: ServiceSettings,
    *,
    observers: Iterable[Observer] = (),
    on_decision: Callable[[TickReport], None] | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Supervisor]:
    """The same, but nothing drives it yet; ``clock`` replaces the one that the settings ask for.

    For a store that nobody else uses: replicas that share one are `autoscaler.service.replica`'s.
    """
    seen = (*observers, *_as_observers(on_decision))
    async with opened(settings, clock=clock) as store, acting(settings, store, observers=seen) as supervisor:
        yield supervisor


@asynccontextmanager
async def acting(
    settings: ServiceSettings,
    store: Store,
    *,
    lead: Lead = ALONE,
    observers: Iterable[Observer] = (),
    calls: CallMeter | None = None,
    retain: Callable[[Collection[str]], None] = lambda ids: None,
    saved: Show = lambda savings: None,
) -> AsyncIterator[Supervisor]:
    """Clusters as the store left them, and who decides about them while ``lead`` holds; nothing drives it yet.

    ``retain`` is told who is left when a cluster leaves; ``saved`` now and then what was saved lately.

    Raises:
        InvalidInput: the settings cannot be used.
        StorageError: the store cannot be used.
    """
    calls = calls or NoMeter()
    calls.follow(store.sources.counts)
    means = await _means(settings, store, lead=lead, calls=calls)
    await store.feed.remember()
    supervisor = Supervisor(
        journal=means.journal,
        clock=store.clock,
        hire=lambda job: Worker(job, means, decide_seconds=settings.decide_seconds),
        retain=retain,
        observers=(TickLog(), TickTeller(store.feed), BudgetTeller(store.feed), *observers),
        # Twice an interval, so that no tick comes half an interval late.
        beat_seconds=min(1.0, settings.decide_seconds / settings.speed / 2),
        stop_seconds=settings.stop_seconds,
        steering=store.steering,
        feed=store.feed,
        desk=store.desk(settings),
    )
    _add_chores(supervisor, settings, store, means=means, saved=saved)
    pasts = _pasts(settings, store, supervisor, means)
    supervisor.add_chore(pasts, every_seconds=READ_PASTS_SECONDS)
    try:
        async with at_work(settings, store, supervisor, lead=lead):
            yield supervisor
    finally:
        await supervisor.stop()
        await pasts.close()
        await means.histories.close()
        await means.journal.drain()
        if means.ledgers is not None:
            await means.ledgers.write()
        if means.remembered is not None:
            await means.remembered.write()


async def _means(settings: ServiceSettings, store: Store, *, lead: Lead, calls: CallMeter) -> Means:
    """What all ticks share, with what others did lately."""
    journal = Journal(store.database, lead.fence)
    caps = RecentActions(settings.fleet_caps.build())
    caps.restore(await journal.acted_since(store.clock.now() - ONE_HOUR), RuleSettings())
    return Means(
        journal=journal,
        clock=store.clock,
        executor=store.executor,
        call_seconds=settings.call_seconds,
        lead=lead,
        steering=store.steering,
        caps=caps,
        feed=store.feed,
        ledgers=Ledgers(Scores(store.database, lead.fence), store.executor) if settings.savings else None,
        remembered=Remembered(SleepStates(store.database, lead.fence)),
        calls=calls,
        fits=store.fits,
        accounts=Accounts(AccountLimits(calls_per_second=settings.calls_per_second), paced=is_paced),
    )


def _add_chores(supervisor: Supervisor, settings: ServiceSettings, store: Store, *, means: Means, saved: Show) -> None:
    """What is done now and then, beside the ticks."""
    supervisor.add_chore(
        MakeRoom(retention=lambda: _retention(settings, store, supervisor, means.lead), clock=store.clock),
        every_seconds=max(SHORTEST_CHORE_SECONDS, settings.retention.every_minutes * 60 / settings.speed),
    )
    write_seconds = max(SHORTEST_WRITE_SECONDS, WRITE_SCORES_SECONDS / settings.speed)
    if means.remembered is not None:
        supervisor.add_chore(means.remembered.write, every_seconds=write_seconds)
    news = ReadTheNews(
        sources=store.sources, roster=store.roster, feed=store.feed, clock=store.clock, since=store.clock.now()
    )
    supervisor.add_chore(news, every_seconds=max(SHORTEST_NEWS_SECONDS, NEWS_SECONDS / settings.speed))
    worst = PutOffTheWorst(
        sources=store.sources,
        roster=store.roster,
        steering=store.steering,
        clock=store.clock,
        found_range=store.desk(settings).registrar.found_range,
    )
    supervisor.add_chore(worst, every_seconds=max(SHORTEST_NEWS_SECONDS, NEWS_SECONDS / settings.speed))
    if means.ledgers is None:
        return
    supervisor.add_chore(means.ledgers.write, every_seconds=write_seconds)
    supervisor.add_chore(
        ShowSavings(desk=store.desk(settings), roster=store.roster, days=DAYS, show=saved),
        every_seconds=SHOW_SAVINGS_SECONDS,
    )


def _pasts(settings: ServiceSettings, store: Store, supervisor: Supervisor, means: Means) -> ReadPasts:
    return ReadPasts(
        supervisor,
        Backfills(store.database, means.lead.fence),
        means,
        clusters=lambda: [name for name, one in store.roster.members.items() if find_kind(one.settings.kind).remembers],
        kept=lambda: settings.retention.build(recent_seconds=supervisor.recent_seconds),
    )


def _retention(settings: ServiceSettings, store: Store, supervisor: Supervisor, lead: Lead) -> Retention:
    """As the clusters there are need it."""
    kept = settings.retention.build(recent_seconds=supervisor.recent_seconds)
    # The past of other shares is their own releases' business.
    only = set(store.roster.members) if settings.selector else None
    return Retention(store.database, lead.fence, kept, only=only)


@dataclass(frozen=True, slots=True)
class _CallOnDecision:
    """An observer that hands on the reports with a decision."""

    call: Callable[[TickReport], None]

    def ticked(self, report: TickReport) -> None:
        if report.decision is not None:
            self.call(report)


def _as_observers(on_decision: Callable[[TickReport], None] | None) -> tuple[Observer, ...]:
    return () if on_decision is None else (_CallOnDecision(on_decision),)
