"""`autoscaler policies get|versions|plan|diff|apply`: policies kept by a running service."""

from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from autoscaler.cli.options import WideOutput, complete_policies, examples
from autoscaler.cli.remote import ContextName, Remote, TokenFile, Url, find_remote
from autoscaler.errors import NotThere

WOULD_CHANGE, OVER_BUDGET = 5, 6
PAGE = 500
PolicyName = Annotated[str, typer.Argument(metavar="POLICY", show_default=False, help="The name of a stored policy.")]
PolicyFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE", show_default=False, help="A policy document, or preset:NAME.", autocompletion=complete_policies
    ),
]
Named = Annotated[
    str | None, typer.Option("--name", metavar="POLICY", help="What it is called.", show_default="the document's own")
]


def add_to(policies: typer.Typer) -> None:
    """Put the commands beside the others about policies."""
    policies.command(epilog=examples("autoscaler policies get", "autoscaler policies get shop -o yaml"))(get)
    policies.command(epilog=examples("autoscaler policies versions shop"))(versions)
    policies.command(epilog=examples("autoscaler policies diff shop.yaml"))(diff)
    policies.command(
        epilog=examples(
            "autoscaler policies plan shop.yaml",
            "autoscaler policies plan shop.yaml --selector env=prod --backtest-days 3 --most-usd-rise 0.05",
        )
    )(plan)
    policies.command(
        epilog=examples("autoscaler policies apply shop.yaml", "autoscaler policies apply shop.yaml --at-once")
    )(apply)


def get(
    policy: Annotated[
        str | None, typer.Argument(metavar="[POLICY]", show_default=False, help="One of them only.")
    ] = None,
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """List the stored policies, or one of them."""
    remote = find_remote(url, context, token_file)
    found: Any = _all(remote, "/v1/policies") if policy is None else remote.get(path_of(policy))
    show_policies(found, output)


def versions(
    policy: PolicyName,
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """List the versions of a policy, newest first."""
    from autoscaler.cli.show import new_table, print_document, stdout

    found = _all(find_remote(url, context, token_file), f"{path_of(policy)}/versions")
    if output in ("json", "yaml"):
        print_document(found, output)
        return
    table = new_table("version", "written", "by", "decides", "digest")
    for one in found:
        digest = one["digest"] if output == "wide" else one["digest"][:12]
        table.add_row(str(one["version"]), one["at"], one["author"], one["document"]["policy"], digest)
    stdout().print(table)


def diff(
    file: PolicyFile,
    name: Named = None,
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Compare a document with the newest stored version. Exit code 0: the same, 5: another."""
    name, content = read(file, name)
    newest = _all(find_remote(url, context, token_file), f"{path_of(name)}/versions", most=1)[0]
    stored, mine = _lines(newest["document"]), _lines(content)
    told = unified_diff(stored, mine, f"{name}, version {newest['version']}", file, lineterm="")
    print(*told, sep="\n", end="\n" if stored != mine else "")
    if stored != mine:
        raise typer.Exit(WOULD_CHANGE)


def plan(
    file: PolicyFile,
    name: Named = None,
    cluster: Annotated[str | None, typer.Option(metavar="CLUSTER", help="As if it were bound, too.")] = None,
    selector: Annotated[str | None, typer.Option(metavar="TAGS", help="As if these tags were bound, too.")] = None,
    backtest_days: Annotated[
        int, typer.Option(metavar="N", min=0, max=7, help="Live through so many days of kept samples again.")
    ] = 0,
    most_usd_rise: Annotated[
        float | None, typer.Option(metavar="F", help="Budget: the backtest may cost so much more, 0.05 is 5 %.")
    ] = None,
    most_throttled_rise: Annotated[
        float | None, typer.Option(metavar="F", help="Budget: the share of throttled time may rise by so much.")
    ] = None,
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Tell what a document would change; nothing is. Exit code 0: nothing, 5: something, 6: it is over the budget."""
    from autoscaler.cli.policy_plans import is_over, show_plan

    name, content = read(file, name)
    asked = {"cluster_id": cluster, "selector": selector, "backtest_days": backtest_days or None}
    query = urlencode({key: value for key, value in asked.items() if value is not None})
    remote = find_remote(url, context, token_file)
    told = remote.ask("POST", f"{path_of(name)}/plan?{query}", content).document
    show_plan(told, output)
    if is_over(told["backtest"], most_usd_rise, most_throttled_rise):
        raise typer.Exit(OVER_BUDGET)
    if told["changes"]:
        raise typer.Exit(WOULD_CHANGE)


def apply(
    file: PolicyFile,
    name: Named = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="For all clusters at once, not ring by ring.")] = False,
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Store a document: a new policy, or a new version that reaches its clusters ring by ring. The same: no change."""
    name, content = read(file, name)
    remote = find_remote(url, context, token_file)
    try:
        seen = remote.ask("GET", path_of(name)).etag
    except NotThere:
        made = remote.ask("POST", "/v1/policies", {"name": name, "document": content}).document
    else:
        made = remote.ask("PUT", f"{path_of(name)}?at_once={str(at_once).lower()}", content, If_Match=seen).document
    show_policies(made, output)


def read(file: str, name: str | None) -> tuple[str, dict[str, Any]]:
    """A document as it is sent, after a check here: mistakes are told in lines and columns of the file.

    Calendar files are on this machine, so that their days are sent instead of their names.

    Raises:
        InvalidInput: with every mistake.
    """
    from autoscaler.config import policy_from
    from autoscaler.documents.calendars import look_up, names_a_file
    from autoscaler.documents.presets import PRESET, read_preset
    from autoscaler.documents.source import plain, read_source

    source = read_preset(file) if file.startswith(PRESET) else read_source(Path(file))
    called = name or policy_from(source).name.removeprefix(PRESET)
    content = look_up(source.content, source.folder)[0] if names_a_file(source.content) else source.content
    return called, plain(content)


def path_of(policy: str) -> str:
    """Where a policy is."""
    return f"/v1/policies/{quote(policy, safe='')}"


def show_policies(found: Any, output: str) -> None:  # noqa: ANN401 - one JSON document or a list of them
    """One policy or many."""
    from autoscaler.cli.show import new_table, print_document, stdout

    if output in ("json", "yaml"):
        print_document(found, output)
        return
    wide = ("written", "by", "newest") if output == "wide" else ()
    table = new_table("policy", "version", "decides", "bound to", "rollout", *wide)
    for one in found if isinstance(found, list) else [found]:
        more = (one["at"], one["author"], str(one["newest_version"])) if wide else ()
        bound = ", ".join(each["cluster_id"] or each["selector"] for each in one["bindings"]) or "nothing"
        row = (one["name"], str(one["version"]), one["document"]["policy"], bound, told_rollout(one["rollout"]))
        table.add_row(*row, *more)
    stdout().print(table)


def told_rollout(rollout: dict[str, Any] | None) -> str:
    """In a few words."""
    if rollout is None:
        return "none"
    reached = f"{rollout['reached_clusters']} of {rollout['of_clusters']} clusters"
    return f"version {rollout['to_version']} {rollout['state']}, {reached}: {rollout['reason']}"


def _all(remote: Remote, path: str, most: int | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following: str | None = f"{path}?limit={most or PAGE}"
    while following is not None:
        page = remote.get(following)
        found += page["items"]
        following = None if most else page["next"]
    return found


def _lines(document: dict[str, Any]) -> list[str]:
    import yaml

    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True).splitlines()
