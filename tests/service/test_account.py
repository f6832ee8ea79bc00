"""What we ask of one provider's account is bounded, and a throttled call is made again."""

import asyncio

import pytest

from autoscaler.errors import ClusterError, ClusterThrottled
from autoscaler.service.account import WAITS_SECONDS, Account, AccountLimits


class Naps:
    """Sleeps at once, and remembers for how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Provider:
    """Throttles so many calls, then answers how many it got."""

    def __init__(self, throttled: int) -> None:
        self.calls = 0
        self._throttled = throttled

    async def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self._throttled:
            raise ClusterThrottled("rate exceeded")
        return self.calls


async def test_a_throttled_call_is_made_again_after_longer_and_longer_waits() -> None:
    naps = Naps()

    assert await Account("shop", sleep=naps).attempt(Provider(throttled=3)) == 4
    assert [usual / 2 <= waited <= 1.5 * usual for usual, waited in zip(WAITS_SECONDS, naps.seconds, strict=True)] == [
        True,
        True,
        True,
    ]


async def test_a_provider_that_goes_on_throttling_is_believed() -> None:
    provider = Provider(throttled=99)
    with pytest.raises(ClusterThrottled, match="rate exceeded"):
        await Account(sleep=Naps()).attempt(provider)

    assert provider.calls == 1 + len(WAITS_SECONDS)


async def test_another_error_is_nothing_to_try_again() -> None:
    async def refuse() -> None:
        raise ClusterError("no such cluster")

    naps = Naps()
    with pytest.raises(ClusterError, match="no such cluster"):
        await Account(sleep=naps).attempt(refuse)
    assert naps.seconds == []


async def test_only_so_many_calls_are_under_way_and_another_account_does_not_wait() -> None:
    gate, begun = asyncio.Event(), []

    async def wait() -> None:
        begun.append("slow")
        await gate.wait()

    slow = Account("slow", AccountLimits(calls_at_once=2))
    tasks = [asyncio.create_task(slow.attempt(wait)) for _ in range(5)]
    await asyncio.sleep(0)
    assert await Account("quick").attempt(Provider(throttled=0)) == 1
    assert begun == ["slow"] * 2
    gate.set()
    await asyncio.gather(*tasks)


async def test_calls_beyond_the_burst_wait_their_turn() -> None:
    naps = Naps()
    account = Account("shop", AccountLimits(calls_per_second=0.001, burst=2), sleep=naps)
    provider = Provider(throttled=0)
    for _ in range(3):
        await account.attempt(provider)

    assert naps.seconds[:2] == [0.0, 0.0]
    assert 990 < naps.seconds[2] <= 1000
