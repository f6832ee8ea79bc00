"""Who is told of events: only what he wants, tried again and again, and given up without stopping anybody."""

import asyncio
from collections.abc import Sequence

import pytest

from autoscaler.errors import NotDelivered
from autoscaler.observability.events import Event, Kind
from autoscaler.service import notifier as notifier_module
from autoscaler.service.notifier import TRIES, Notifier, Target
from tests.fakes import MONDAY


def make_event(text: str = "no metrics", kind: Kind = Kind.BLIND) -> Event:
    return Event(kind=kind, at=MONDAY, text=text, cluster_id="orders")


class Messenger:
    """Takes messages as a test says."""

    def __init__(self, *refusals: NotDelivered) -> None:
        self.refusals = list(refusals)
        self.tried: list[tuple[str, list[str]]] = []
        self.arrived: list[str] = []
        self.gate: asyncio.Event | None = None

    async def send(self, events: Sequence[Event], *, delivery: str) -> None:
        if self.gate is not None:
            await self.gate.wait()
        self.tried.append((delivery, [event.text for event in events]))
        if self.refusals:
            raise self.refusals.pop(0)
        self.arrived += [event.text for event in events]


class Telling:
    """A notifier with one target, and the waits between its tries."""

    def __init__(self, messenger: Messenger) -> None:
        self.waits: list[float] = []
        self.messenger = messenger
        self.target = Target("on-call", messenger, lambda event: event.kind is Kind.BLIND)
        self.notifier = Notifier([self.target], sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def tell(self, *events: Event) -> None:
        for event in events:
            self.notifier.hear(event)
        self.notifier.start()
        while self.target.waiting or self.target.filled.is_set():  # noqa: ASYNC110 - it is told nobody
            await asyncio.sleep(0)
        await self.notifier.close()


AWAY, NEVER = NotDelivered("no answer", again=True), NotDelivered("refused with HTTP 410", again=False)


async def test_a_target_gets_what_it_wants_in_few_messages() -> None:
    telling = Telling(Messenger())
    await telling.tell(make_event("one"), make_event("other", Kind.SEEING), make_event("two"))

    assert [texts for _, texts in telling.messenger.tried] == [["one", "two"]]
    assert telling.notifier.counts() == {("on-call", "sent"): 2, ("on-call", "dead"): 0, ("on-call", "dropped"): 0}


async def test_a_message_is_tried_again_ever_later_under_the_same_name() -> None:
    telling = Telling(Messenger(AWAY, AWAY, AWAY))
    await telling.tell(make_event())

    assert telling.waits == [1.0, 2.0, 4.0]
    assert len({delivery for delivery, _ in telling.messenger.tried}) == 1
    assert telling.messenger.arrived == ["no metrics"]


async def test_what_nobody_takes_is_given_up_and_counted() -> None:
    telling = Telling(Messenger(*[AWAY] * TRIES))
    await telling.tell(make_event())

    assert (len(telling.messenger.tried), telling.target.counts["dead"]) == (TRIES, 1)


async def test_what_is_refused_for_good_is_not_tried_again() -> None:
    telling = Telling(Messenger(NEVER))
    await telling.tell(make_event())

    assert (len(telling.messenger.tried), telling.target.counts["dead"]) == (1, 1)


def test_too_many_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier_module, "MOST_WAITING", 3)
    telling = Telling(Messenger())
    for number in range(5):
        telling.notifier.hear(make_event(str(number)))

    assert [event.text for event in telling.target.waiting] == ["0", "1", "2"]
    assert telling.target.counts["dropped"] == 2


async def test_one_who_hangs_does_not_keep_the_service_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier_module, "LAST_WORDS_SECONDS", 0.01)
    telling = Telling(Messenger())
    telling.messenger.gate = asyncio.Event()
    telling.notifier.hear(make_event())
    telling.notifier.start()
    await asyncio.sleep(0)
    await telling.notifier.close()

    assert telling.messenger.arrived == []
