"""Who may do what: makes tokens, and tells whom one belongs to."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from secrets import token_hex, token_urlsafe

from autoscaler.service.clock import Stopwatch
from autoscaler.service.secrets import SecretToken
from autoscaler.storage.access import Scope, Token, Tokens

EVERYTHING = "*"
# How long a token may still be good after somebody revoked it in another process.
KNOWN_SECONDS = 1.0
SHAPE = re.compile(r"autoscaler_([0-9a-f]{12})_([A-Za-z0-9_-]{20,100})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks; ``actor`` is how the audit log names it."""

    actor: str
    scope: Scope
    clusters: str = EVERYTHING

    @property
    def sees_all(self) -> bool:
        """Whether the whole fleet is its business."""
        return self.clusters == EVERYTHING

    def sees(self, cluster_id: str) -> bool:
        """Whether a cluster is its business."""
        return self.sees_all or fnmatchcase(cluster_id, self.clusters)


def new_token(*, name: str, scope: Scope, clusters: str, at: datetime, expires_at: datetime) -> tuple[Token, str]:
    """A token for the store, and the text for whoever shall use it: nobody can tell it again."""
    token_id, secret = token_hex(6), token_urlsafe(32)
    token = Token(
        id=token_id,
        name=name,
        hash=hash_of(secret),
        scope=scope,
        clusters=clusters,
        created_at=at,
        expires_at=expires_at,
    )
    return token, f"autoscaler_{token_id}_{secret}"


def hash_of(secret: str) -> str:
    """256 random bits cannot be guessed, so that a quick hash is as good as a slow one."""
    return sha256(secret.encode()).hexdigest()


class TokenBook:
    """The tokens of the store, read again when what is known is too old."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        now: Callable[[], datetime],
        known_seconds: float = KNOWN_SECONDS,
        admin: SecretToken | None = None,
    ) -> None:
        self._tokens = tokens
        self._admin = admin
        self._now = now
        self._known_seconds = known_seconds
        self._since: Stopwatch | None = None
        self._known: dict[str, Token] = {}

    async def caller(self, text: str) -> Caller | None:
        """Whom a token belongs to; None when it opens nothing.

        Raises:
            StorageError: the tokens cannot be read.
        """
        if self._admin is not None and self._admin.is_it(text):
            return Caller(actor="the token file", scope=Scope.ADMIN)
        match = SHAPE.fullmatch(text)
        if match is None:
            return None
        await self._refresh()
        token = self._known.get(match[1])
        # An unknown id takes as long as a wrong secret.
        right = hmac.compare_digest(hash_of(match[2]), token.hash if token else hash_of(""))
        if token is None or not right or not token.is_good(self._now()):
            return None
        return Caller(actor=f"{token.name} ({token.id})", scope=token.scope, clusters=token.clusters)

    async def is_empty(self) -> bool:
        """Whether no token opens anything."""
        return self._admin is None and not any(token.is_good(self._now()) for token in await self._tokens.all())

    async def _refresh(self) -> None:
        if self._since is not None and self._since.seconds < self._known_seconds:
            return
        self._known = {token.id: token for token in await self._tokens.all()}
        self._since = Stopwatch()
