"""What ticks are told of people's orders and of the kill switch, as of the latest beat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog

from autoscaler.core.control import Control, Mode
from autoscaler.errors import StorageError
from autoscaler.storage.controls import Controls, Orders

SWITCH_VARIABLE = "AUTOSCALER_FREEZE"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSwitch:
    """Freezes everything without the API: a file that exists, or an environment variable that is not empty."""

    path: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)

    def reason(self) -> str:
        """What is on; nothing when nothing is. A file that cannot be looked for counts as there."""
        if self.environ.get(SWITCH_VARIABLE):
            return f"{SWITCH_VARIABLE} is set"
        if self.path is None:
            return ""
        try:
            self.path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as problem:
            return f"cannot look for {self.path} ({problem.strerror})"
        return f"{self.path} exists"


NO_SWITCH = KillSwitch()


class Steering:
    """Orders by cluster; one short query a beat keeps up with those who write to the store elsewhere."""

    def __init__(self, controls: Controls | None = None, switch: KillSwitch = NO_SWITCH) -> None:
        """Without ``controls`` nobody orders anything."""
        self.halted = ""
        self._controls = controls
        self._switch = switch
        self._orders: dict[str, Orders] = {}
        self._releasing: set[str] = set()
        self.revision = 0
        self._cut_off = False

    async def refresh(self) -> None:
        """Look at the switch and at what was ordered since the last time; a store that is away changes nothing."""
        self.look_at_the_switch()
        if self._controls is None:
            return
        try:
            fresh = await self._controls.since(self.revision)
        except StorageError as problem:
            if not self._cut_off:
                log.warning("orders_unread", reason=str(problem))
            self._cut_off = True
            return
        self._cut_off = False
        for orders in fresh:
            self._orders[orders.cluster_id] = orders
            (self._releasing.discard if orders.release is None else self._releasing.add)(orders.cluster_id)
            self.revision = max(self.revision, orders.revision)

    def orders(self, cluster_id: str) -> Orders:
        """What is ordered for a cluster, expired or not."""
        return self._orders.get(cluster_id) or Orders(cluster_id=cluster_id)

    def mode(self, cluster_id: str, otherwise: Mode) -> Mode:
        """What becomes of decisions about a cluster; ``otherwise`` where nobody ordered a mode."""
        orders = self.orders(cluster_id)
        return Mode.ENFORCE if orders.release is not None else orders.mode or otherwise

    def all_orders(self) -> tuple[Orders, ...]:
        """Of every cluster for which anything was ever ordered."""
        return tuple(self._orders.values())

    def releasing(self) -> tuple[Orders, ...]:
        """The orders that give a cluster back."""
        return tuple(self._orders[name] for name in sorted(self._releasing))

    def control(self, cluster_id: str, *, at: datetime, mode: Mode) -> Control:
        """What a decision at this moment has to obey; ``mode`` where nobody ordered one."""
        return self.orders(cluster_id).control(at, mode=mode, halted=self.halted)

    def look_at_the_switch(self) -> str:
        """Why everything is frozen at this very moment; nothing when nothing is."""
        reason = self._switch.reason()
        if reason and not self.halted:
            log.warning("frozen", reason=reason)
        if self.halted and not reason:
            log.warning("thawed", reason=self.halted)
        self.halted = reason
        return reason
