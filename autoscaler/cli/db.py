"""`autoscaler db`: the store of the service, brought up to date, looked at, copied and restored."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoscaler.cli.options import Output, examples

if TYPE_CHECKING:
    from autoscaler.storage.database import Database

EXAMPLES = examples(
    "autoscaler db check --config fleet.yaml",
    "autoscaler db backup autoscaler.db.2026-03-02 --config fleet.yaml",
    "autoscaler db backup store.jsonl.gz --database sqlite+aiosqlite:///old.db",
    "autoscaler db downgrade 0008 --config fleet.yaml",
    "autoscaler db restore store.jsonl.gz --database postgresql+asyncpg://me@host/autoscaler",
)

db = typer.Typer(
    help="The service's store: upgrade, downgrade, check, backup, restore.", epilog=EXAMPLES, no_args_is_help=True
)

Config = Annotated[Path | None, typer.Option(metavar="FILE", help="The fleet whose store it is.", show_default=False)]
Url = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="The store itself. A password for PostgreSQL is better left to PGPASSWORD or ~/.pgpass.",
        show_default="the one of 'autoscaler serve'",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(db, name="db")


@db.command(epilog=EXAMPLES)
def upgrade(config: Config = None, database: Url = None) -> None:
    """Make the store, or bring it up to date; safe while replicas start."""
    from asyncio import run

    from autoscaler.storage.migrate import migrate, newest_revision

    async def work() -> None:
        async with _opened(config, database) as store:
            await migrate(store)
            print(f"{store.name} is at revision {newest_revision()}")

    run(work())


@db.command(epilog=EXAMPLES)
def downgrade(
    revision: Annotated[
        str, typer.Argument(metavar="REVISION", help="What the older version needs.", show_default=False)
    ],
    config: Config = None,
    database: Url = None,
) -> None:
    """Take the store back to the shape of an older version; what only newer ones keep is lost."""
    from asyncio import run

    from autoscaler.storage.health import demand_a_file
    from autoscaler.storage.migrate import go_back

    async def work() -> None:
        async with _opened(config, database) as store:
            demand_a_file(store)
            await go_back(store, revision)
            print(
                f"{store.name} is at revision {revision}: start the older version now, this one takes it forward again"
            )

    run(work())


@db.command(epilog=EXAMPLES)
def check(config: Config = None, database: Url = None, output: Output = "table") -> None:
    """Look at the store and change nothing; exit code 2 when it is missing, damaged or of another version."""
    from asyncio import run

    from autoscaler.cli.show import new_table, print_json, stdout
    from autoscaler.errors import StorageError
    from autoscaler.storage.health import Health, examine

    async def work() -> Health:
        async with _opened(config, database) as store:
            return await examine(store)

    health = run(work())
    if output == "json":
        shown = {"database": health.name, "revision": health.revision, "newest_revision": health.newest_revision}
        print_json({**shown, "up_to_date": health.up_to_date, "rows": dict(health.rows)})
    else:
        print(f"{health.name}: revision {health.revision}")
        table = new_table("table", "rows")
        for name, count in health.rows.items():
            table.add_row(name, str(count))
        stdout().print(table)
    if not health.up_to_date:
        newest = health.newest_revision
        raise StorageError(
            f"the database is of revision {health.revision}, this version has {newest}; run: autoscaler db upgrade"
        )


@db.command(epilog=EXAMPLES)
def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new file; in .jsonl.gz for PostgreSQL.", show_default=False)
    ],
    config: Config = None,
    database: Url = None,
) -> None:
    """Copy the store as it is at one moment, while the service runs."""
    from asyncio import run

    from autoscaler.storage.backup import back_up

    async def work() -> None:
        async with _opened(config, database) as store:
            await back_up(store, file)
            print(f"{store.name} is copied to {file}")

    run(work())


@db.command(epilog=EXAMPLES)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What backup wrote.", show_default=False)],
    config: Config = None,
    database: Url = None,
) -> None:
    """Fill an empty store from a backup; one that holds anything is left alone."""
    from asyncio import run

    from autoscaler.storage import backup as backups

    async def work() -> None:
        async with _opened(config, database) as store:
            await backups.restore(store, file)
            print(f"{store.name} is restored from {file}")

    run(work())


@asynccontextmanager
async def _opened(config: Path | None, url: str | None) -> AsyncIterator["Database"]:
    from autoscaler.service.secrets import database_url
    from autoscaler.storage.database import Database

    store = Database(database_url(config, url))
    try:
        yield store
    finally:
        await store.close()
