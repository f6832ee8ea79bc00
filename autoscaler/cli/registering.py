"""`autoscaler clusters register`, `update`, `remove`, `discover`, `adopt`, `release` and `push`; and `drift`."""

from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from autoscaler.cli.clusters import ClusterId, clusters, path_of
from autoscaler.cli.options import AnyFormat, AnyOutput, complete_policies, examples
from autoscaler.cli.reasons import told_range
from autoscaler.cli.remote import ContextName, Remote, TokenFile, Url, find_remote
from autoscaler.cli.steering import control_lines
from autoscaler.errors import InvalidInput

REGISTER = examples("autoscaler clusters register lab.yaml", "autoscaler clusters register lab.yaml -o yaml")
UPDATE = examples("autoscaler clusters update lab lab.yaml")
REMOVE = examples("autoscaler clusters remove lab --yes")
DISCOVER = examples("autoscaler clusters discover", "autoscaler clusters discover --kind simulated -o json")
ADOPT = examples("autoscaler clusters adopt orders --max-acu 32 --tag env=prod")
RELEASE = examples("autoscaler release orders", "autoscaler clusters release orders -o json")
PUSH = examples("autoscaler clusters push meter samples.csv", "autoscaler clusters push meter samples.json")
DRIFT = examples("autoscaler drift shop", "autoscaler drift shop --acknowledge")
BATCH = 500

File = Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A cluster as in a fleet file, YAML.")]
Kind = Annotated[str, typer.Option(metavar="KIND", help="Which source.")]
Acu = Annotated[float | None, typer.Option(metavar="ACU", min=0, show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    clusters.command("register", epilog=REGISTER)(register)
    clusters.command("update", epilog=UPDATE)(update)
    clusters.command("remove", epilog=REMOVE)(remove)
    clusters.command("discover", epilog=DISCOVER)(discover)
    clusters.command("adopt", epilog=ADOPT)(adopt)
    clusters.command("push", epilog=PUSH)(push)
    for group in (clusters, app):
        group.command("release", epilog=RELEASE)(release)
    app.command("drift", epilog=DRIFT)(drift)


def register(
    file: File, output: AnyOutput = "table", url: Url = None, context: ContextName = None, token_file: TokenFile = None
) -> None:
    """Register a cluster; it is only looked at until its mode is changed."""
    remote = find_remote(url, context, token_file)
    _tell(remote.ask("POST", "/v1/clusters", _read(file), Idempotency_Key=str(uuid4())).document, output)


def update(
    cluster: ClusterId,
    file: File,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Give a cluster other settings, from its next tick on; what is ordered for it stays."""
    remote, path = find_remote(url, context, token_file), f"{path_of(cluster)}/settings"
    document, seen = _read(file), remote.ask("GET", path).etag
    _tell(remote.ask("PUT", path, document, If_Match=seen).document, output)


def remove(
    cluster: ClusterId,
    yes: Annotated[bool, typer.Option("--yes", help="It is meant.")] = False,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Decide no more about a cluster; its range stays as it is, its history is kept."""
    if not yes:
        raise InvalidInput(f"{cluster} keeps the range it has now; release it first, or say --yes")
    remote, path = find_remote(url, context, token_file), path_of(cluster)
    seen = remote.ask("GET", f"{path}/settings").etag
    _tell(remote.ask("DELETE", path, If_Match=seen).document, output)


def discover(
    kind: Kind = "simulated",
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Ask a source what there is, and list what nobody has registered."""
    from autoscaler.cli.show import new_table, print_document, stdout

    found = find_remote(url, context, token_file).ask("POST", "/v1/clusters/discover", {"kind": kind}).document
    if output != "table":
        print_document(found, output)
        return
    table = new_table("cluster", "title", "range", "tags")
    for one in found["items"]:
        held = "?" if one["range"] is None else told_range(one["range"])
        table.add_row(one["id"], one["title"], held, _tags(one["tags"]))
    stdout().print(table)


def adopt(
    cluster: ClusterId,
    policy: Annotated[
        str,
        typer.Option(metavar="NAME_OR_FILE", help="Who shall decide.", autocompletion=complete_policies),
    ] = "auto",
    kind: Kind = "simulated",
    min_acu: Acu = None,
    max_acu: Acu = None,
    tag: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", show_default=False)] = None,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Register a cluster that a source knows of; the range it has now is what a release restores."""
    from autoscaler.config import load_policy

    limits = {name: acu for name, acu in (("min_acu", min_acu), ("max_acu", max_acu)) if acu is not None}
    order: dict[str, Any] = {"id": cluster, "kind": kind, "policy": load_policy(policy).model_dump(mode="json")}
    if limits:
        order["cluster"] = {"limits": limits}
    if tag:
        order["tags"] = dict(_pair(one) for one in tag)
    remote = find_remote(url, context, token_file)
    _tell(remote.ask("POST", "/v1/clusters/adopt", order, Idempotency_Key=str(uuid4())).document, output)


def release(
    cluster: ClusterId,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Restore the range a cluster was found with, then only look at it."""
    from autoscaler.cli.show import print_document

    remote, path = find_remote(url, context, token_file), path_of(cluster)
    seen = remote.ask("GET", f"{path}/control").etag
    control = remote.ask("POST", f"{path}/release", If_Match=seen).document
    if output != "table":
        print_document(control, output)
        return
    told = {"cluster": control["cluster_id"], "release": f"on its way to {told_range(control['release'])}"}
    _print({**told, **control_lines(control)})


def push(
    cluster: ClusterId,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="CSV with the columns at, seconds, demand_acu and others of a sample; or a JSON list of samples.",
        ),
    ],
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Push samples of a cluster of kind pushed, oldest first; what was pushed before changes nothing."""
    from autoscaler.cli.samples import read_samples

    remote, samples = find_remote(url, context, token_file), read_samples(file)
    taken = {"accepted": 0, "repeated": 0, "late": 0}
    for start in range(0, len(samples), BATCH):
        batch = {"samples": samples[start : start + BATCH]}
        told = remote.ask("POST", f"{path_of(cluster)}/samples", batch).document
        taken = {name: count + told[name] for name, count in taken.items()}
    print(", ".join(f"{count} {name}" for name, count in taken.items()))


def drift(
    cluster: ClusterId,
    acknowledge: Annotated[bool, typer.Option("--acknowledge", help="Say that the change is meant.")] = False,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Tell whether somebody else changed a cluster's range, and say that it is meant."""
    from autoscaler.cli.show import print_document

    remote, path = find_remote(url, context, token_file), path_of(cluster)
    seen = remote.ask("GET", f"{path}/drift")
    found = seen.document
    if acknowledge:
        found = _acknowledge(remote, path, found, seen.etag)
    if output != "table":
        print_document(found, output)
        return
    one = found["drift"]
    if one is None:
        print(f"{cluster}: nobody else changed its range")
        return
    lines = {"noticed": one["at"], "from": told_range(one["before"]), "to": told_range(one["after"])}
    _print({"cluster": cluster, **lines, "acknowledged": "yes" if one["acknowledged"] else "no"})


def _acknowledge(remote: Remote, path: str, found: dict[str, Any], seen: str) -> Any:  # noqa: ANN401 - a JSON document
    if found["drift"] is None:
        raise InvalidInput(f"there is no drift of {found['cluster_id']} to acknowledge")
    body = {"at": found["drift"]["at"]}
    return remote.ask("POST", f"{path}/drift/acknowledge", body, If_Match=seen).document


def _read(file: Path) -> dict[str, Any]:
    """A cluster with all that its document names: what is sent names no files."""
    from autoscaler.config import read_document
    from autoscaler.core.control import Mode
    from autoscaler.service.settings import ClusterSettings

    settings = read_document(file, ClusterSettings)
    if settings.mode is not Mode.OBSERVE:
        raise InvalidInput(f"{file} has the mode {settings.mode}; a mode is ordered: autoscaler mode {settings.id} …")
    return settings.model_dump(mode="json", exclude={"mode"}, exclude_unset=True)


def _tell(listing: dict[str, Any], output: AnyFormat) -> None:
    from autoscaler.cli.show import print_document

    if output != "table":
        print_document(listing, output)
        return
    found, settings = listing["found"], listing["settings"]
    _print(
        {
            "cluster": listing["cluster_id"],
            "kind": settings["kind"],
            "tags": _tags(settings["tags"]),
            "registered": listing["registered_at"],
            "removed": listing["removed_at"] or "no",
            "found at": "not known yet" if found is None else told_range(found),
        }
    )


def _print(lines: dict[str, str]) -> None:
    for key, value in lines.items():
        print(f"{key:<12} {value}")


def _tags(tags: dict[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(tags.items()))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidInput(f"--tag is '{text}'; give NAME=VALUE")
    return name, value
