"""Policies in the store, on every database: versions that never change, bindings, rollouts, and one revision."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, text

from autoscaler.core.rollout import Ring, Rollout, RolloutState, Throttling
from autoscaler.core.selectors import Binding, parse_selector
from autoscaler.errors import NotPossible, Outdated, StorageError, UnknownName
from autoscaler.storage.audit import Audit, Deed
from autoscaler.storage.policies import Policies
from autoscaler.storage.policy_edits import bind, create, put_rollout, remove, replace_with, unbind
from autoscaler.storage.repositories import Clusters
from autoscaler.storage.rows import sample_row
from autoscaler.storage.tables import SampleTable
from autoscaler.storage.throttling import throttling
from tests.fakes import MONDAY, later
from tests.storage.builders import empty_store, make_sample

ADA = Deed(at=MONDAY, actor="ada", request_id="r-1", action="policy.write")
OLD: dict[str, Any] = {"policy": "native"}
NEW: dict[str, Any] = {"policy": "reactive"}
ORDERS = Binding(policy="shop", cluster_id="orders")
TAGGED = Binding(policy="shop", selector=parse_selector("env=prod"))
COMING = Rollout(
    policy="",
    from_version=0,
    to_version=0,
    rings=(Ring(soak_seconds=60), Ring(fraction=1.0, soak_seconds=60)),
    most_rise_fraction=0.02,
    order=("orders", "bills"),
    started_at=MONDAY,
    ring_at=MONDAY,
)


async def test_every_write_raises_the_one_revision_and_is_logged(url: str) -> None:
    async with empty_store(url) as database:
        policies, revisions = Policies(database), []
        for edit in (
            create("shop", OLD, ADA),
            bind(ORDERS),
            bind(TAGGED),
            replace_with(NEW, ADA, None),
            unbind(ORDERS),
        ):
            revisions.append(await policies.revision())
            await policies.change("shop", edit, ADA)
        book = await policies.book()
        lines = await Audit(database).entries(limit=9)

    assert revisions == [0, 1, 2, 3, 4]
    assert (book.revision, book.bindings, book.coming) == (5, (TAGGED,), {})
    shop = book.policies["shop"]
    assert (shop.revision, shop.in_force.version, shop.in_force.document, shop.newest) == (5, 2, NEW, 2)
    assert [line.after.get("revision") for line in lines] == [5, 4, 3, 2, 1]
    assert book.in_force_for("orders", {"env": "prod"}) == shop.in_force
    assert book.in_force_for("orders", {}) is None


async def test_a_rollout_is_kept_goes_on_and_ends(url: str) -> None:
    async with empty_store(url) as database:
        policies = Policies(database)
        await policies.change("shop", create("shop", OLD, ADA), ADA)
        await policies.change("shop", bind(TAGGED), ADA)
        begun = (await policies.change("shop", replace_with(NEW, ADA, COMING), ADA)).on_its_way
        book = await policies.book()
        assert begun is not None
        seen = [book.in_force_for(name, {"env": "prod"}) for name in begun.order]
        done = await policies.change("shop", put_rollout(replace(begun, state=RolloutState.DONE)), ADA)
        with pytest.raises(Outdated, match="changed meanwhile"):
            await policies.change("shop", put_rollout(begun), ADA)

    assert (begun.from_version, begun.to_version, begun.touched) == (1, 2, ("orders",))
    assert [one.version for one in seen if one] == [2, 1]
    assert (done.in_force.version, done.on_its_way) == (2, None)


async def test_deleted_policies_leave_their_versions_which_nobody_rewrites(url: str) -> None:
    async with empty_store(url) as database:
        policies = Policies(database)
        await policies.change("shop", create("shop", OLD, ADA), ADA)
        await policies.change("shop", bind(ORDERS), ADA)
        with pytest.raises(NotPossible, match="bound to cluster orders"):
            await policies.change("shop", remove(), ADA)
        await policies.change("shop", unbind(ORDERS), ADA)
        await policies.change("shop", remove(), ADA)
        with pytest.raises(UnknownName, match="no policy named 'shop'"):
            await policies.get("shop")
        kept = await policies.versions("shop", limit=9)
        for statement in ("update policy_versions set author = 'eve'", "delete from policy_versions"):
            with pytest.raises(StorageError, match="never changes"):
                async with database.write() as connection:
                    await connection.execute(text(statement))

    assert [(one.version, one.document, one.author) for one in kept] == [(1, OLD, "ada")]


async def test_a_target_has_one_policy(url: str) -> None:
    async with empty_store(url) as database:
        policies = Policies(database)
        for name in ("shop", "other"):
            await policies.change(name, create(name, OLD, ADA), ADA)
        await policies.change("shop", bind(ORDERS), ADA)
        await policies.change("other", bind(replace(ORDERS, policy="other")), ADA)
        book = await policies.book()

    assert book.bindings == (replace(ORDERS, policy="other"),)


async def test_what_has_been_seen_no_more_is_refused(url: str) -> None:
    async with empty_store(url) as database:
        policies = Policies(database)
        await policies.change("shop", create("shop", OLD, ADA), ADA)
        with pytest.raises(Outdated, match="policy shop is at revision 1, not 7"):
            await policies.change("shop", bind(ORDERS), ADA, expected=7)

        assert (await policies.get("shop")).bindings == ()


async def test_throttled_time_is_told_by_samples(url: str) -> None:
    """A lower bound, and a demand above the capacity of 4 ACU; what is unknown counts for nothing."""
    samples = [make_sample(60.0 * turn, demand) for turn, demand in enumerate((1.0, 3.0, 8.0, None))]
    samples[0] = replace(samples[0], censored=True)
    samples[1:] = [replace(one, censored=False) for one in samples[1:]]
    async with empty_store(url) as database:
        await Clusters(database).register("orders", at=MONDAY, document={})
        rows = [sample_row(one, cluster_id="orders", seen_at=one.at) for one in samples]
        async with database.write() as connection:
            await connection.execute(insert(SampleTable), rows)
        found = await throttling(database, ["orders"], since=MONDAY, until=later(600))
        none = await throttling(database, [], since=MONDAY, until=later(600))

    assert found == Throttling(known_seconds=180.0, throttled_seconds=120.0)
    assert none.fraction is None
