"""So many in a while, and a few at once: a token bucket over a clock that somebody passes."""

from collections.abc import Callable


class Bucket:
    """Fills evenly up to ``size`` tokens, ``per_second`` of them; full at the beginning."""

    def __init__(self, *, per_second: float, size: float, now: Callable[[], float]) -> None:
        self._per_second = per_second
        self._size = size
        self._now = now
        self._tokens = size
        self._at = now()

    def take(self) -> bool:
        """One token, if there is one."""
        self._fill()
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def reserve(self) -> float:
        """One token, even if it is still to come; the seconds until then."""
        self._fill()
        self._tokens -= 1.0
        return max(0.0, -self._tokens / self._per_second)

    def _fill(self) -> None:
        at = self._now()
        self._tokens = min(self._size, self._tokens + (at - self._at) * self._per_second)
        self._at = at
