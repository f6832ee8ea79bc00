"""A real server, a real pooler and real clients: what the fakes cannot prove."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from autoscaler.adapters.postgres.engine import Engine
from autoscaler.adapters.postgres.holds import Holds
from autoscaler.adapters.postgres.layout import DATABASE, USER, lay_out
from autoscaler.core.capacity import Phase
from autoscaler.errors import ClusterBusy, ClusterError, InvalidInput
from autoscaler.service.clock import SystemClock
from tests.adapters.local_postgres import local_postgres, needs_local_postgres, running_engine
from tests.fakes import MONDAY, make_range

pytestmark = needs_local_postgres
CLIENTS = 5
# What pg_cron makes, as far as it is read: the extension is not installed everywhere.
CRON = (
    "create schema cron",
    "create table cron.job (jobid bigint, schedule text, active boolean, jobname name)",
    "create table cron.job_run_details (jobid bigint, runid bigint, status text)",
    "insert into cron.job values (1, '0 0 $ 2 *', true, 'nightly'), (2, '30 seconds', true, null)",
    "insert into cron.job values (3, '* * * * *', false, 'off'), (4, '0 12 * * *', true, 'noon')",
    "insert into cron.job_run_details values (1, 1, 'succeeded'), (1, 2, 'running'), (4, 3, 'failed')",
)


async def ask(url: str, statement: str = "select 1") -> int:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True, prepare_threshold=None) as connection:
        row = await (await connection.execute(statement.encode())).fetchone()
        return int(row[0]) if row else 0


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Processes and poolers tell nobody when something has changed."""
    while not await holds():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def until_waiting(engine: Engine) -> None:
    async def waiting() -> bool:
        return (await engine.pools()).waiting > 0

    await until(waiting)


async def until_ended(pid: int) -> None:
    async def ended() -> bool:
        return not command_of(pid)

    await until(ended)


async def test_who_comes_while_it_sleeps_waits_and_is_served(cluster_folder: Path) -> None:
    async with local_postgres(SystemClock(), cluster_folder, held=make_range(2, 16, 0)) as local:
        await local.cluster.beat()
        asleep = (await local.cluster.status()).phase
        asking = [asyncio.create_task(ask(local.engine.url, f"select {number}")) for number in range(CLIENTS)]
        await until_waiting(local.engine)
        stopped = not local.engine.runs
        await local.cluster.beat()

        assert (asleep, stopped) == (Phase.PAUSED, True)
        assert await asyncio.gather(*asking) == list(range(CLIENTS))
        assert [one.slept_seconds > 0 for one in local.cluster.resumes] == [True]


async def test_a_connection_lives_through_a_pause(cluster_folder: Path) -> None:
    async with running_engine(cluster_folder) as engine:
        async with await psycopg.AsyncConnection.connect(engine.url, autocommit=True) as connection:
            await connection.execute("create table if not exists kept (number int)")
            await connection.execute("insert into kept values (7)")
            slept = await engine.sleep()
            asking = asyncio.create_task(connection.execute("select max(number) from kept"))
            await until_waiting(engine)
            await engine.wake()
            row = await (await asking).fetchone()

        assert (slept, row) == (True, (7,))


async def test_waking_what_is_awake_does_no_harm(cluster_folder: Path) -> None:
    async with running_engine(cluster_folder) as engine:
        await engine.wake()

        assert (engine.runs, await ask(engine.url)) == (True, 1)


async def test_a_running_transaction_keeps_it_awake(cluster_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoscaler.adapters.postgres.pooler.PAUSE_SECONDS", 0.2)
    async with running_engine(cluster_folder) as engine:
        async with await psycopg.AsyncConnection.connect(engine.url) as connection:
            await connection.execute("select 1")
            with pytest.raises(ClusterBusy, match="a transaction has kept the cluster from pausing"):
                await engine.sleep()
            row = await (await connection.execute("select 2")).fetchone()

        assert (row, await ask(engine.url)) == ((2,), 1)


async def test_every_process_of_the_server_is_in_its_group_and_takes_no_more_than_its_size(
    cluster_folder: Path,
) -> None:
    async with running_engine(cluster_folder, acu=2) as engine:
        before = engine.usage()
        asking = asyncio.create_task(ask(engine.url, "select count(*) from generate_series(1, 400000)"))
        groups = [groups_of(pid) for pid in server_processes(cluster_folder)]
        await asking
        after = engine.usage()

    assert groups_left() == []
    assert len(groups) >= 6  # the server and its helpers
    assert all("autoscaler-test" in group for group in groups)
    assert after.cpu_seconds > before.cpu_seconds
    assert after.throttled_periods > before.throttled_periods
    assert after.memory_bytes > 0


async def test_a_killed_server_and_a_killed_pooler_come_back(cluster_folder: Path) -> None:
    async with local_postgres(SystemClock(), cluster_folder, held=make_range(2, 16)) as local:
        for pid in server_processes(cluster_folder):
            os.kill(pid, signal.SIGKILL)
            await until_ended(pid)

        async def noticed() -> bool:
            return not local.engine.runs

        await until(noticed)
        await local.cluster.beat()
        first = await ask(local.engine.url)
        (pooler,) = [pid for pid in children_of(os.getpid()) if "pgbouncer" in command_of(pid)]
        os.kill(pooler, signal.SIGKILL)

        async def came_back() -> bool:
            with suppress(ClusterError):  # until it is known that the pooler has ended
                await local.cluster.beat()
                return True
            return False

        await until(came_back)

        assert (first, await ask(local.engine.url)) == (1, 1)


async def held(engine: Engine) -> tuple[str, ...]:
    holds = Holds(engine.ask)
    await holds.look(MONDAY)
    return holds.seen


async def test_a_long_vacuum_is_seen_while_it_runs(cluster_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoscaler.adapters.postgres.holds.LONG_SECONDS", 0.0)
    async with running_engine(cluster_folder) as engine:
        for statement in ("set vacuum_cost_delay = 100", "set vacuum_cost_limit = 1"):
            await engine.ask(f"alter role {USER} {statement}")
        async with await psycopg.AsyncConnection.connect(engine.url, autocommit=True) as connection:
            await connection.execute("create table worn as select generate_series(1, 50000) as number")
            before = await held(engine)
            vacuum = asyncio.create_task(connection.execute("vacuum worn"))

            async def seen() -> bool:
                return await held(engine) != ()

            await until(seen)
            meanwhile = await held(engine)
            connection.cancel()
            with pytest.raises(psycopg.errors.QueryCanceled):
                await vacuum
            await connection.execute("drop table worn")
        await engine.ask(f"alter role {USER} reset all")
        after = await held(engine)

    assert (before, meanwhile, after) == ((), (f"a VACUUM that runs in {DATABASE}",), ())


async def test_jobs_of_pg_cron_that_run_or_are_due_are_seen(cluster_folder: Path) -> None:
    async with running_engine(cluster_folder) as engine:
        for statement in CRON:
            await engine.ask(statement)
        seen = await held(engine)
        await engine.ask("drop schema cron cascade")

        assert await held(engine) == ()
    assert seen == ("job nightly of pg_cron, which runs", "job 2 of pg_cron, which is due within 10 min")


async def test_a_port_or_a_folder_that_is_taken_is_told(cluster_folder: Path, tmp_path: Path) -> None:
    async with running_engine(cluster_folder) as engine:
        port = int(engine.url.partition("?")[0].rpartition(":")[2].partition("/")[0])
        with pytest.raises(InvalidInput, match=f"port {port} of 127.0.0.1 cannot be used: Address already in use"):
            lay_out(tmp_path, port=port)
        with pytest.raises(InvalidInput, match="is another process's, which sizes its cluster; take another folder"):
            async with running_engine(cluster_folder):
                pass


def server_processes(folder: Path) -> list[int]:
    """The server and its children."""
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    return [server, *children_of(server)]


def children_of(pid: int) -> list[int]:
    """Of all its threads."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in files for child in file.read_text().split()]


def groups_left() -> list[Path]:
    return list(Path("/sys/fs/cgroup").glob(f"**/autoscaler-test-{os.getpid()}-*"))


def groups_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text()


def command_of(pid: int) -> str:
    """Nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
