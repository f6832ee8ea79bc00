"""`autoscaler events`: what happened, and what happens."""

import json
import sys
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import typer

from autoscaler.cli.options import Format, examples
from autoscaler.cli.remote import ContextName, Remote, TokenFile, Url, find_remote

EXAMPLES = examples(
    "autoscaler events --limit 20",
    "autoscaler events --cluster shop --severity warning",
    "autoscaler events --follow --kind change-applied,change-failed -o json",
)
PAGE = 500
INTERRUPTED = 130


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("events", epilog=EXAMPLES)(events)


def events(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as things happen, until Ctrl-C.")] = False,
    cluster: Annotated[
        str | None, typer.Option(metavar="CLUSTER", help="Of one cluster only.", show_default=False)
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND[,KIND…]", help="Of these kinds only.", show_default=False)
    ] = None,
    severity: Annotated[Literal["info", "warning", "error"], typer.Option(help="The least severity.")] = "info",
    limit: Annotated[int, typer.Option(metavar="N", min=0, help="How many of the past.")] = 50,
    output: Annotated[
        Format, typer.Option("-o", "--output", help="table, or json: with --follow a line each.")
    ] = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> int:
    """Tell what happened, oldest first, and with --follow what happens; broken connections are taken up again."""
    remote = find_remote(url, context, token_file)
    asked = {"cluster": cluster, "kind": kind, "severity": severity}
    query = {key: value for key, value in asked.items() if value is not None}
    past = _past(remote, query, limit)
    if not follow:
        _print_all(past, output)
        return 0
    for line in past:
        _print_one(line, output)
    return _follow(remote, query, output, after=past[-1]["id"] if past else None)


def _past(remote: Remote, query: dict[str, str], limit: int) -> list[dict[str, Any]]:
    """The newest events, oldest first."""
    found: list[dict[str, Any]] = []
    following: str | None = f"/v1/events?{urlencode({**query, 'limit': min(max(limit, 1), PAGE)})}"
    while following is not None and len(found) < limit:
        page = remote.get(following)
        found += page["items"]
        following = page["next"]
    return found[:limit][::-1]


def _follow(remote: Remote, query: dict[str, str], output: Format, *, after: int | None) -> int:
    import asyncio

    from autoscaler.cli.following import follow

    def tell(trouble: str) -> None:
        print(f"autoscaler: {trouble}", file=sys.stderr)

    async def go_on() -> None:
        async for line in follow(remote, f"/v1/events/stream?{urlencode(query)}", after=after, tell=tell):
            _print_one(line, output)

    try:
        asyncio.run(go_on())
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _print_all(lines: list[dict[str, Any]], output: Format) -> None:
    from autoscaler.cli.show import new_table, print_json, stdout

    if output == "json":
        print_json(lines)
        return
    table = new_table("at", "severity", "cluster", "kind", "what happened")
    for line in lines:
        table.add_row(*_columns(line))
    stdout().print(table)


def _print_one(line: dict[str, Any], output: Format) -> None:
    if output == "json":
        print(json.dumps(line), flush=True)
        return
    at, severity, cluster, kind, text = _columns(line)
    print(f"{at}  {severity:<8} {cluster:<20} {kind:<20} {text}", flush=True)


def _columns(line: dict[str, Any]) -> tuple[str, str, str, str, str]:
    return line["at"], line["severity"], line["cluster_id"] or "-", line["kind"], line["text"]
