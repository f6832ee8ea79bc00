"""Secrets from files and the environment."""

import json
from pathlib import Path

import pytest

from autoscaler.errors import InvalidInput
from autoscaler.service.access import Caller, TokenBook
from autoscaler.service.clock import SystemClock
from autoscaler.service.secrets import DATABASE_VARIABLE, SecretToken, database_url, read_settings
from autoscaler.service.settings import DEFAULT_DATABASE
from autoscaler.storage.access import Scope, Tokens
from tests.storage.builders import empty_store, url_in

FIRST, SECOND = "a" * 32, "b" * 40
SERVER = "postgresql+asyncpg://autoscaler:hunter2@db/autoscaler"


def config_in(folder: Path, **settings: object) -> Path:
    file = folder / "fleet.json"
    file.write_text(json.dumps({"clusters": [], **settings}))
    return file


def test_the_environment_names_the_database_before_any_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("sqlite+aiosqlite:///of-a-file.db\n")
    config = config_in(tmp_path, database_file=str(secret), decide_seconds=30)
    assert read_settings(config, {}).database == "sqlite+aiosqlite:///of-a-file.db"
    assert read_settings(config, {}).decide_seconds == 30
    assert read_settings(config, {DATABASE_VARIABLE: SERVER}).database == SERVER
    assert read_settings(config_in(tmp_path), {}).database == DEFAULT_DATABASE


def test_a_database_from_the_environment_is_checked_like_any(tmp_path: Path) -> None:
    config = config_in(tmp_path, call_seconds=14)
    read_settings(config, {})
    with pytest.raises(InvalidInput, match="a call must end before another replica may act") as refused:
        read_settings(config, {DATABASE_VARIABLE: SERVER})

    assert "hunter2" not in str(refused.value)


def test_commands_find_the_database_the_same_way(tmp_path: Path) -> None:
    assert database_url(None, None, {}) == DEFAULT_DATABASE
    assert database_url(None, None, {DATABASE_VARIABLE: SERVER}) == SERVER
    assert database_url(None, "sqlite+aiosqlite:///x.db", {DATABASE_VARIABLE: SERVER}) == "sqlite+aiosqlite:///x.db"
    assert database_url(config_in(tmp_path, database="sqlite+aiosqlite:///y.db"), None, {}).endswith("y.db")
    with pytest.raises(InvalidInput, match="either --config or --database"):
        database_url(config_in(tmp_path), SERVER, {})


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), (b"", "is empty"), (b"\xff\xfe", "it is no text"), (b"short", "has 5")],
)
def test_a_token_file_that_cannot_be_used_is_told_without_its_content(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidInput, match=told) as raised:
        SecretToken(file)
    assert "short" not in str(raised.value).replace("too short", "")


async def test_the_token_file_opens_everything_and_may_be_renewed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(FIRST + "\n")
    async with empty_store(url_in(tmp_path)) as database:
        book = TokenBook(Tokens(database), now=SystemClock().now, admin=SecretToken(file))
        everything = Caller(actor="the token file", scope=Scope.ADMIN)
        assert await book.caller(FIRST) == everything
        assert await book.caller(SECOND) is None
        assert not await book.is_empty()
        file.write_text(SECOND)
        assert (await book.caller(FIRST), await book.caller(SECOND)) == (None, everything)
        file.unlink()
        assert await book.caller(SECOND) is None
