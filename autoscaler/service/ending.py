"""Tells when a person's order has ended by itself: nobody is there who would say so."""

from collections.abc import Iterator
from datetime import datetime

from autoscaler.core.control import Freeze, Override
from autoscaler.core.ports import Clock
from autoscaler.observability.events import Kind
from autoscaler.service.feed import Feed
from autoscaler.service.steering import Steering
from autoscaler.storage.controls import Orders


class TellEnds:
    """An errand; what ended while nobody acted is told by who acts next."""

    def __init__(self, steering: Steering, feed: Feed, clock: Clock, *, told_until: datetime | None) -> None:
        """``told_until`` is how far the last process came; None: there was none."""
        self._steering = steering
        self._feed = feed
        self._clock = clock
        self._told_until = told_until or clock.now()

    async def __call__(self) -> None:
        """Look, once for each moment, which orders came to their end since the last one."""
        after, now = self._told_until, self._clock.now()
        if now <= after:
            return
        self._told_until = now
        for orders in self._steering.all_orders():
            for what, one in _timed(orders):
                if after < one.until <= now:
                    text = f"the {what}{f' by {one.by}' if one.by else ''} has ended by itself"
                    until = one.until.isoformat()
                    self._feed.emit(Kind.ORDER_ENDED, text, cluster_id=orders.cluster_id, order=what, until=until)


def _timed(orders: Orders) -> Iterator[tuple[str, Override | Freeze]]:
    if orders.override is not None:
        yield "override", orders.override
    if orders.freeze is not None:
        yield "freeze", orders.freeze
