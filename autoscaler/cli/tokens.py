"""`autoscaler tokens`: who may use the API. Works on the store itself, so that the first token can be made."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from autoscaler.cli.options import AnyFormat, AnyOutput, examples
from autoscaler.cli.times import read_duration
from autoscaler.errors import InvalidInput, UnknownName

if TYPE_CHECKING:
    from datetime import datetime

    from autoscaler.storage.access import Token, Tokens
    from autoscaler.storage.audit import Deed

EXAMPLES = examples(
    "autoscaler tokens create ada --scope operate --clusters 'shop-*' --for 90d --config fleet.yaml",
    "autoscaler tokens list --config fleet.yaml",
    "autoscaler tokens rotate 0123456789ab --keep-old 1h --config fleet.yaml",
    "autoscaler tokens revoke 0123456789ab --config fleet.yaml",
)
T = TypeVar("T")

tokens = typer.Typer(help="Tokens for the API; made in the store of a service.", epilog=EXAMPLES, no_args_is_help=True)

Config = Annotated[Path | None, typer.Option(metavar="FILE", help="The fleet, for its database.", show_default=False)]
StoreUrl = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="The database itself.", show_default="the usual one")
]
Lasting = Annotated[str, typer.Option("--for", metavar="TIME", help="How long it is good: 12h, 90d.")]
TokenId = Annotated[str, typer.Argument(metavar="ID", show_default=False, help="The id of a token.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(tokens, name="tokens")


@tokens.command(epilog=EXAMPLES)
def create(
    name: Annotated[
        str, typer.Argument(metavar="NAME", show_default=False, help="Whose it is; the audit log says it.")
    ],
    scope: Annotated[Literal["read", "operate", "admin"], typer.Option(help="How far it opens the API.")] = "read",
    clusters: Annotated[str, typer.Option(metavar="PATTERN", help="Which clusters, such as 'shop-*'.")] = "*",
    lasting: Lasting = "90d",
    config: Config = None,
    database: StoreUrl = None,
) -> None:
    """Make a token and print it, this once."""
    if not 0 < len(name) <= 80 or not name.isprintable():
        raise InvalidInput("the name of a token has 1 to 80 printable characters")

    async def make(store: "Tokens", now: "datetime") -> str:
        from autoscaler.service.access import new_token
        from autoscaler.storage.access import Scope

        expires_at = now + read_duration(lasting)
        token, text = new_token(name=name, scope=Scope(scope), clusters=clusters, at=now, expires_at=expires_at)
        await store.add(token, _deed("token.create", now))
        return text

    _hand_over(_on_the_store(make, config, database))


@tokens.command("list", epilog=EXAMPLES)
def list_tokens(config: Config = None, database: StoreUrl = None, output: AnyOutput = "table") -> None:
    """List the tokens, those that open nothing any more included."""

    async def read(store: "Tokens", now: "datetime") -> list[dict[str, Any]]:
        return [_document(token, now) for token in await store.all()]

    _print(_on_the_store(read, config, database), output)


@tokens.command(epilog=EXAMPLES)
def revoke(token_id: TokenId, config: Config = None, database: StoreUrl = None) -> None:
    """Let a token open nothing from now on; a running service knows within a second."""

    async def end(store: "Tokens", now: "datetime") -> str:
        return (await store.end(token_id, _deed("token.revoke", now), at=now)).name

    print(f"revoked: {_on_the_store(end, config, database)} ({token_id})")


@tokens.command(epilog=EXAMPLES)
def rotate(
    token_id: TokenId,
    lasting: Lasting = "90d",
    keep_old: Annotated[str, typer.Option(metavar="TIME", help="How long the old one still opens.")] = "1h",
    config: Config = None,
    database: StoreUrl = None,
) -> None:
    """Make a new token of the same kind, and let the old one end soon."""

    async def make(store: "Tokens", now: "datetime") -> str:
        from autoscaler.service.access import new_token

        known = {token.id: token for token in await store.all() if token.is_good(now)}
        if token_id not in known:
            raise UnknownName("token in force", token_id, known)
        old, expires_at = known[token_id], now + read_duration(lasting)
        new, text = new_token(name=old.name, scope=old.scope, clusters=old.clusters, at=now, expires_at=expires_at)
        await store.add(new, _deed("token.create", now))
        await store.end(token_id, _deed("token.revoke", now), at=now + read_duration(keep_old))
        return text

    _hand_over(_on_the_store(make, config, database))


def _on_the_store(work: "Callable[[Tokens, datetime], Awaitable[T]]", config: Path | None, database: str | None) -> T:
    from asyncio import run

    from autoscaler.service.clock import SystemClock
    from autoscaler.service.secrets import database_url
    from autoscaler.storage.access import Tokens
    from autoscaler.storage.database import Database
    from autoscaler.storage.migrate import migrate

    url = database_url(config, database)

    async def on_it() -> T:
        store = Database(url)
        try:
            await migrate(store)
            return await work(Tokens(store), SystemClock().now())
        finally:
            await store.close()

    return run(on_it())


def _deed(action: str, now: "datetime") -> "Deed":
    from getpass import getuser

    from autoscaler.storage.audit import Deed

    try:
        user = getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = "somebody"
    return Deed(at=now, actor=f"{user} at the command line", request_id="command-line", action=action)


def _hand_over(text: str) -> None:
    print(text)
    print("autoscaler: keep it safe; nobody can tell it again.", file=sys.stderr)


def _document(token: "Token", now: "datetime") -> dict[str, Any]:
    from autoscaler.core.plain import to_plain

    plain = to_plain(token)
    known = dict(plain) if isinstance(plain, dict) else {}
    del known["hash"]
    return {**known, "opens": token.is_good(now)}


def _print(documents: list[dict[str, Any]], output: AnyFormat) -> None:
    from autoscaler.cli.show import new_table, print_document, stdout

    if output != "table":
        print_document(documents, output)
        return
    table = new_table("id", "name", "scope", "clusters", "expires", "opens")
    for one in documents:
        opens = "yes" if one["opens"] else "no"
        table.add_row(one["id"], one["name"], one["scope"], one["clusters"], one["expires_at"][:16], opens)
    stdout().print(table)
