"""Clusters as they are told: made into JSON once a tick, however many readers there are."""

from collections import OrderedDict
from dataclasses import dataclass, fields
from typing import Any

from autoscaler.api.schemas import ClusterSummary
from autoscaler.core.control import Control
from autoscaler.service.desk import Desk
from autoscaler.service.views import ClusterView

MOST_PAGES = 200
UNMARKED = (0, "")
MEMBERS = tuple(item.name for item in fields(ClusterView))


@dataclass(frozen=True, slots=True)
class _Kept:
    """``mark`` None: a person's order holds, and may end at any moment."""

    view: ClusterView
    mark: object
    content: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was sent, and where the next one is."""

    content: bytes
    following: str | None


class PageBook:
    """Pages about a cluster that stay as they are until its next tick: what the journal has, ticks write."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[ClusterView, Page]] = OrderedDict()

    def find(self, view: ClusterView, asked: str) -> Page | None:
        """The answer to the same question about the same view."""
        kept = self._kept.get(asked)
        return kept[1] if kept is not None and kept[0] is view else None

    def keep(self, view: ClusterView, asked: str, page: Page) -> Page:
        """Keep a page, and let go of the one that was kept first."""
        self._kept.pop(asked, None)
        self._kept[asked] = view, page
        if len(self._kept) > MOST_PAGES:
            self._kept.popitem(last=False)
        return page


class Showcase:
    """Keeps the bytes of each cluster for as long as nothing about it has changed.

    A fleet hands out the very same view until the cluster's next tick, and so being the same is all that is asked.
    """

    def __init__(self, desk: Desk | None) -> None:
        self._desk = desk
        self.pages = PageBook()
        self._kept: dict[tuple[type[ClusterSummary], str], _Kept] = {}

    def told(self, kind: type[ClusterSummary], view: ClusterView) -> bytes:
        """A cluster as JSON, with what people ordered for it."""
        mark = UNMARKED if self._desk is None else self._desk.mark
        kept = self._kept.get((kind, view.cluster_id))
        if kept is not None and kept.view is view and kept.mark == mark:
            return kept.content
        control = None if self._desk is None else self._desk.control_now(view.cluster_id)
        content = kind.model_validate(_members(view, control)).model_dump_json().encode()
        lasts = control is None or (control.override is None and control.freeze is None)
        self._kept[kind, view.cluster_id] = _Kept(view, mark if lasts else None, content)
        return content

    def forget_others(self, clusters: int) -> None:
        """Let go of clusters that are gone, now and then."""
        if len(self._kept) > 2 * clusters:
            self._kept.clear()


def _members(view: ClusterView, control: Control | None) -> dict[str, Any]:
    ready = None if view.status is None else view.status.ready_acu
    return {
        **{name: getattr(view, name) for name in MEMBERS},
        "mode": None if control is None else control.mode,
        "overridden": control is not None and control.override is not None,
        "frozen": control is not None and control.freeze is not None,
        "halted": "" if control is None else control.halted,
        "usd_per_hour": None if ready is None else ready * view.usd_per_acu_hour,
    }
