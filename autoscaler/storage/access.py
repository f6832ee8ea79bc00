"""Access tokens in the store: of a secret only its hash is kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select, update

from autoscaler.errors import UnknownName
from autoscaler.storage.audit import Deed, log_deed
from autoscaler.storage.control_tables import TokenTable
from autoscaler.storage.database import Database


class Scope(StrEnum):
    """What a token is good for; each includes those before it."""

    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"

    def includes(self, other: "Scope") -> bool:
        """Whether whoever has this scope may do what needs the other."""
        return ASCENDING.index(self) >= ASCENDING.index(other)


ASCENDING = tuple(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token without its secret; ``clusters`` is a pattern of cluster ids such as ``shop-*``. Times are real."""

    id: str
    name: str
    hash: str
    scope: Scope
    clusters: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_good(self, at: datetime) -> bool:
        """Whether it opens anything."""
        return at < self.expires_at and (self.revoked_at is None or at < self.revoked_at)


class Tokens:
    """All tokens, those that are no good any more included."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[Token, ...]:
        """Oldest first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(TokenTable).order_by(TokenTable.created_at, TokenTable.id))).all()
        return tuple(Token(**{**row._mapping, "scope": Scope(row.scope)}) for row in rows)

    async def add(self, token: Token, deed: Deed) -> None:
        """Keep a new one."""
        values = {name: getattr(token, name) for name in Token.__slots__}
        async with self._database.write() as connection:
            await connection.execute(insert(TokenTable).values({**values, "scope": token.scope.value}))
            await log_deed(connection, deed, token.id, before={}, after=_told(token))

    async def end(self, token_id: str, deed: Deed, *, at: datetime) -> Token:
        """Let a token be no good from a moment on.

        Raises:
            UnknownName: there is none of that id.
        """
        tokens = {token.id: token for token in await self.all()}
        if token_id not in tokens:
            raise UnknownName("token", token_id, tokens)
        async with self._database.write() as connection:
            there = update(TokenTable).where(TokenTable.id == token_id)
            await connection.execute(there.values(revoked_at=at))
            before = _told(tokens[token_id])
            await log_deed(connection, deed, token_id, before=before, after={**before, "revoked_at": at})
        return tokens[token_id]


def _told(token: Token) -> dict[str, object]:
    """What the audit log says of a token; nothing that could be tried."""
    return {name: getattr(token, name) for name in Token.__slots__ if name != "hash"}
