"""`autoscaler clusters`: the clusters of a running service."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from autoscaler.cli.options import AnyOutput, WideOutput, examples
from autoscaler.cli.remote import ContextName, Remote, TokenFile, Url, find_remote

EXAMPLES = examples(
    "autoscaler clusters get --tag env=prod -o wide",
    "autoscaler clusters get shop -o yaml",
    "autoscaler clusters describe shop",
)
PAGE = 500
WIDE = 220  # one line a cluster, however narrow the terminal

clusters = typer.Typer(help="The clusters of a running service.", epilog=EXAMPLES, no_args_is_help=True)
ClusterId = Annotated[str, typer.Argument(metavar="CLUSTER", show_default=False, help="The id of a cluster.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(clusters, name="clusters")


@clusters.command(epilog=EXAMPLES)
def get(
    cluster: Annotated[
        str | None, typer.Argument(metavar="[CLUSTER]", show_default=False, help="One of them only.")
    ] = None,
    tag: Annotated[
        str | None, typer.Option(metavar="TAGS", help="Only with all these: env=prod,team=shop.", show_default=False)
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only of this kind.", show_default=False)] = None,
    mode: Annotated[str | None, typer.Option(metavar="MODE", help="Only in this mode.", show_default=False)] = None,
    phase: Annotated[str | None, typer.Option(metavar="PHASE", help="Only in this phase.", show_default=False)] = None,
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """List the clusters, or one of them."""
    from autoscaler.cli.show import new_table, print_document, stdout

    remote = find_remote(url, context, token_file)
    asked = {"tag": tag, "kind": kind, "mode": mode, "phase": phase}
    found: Any = all_clusters(remote, **asked) if cluster is None else remote.get(path_of(cluster))
    if output in ("json", "yaml"):
        print_document(found, output)
        return
    numbers, more = ("demand", "ready", "floor", "ceiling"), ("mode", "kind", "tags", "trouble")
    wide = more if output == "wide" else ()
    table = new_table("cluster", "policy", "phase", *numbers, *wide, "last decision", numbers=numbers)
    for one in found if cluster is None else [found]:
        *row, told = _row(one)
        table.add_row(*row, *(_more(one) if wide else ()), told)
    console = stdout()
    if wide:
        console.width = max(console.width, WIDE)
    console.print(table)


@clusters.command(epilog=EXAMPLES)
def describe(
    cluster: ClusterId,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Tell all about a cluster: what it is, what is ordered, and its last decisions."""
    from autoscaler.cli.show import print_document

    remote = find_remote(url, context, token_file)
    path = path_of(cluster)
    found = remote.get(path)
    found.pop("forecast")
    document = {
        "cluster": found,
        "control": remote.get(f"{path}/control"),
        "decisions": remote.get(f"{path}/decisions?limit=5")["items"],
    }
    if output != "table":
        print_document(document, output)
        return
    _print_description(document)


def path_of(cluster_id: str) -> str:
    """Where a cluster is."""
    return f"/v1/clusters/{quote(cluster_id, safe='')}"


def all_clusters(remote: Remote, **asked: str | None) -> list[dict[str, Any]]:
    """Every page of the list; what was ``asked`` for leaves some out."""
    query = urlencode({"limit": PAGE, **{name: value for name, value in asked.items() if value is not None}})
    found: list[dict[str, Any]] = []
    following: str | None = f"/v1/clusters?{query}"
    while following is not None:
        page = remote.get(following)
        found += page["items"]
        following = page["next"]
    return found


def _row(one: dict[str, Any]) -> list[str]:
    status, decision = one["status"] or {}, one["last_decision"] or {}
    held = status.get("range", {})
    numbers = (one["demand_acu"], status.get("ready_acu"), held.get("floor_acu"), held.get("ceiling_acu"))
    told = one["error"] or decision.get("reason", "none yet")
    return [one["cluster_id"], one["policy"], status.get("phase", "unknown"), *map(_acu, numbers), told]


def _more(one: dict[str, Any]) -> list[str]:
    tags = ",".join(f"{name}={value}" for name, value in sorted(one["tags"].items()))
    drifts = one["drift"] is not None and not one["drift"]["acknowledged"]
    trouble = "failing" if one["breaker"] == "open" else "drift" if drifts else "none"
    return [one["mode"] or "unknown", one["kind"], tags, trouble]


def _acu(number: float | None) -> str:
    return "?" if number is None else f"{number:g}"


def _print_description(document: dict[str, Any]) -> None:
    from autoscaler.cli.show import stdout
    from autoscaler.cli.steering import control_lines

    one, console = document["cluster"], stdout()
    name, policy, phase, demand, ready, floor, ceiling, told = _row(one)
    lines = {
        "cluster": f"{name} ({one['title']})",
        "profile, policy": f"{one['profile']}, {policy}",
        "phase": phase,
        "demand, ready": f"{demand}, {ready} ACU",
        "range": f"{floor} to {ceiling} ACU",
        **control_lines(document["control"]),
        "last decision": told,
        "trouble": one["error"] or "none",
    }
    for key, value in lines.items():
        console.print(f"{key:<16} {value}", markup=False, soft_wrap=True)
    console.print("\nNewest decisions:", markup=False)
    for entry in document["decisions"]:
        told = f"{entry['id']:>8}  {entry['decision']['at']}  {entry['state']:<12}  {entry['decision']['reason']}"
        console.print(told, markup=False, soft_wrap=True)
