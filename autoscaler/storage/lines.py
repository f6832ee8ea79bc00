"""A store as compressed JSON lines: the same from every database, so that a backup also moves a store to another."""

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table as PlainTable
from sqlalchemy import TableClause, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.errors import InvalidInput, StorageError
from autoscaler.storage.database import Database
from autoscaler.storage.health import KEPT_TABLES, count_rows
from autoscaler.storage.migrate import newest_revision
from autoscaler.storage.tables import Moment

SUFFIX = ".jsonl.gz"
KIND, VERSION = "autoscaler-backup", 1
AT_ONCE = 500


async def write_lines(database: Database, target: Path) -> int:
    """Write all rows, of one moment; returns how many.

    Raises:
        StorageError: the store cannot be read.
    """
    rows = 0
    with gzip.open(target, "wt", encoding="utf-8") as file:
        file.write(_line({"kind": KIND, "version": VERSION, "revision": newest_revision()}))
        async with database.read() as connection:
            for table in KEPT_TABLES:
                async for row in await connection.stream(select(table)):
                    file.write(_line({"table": table.name, "row": {k: _plain(v) for k, v in row._mapping.items()}}))
                    rows += 1
        file.write(_line({"rows": rows}))
    return rows


async def read_lines(database: Database, source: Path) -> int:
    """Fill an empty store, all or nothing; returns how many rows.

    Raises:
        InvalidInput: it is no backup, or not a whole one.
        StorageError: the store is not empty, or cannot be written.
    """
    async with database.write() as connection:
        if not database.on_file:  # a service that starts meanwhile waits, and then finds the restored clusters
            await connection.execute(text("lock table clusters in share row exclusive mode"))
        await refuse_rows(connection, database)
        rows = await _insert_all(connection, source)
        if not database.on_file:
            await _set_sequences(connection)
    return rows


async def refuse_rows(connection: AsyncConnection, database: Database) -> None:
    """A backup replaces nothing.

    Raises:
        StorageError: there is something in the store.
    """
    full = {name: count for name, count in (await count_rows(connection)).items() if count}
    if full:
        told = ", ".join(f"{count} {name}" for name, count in full.items())
        raise StorageError(f"the database {database.name} is not empty: {told}; restore into a new one")


async def _insert_all(connection: AsyncConnection, source: Path) -> int:
    tables = {table.name: table for table in KEPT_TABLES}
    waiting: list[Mapping[str, Any]] = []
    table, rows, told = None, 0, None
    for line in _lines(source):
        if "rows" in line:
            told = line["rows"]
            continue
        current = tables.get(line.get("table", ""))
        if current is None:
            raise InvalidInput(f"the backup {source} has rows of an unknown table: {line.get('table')}")
        if current is not table or len(waiting) == AT_ONCE:
            await _insert(connection, table, waiting)
            table, waiting = current, []
        waiting.append(_typed(current, line["row"]))
        rows += 1
    await _insert(connection, table, waiting)
    if told != rows:
        raise InvalidInput(f"the backup {source} is not whole: {rows} rows of {told or 'an unknown number'}")
    return rows


async def _insert(connection: AsyncConnection, table: PlainTable | None, rows: list[Mapping[str, Any]]) -> None:
    if table is not None and rows:
        await connection.execute(insert(table), rows)


async def _set_sequences(connection: AsyncConnection) -> None:
    """Ids go on after the restored ones."""
    for table in KEPT_TABLES:
        if table.autoincrement_column is not None:
            sequence, newest = func.pg_get_serial_sequence(table.name, "id"), func.max(table.c.id)
            await connection.execute(select(func.setval(sequence, newest)).where(_has_rows(table)))


def _has_rows(table: TableClause) -> Any:  # noqa: ANN401 - a condition, of one of many kinds
    return select(table).exists()


def _lines(source: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(source, "rt", encoding="utf-8") as file:
            head = json.loads(next(file, "null"))
            _check_head(head, source)
            for line in file:
                yield json.loads(line)
    except FileNotFoundError:
        raise InvalidInput(f"no file {source}") from None
    except (OSError, EOFError, ValueError) as problem:
        raise InvalidInput(f"{source} is no whole backup of ours: {problem}") from None


def _check_head(head: Any, source: Path) -> None:  # noqa: ANN401 - whatever was in the file
    if not isinstance(head, dict) or (head.get("kind"), head.get("version")) != (KIND, VERSION):
        raise InvalidInput(f"{source} is no backup of ours")
    if head.get("revision") != newest_revision():
        raise InvalidInput(
            f"{source} is of revision {head.get('revision')}, this version has {newest_revision()}: "
            "restore it with the version that wrote it, then run: autoscaler db upgrade"
        )


def _typed(table: PlainTable, row: Mapping[str, Any]) -> dict[str, Any]:
    moments = {column.name for column in table.columns if isinstance(column.type, Moment)}
    return {k: datetime.fromisoformat(v) if k in moments and v is not None else v for k, v in row.items()}


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n"
