"""`autoscaler db`: what it says, and its exit codes."""

import json
from pathlib import Path

import pytest

from autoscaler.storage.migrate import newest_revision
from tests.cli.conftest import Cli, write
from tests.postgres import needs_postgres
from tests.storage.builders import url_in


@pytest.fixture
def database(tmp_path: Path) -> str:
    return url_in(tmp_path / "store")


def test_a_store_is_made_looked_at_copied_and_restored(cli: Cli, database: str, tmp_path: Path) -> None:
    copy, other = tmp_path / "copy.db", url_in(tmp_path / "other")
    steps = (
        ("db", "upgrade", "--database", database),
        ("db", "check", "--database", database),
        ("db", "backup", copy, "--database", database),
        ("db", "restore", copy, "--database", other),
        ("db", "check", "--database", other),
    )

    assert [(done.code, done.err) for done in (cli(*step) for step in steps)] == [(0, "")] * len(steps)


@pytest.mark.parametrize(
    ("options", "told"), [(("-o", "json"), '"up_to_date": true'), ((), f"revision {newest_revision()}")]
)
def test_a_check_tells_what_there_is(cli: Cli, database: str, options: tuple[str, ...], told: str) -> None:
    cli("db", "upgrade", "--database", database)
    done = cli("db", "check", "--database", database, *options)

    assert told in done.out
    if options:
        assert json.loads(done.out)["rows"]["decisions"] == 0


def test_a_store_goes_back_to_an_older_version_and_forward_again(cli: Cli, database: str) -> None:
    cli("db", "upgrade", "--database", database)
    back = cli("db", "downgrade", "0008", "--database", database)
    looked = cli("db", "check", "--database", database)
    forward = cli("db", "upgrade", "--database", database)
    nowhere = cli("db", "downgrade", "yesterday", "--database", database)

    assert (back.code, looked.code, forward.code, nowhere.code) == (0, 2, 0, 2)
    assert "is at revision 0008: start the older version now" in back.out
    assert f"of revision 0008, this version has {newest_revision()}; run: autoscaler db upgrade" in looked.err
    assert "no revision named 'yesterday'; there are: 0001, " in nowhere.err


def test_a_way_back_makes_no_file(cli: Cli, database: str, tmp_path: Path) -> None:
    done = cli("db", "downgrade", "0008", "--database", database)

    assert (done.code, list(tmp_path.iterdir())) == (2, [])


def test_a_check_makes_no_file(cli: Cli, database: str, tmp_path: Path) -> None:
    done = cli("db", "check", "--database", database)

    assert done.code == 2
    assert "make it with: autoscaler db upgrade" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_check_finds_a_file_that_is_no_database(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "autoscaler.db").write_text("a" * 4096)
    done = cli("db", "check", "--database", url_in(tmp_path))

    assert (done.code, "file is not a database" in done.err) == (2, True)


def test_the_store_of_a_fleet_is_found_by_its_document(cli: Cli, database: str, tmp_path: Path) -> None:
    fleet = write(tmp_path / "fleet.yaml", f"database: {database}", "clusters: []")

    assert cli("db", "upgrade", "--config", fleet).code == 0
    assert (tmp_path / "store" / "autoscaler.db").is_file()
    both = cli("db", "upgrade", "--config", fleet, "--database", database)
    assert (both.code, "give either --config or --database" in both.err) == (2, True)


@pytest.mark.parametrize("url", ["mysql://me:hunter2@host/db", "postgresql+asyncpg://me:hunter2@127.0.0.1:1/db"])
def test_a_database_that_cannot_be_used_is_told_without_its_password(cli: Cli, url: str) -> None:
    done = cli("db", "upgrade", "--database", url)

    assert done.code == 2
    assert "hunter2" not in done.err


class TestOnAServer:
    pytestmark = needs_postgres

    def test_a_server_is_made_looked_at_and_copied(self, cli: Cli, postgres_url: str, tmp_path: Path) -> None:
        before = cli("db", "check", "--database", postgres_url)
        made = cli("db", "upgrade", "--database", postgres_url)
        after = cli("db", "check", "--database", postgres_url)
        copied = cli("db", "backup", tmp_path / "copy.jsonl.gz", "--database", postgres_url)

        assert (before.code, made.code, after.code, copied.code) == (2, 0, 0, 0)
        assert f"of revision None, this version has {newest_revision()}; run: autoscaler db upgrade" in before.err
        assert "secret" not in made.out + after.out + copied.out
