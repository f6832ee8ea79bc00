"""`autoscaler override`, `freeze`, `pause`, `resume` and `mode`: steering a cluster by hand."""

from typing import Annotated, Any, Literal

import typer

from autoscaler.cli.clusters import ClusterId, path_of
from autoscaler.cli.options import AnyFormat, AnyOutput, examples
from autoscaler.cli.reasons import told_range
from autoscaler.cli.remote import ContextName, Remote, TokenFile, Url, find_remote
from autoscaler.cli.times import expiry
from autoscaler.errors import InvalidInput

OVERRIDE = examples(
    "autoscaler override shop --floor 8 --ceiling 64 --for 2h",
    "autoscaler override shop --floor 8 --ceiling 64 --until 2026-11-27T18:00:00Z",
    "autoscaler override shop --end",
)
FREEZE = examples("autoscaler freeze shop --direction shrink --for 1d", "autoscaler freeze shop --end")
PAUSE = examples("autoscaler pause devbox --for 12h")
RESUME = examples("autoscaler resume devbox --for 8h")
MODE = examples("autoscaler mode shop recommend", "autoscaler mode shop enforce")

For = Annotated[
    str | None, typer.Option("--for", metavar="TIME", help="How long: 90m, 2h, at most 7d.", show_default=False)
]
Until = Annotated[
    str | None, typer.Option(metavar="MOMENT", help="Until when, ISO 8601 with a zone.", show_default=False)
]
End = Annotated[bool, typer.Option("--end", help="End it now.")]
Acu = Annotated[float | None, typer.Option(metavar="ACU", min=0, show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.command("override", epilog=OVERRIDE)(override)
    app.command("freeze", epilog=FREEZE)(freeze)
    app.command("pause", epilog=PAUSE)(pause)
    app.command("resume", epilog=RESUME)(resume)
    app.command("mode", epilog=MODE)(mode)


def override(
    cluster: ClusterId,
    floor: Acu = None,
    ceiling: Acu = None,
    pause_after: Annotated[
        int | None, typer.Option(metavar="SECONDS", min=0, help="Idle time before it pauses.", show_default="never")
    ] = None,
    lasting: For = None,
    until: Until = None,
    end: End = False,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Give a cluster a range for a while, instead of what its policy wishes."""
    remote = find_remote(url, context, token_file)
    if end:
        _order(remote, cluster, "DELETE", "override", None, output)
        return
    if floor is None or ceiling is None:
        raise InvalidInput("an override needs both --floor and --ceiling, or --end")
    wanted = {"floor_acu": floor, "ceiling_acu": ceiling, "pause_after_seconds": pause_after}
    _order(remote, cluster, "PUT", "override", {**wanted, **expiry(lasting, until)}, output)


def freeze(
    cluster: ClusterId,
    direction: Annotated[Literal["shrink", "grow", "both"], typer.Option(help="Which changes to stop.")] = "both",
    lasting: For = None,
    until: Until = None,
    end: End = False,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Stop the changes of a cluster for a while."""
    remote = find_remote(url, context, token_file)
    if end:
        _order(remote, cluster, "DELETE", "freeze", None, output)
        return
    _order(remote, cluster, "PUT", "freeze", {"direction": direction, **expiry(lasting, until)}, output)


def pause(
    cluster: ClusterId,
    lasting: For = None,
    until: Until = None,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Let a cluster pause as soon as it is idle, for a while; `override --end` takes it back."""
    remote = find_remote(url, context, token_file)
    _order(remote, cluster, "POST", "pause-now", expiry(lasting, until), output)


def resume(
    cluster: ClusterId,
    lasting: For = None,
    until: Until = None,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Wake a cluster and keep it awake for a while; `override --end` takes it back."""
    remote = find_remote(url, context, token_file)
    _order(remote, cluster, "POST", "resume-now", expiry(lasting, until), output)


def mode(
    cluster: ClusterId,
    wanted: Annotated[
        Literal["observe", "recommend", "enforce"],
        typer.Argument(metavar="MODE", help="observe, recommend or enforce."),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Enforce however far off the simulator is; nobody is asked.")
    ] = False,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Say whether decisions about a cluster are carried out."""
    remote = find_remote(url, context, token_file)
    order: dict[str, Any] = {"mode": wanted}
    if wanted == "enforce":
        order["accept_fidelity"] = yes or _is_accepted(remote, cluster)
    _order(remote, cluster, "PUT", "mode", order, output)


def _is_accepted(remote: Remote, cluster: str) -> bool:
    """Whether somebody wants it although the simulator is too far off; nobody is asked where it is not."""
    found = remote.get(f"{path_of(cluster)}/fidelity")
    if not found["doubtful"]:
        return False
    return typer.confirm(f"For {cluster} {found['sentence']}. Enforce all the same?", abort=True, err=True)


def control_lines(control: dict[str, Any]) -> dict[str, str]:
    """What holds for a cluster, line by line."""
    override, freeze = control["override"], control["freeze"]
    ends = "{until}, by {by}"
    return {
        "mode": control["mode"],
        "override": f"{told_range(override['range'])}, until {ends.format(**override)}" if override else "none",
        "freeze": f"{freeze['direction']}, until {ends.format(**freeze)}" if freeze else "none",
        "kill switch": f"on: {control['halted']}" if control["halted"] else "off",
    }


def _order(remote: Remote, cluster: str, method: str, what: str, body: object, output: AnyFormat) -> None:
    """What somebody else ordered in between is not overwritten unseen."""
    from autoscaler.cli.show import print_document

    path = path_of(cluster)
    seen = remote.ask("GET", f"{path}/control").etag
    control = remote.ask(method, f"{path}/{what}", body, If_Match=seen).document
    if output != "table":
        print_document(control, output)
        return
    for key, value in {"cluster": control["cluster_id"], "at": control["at"], **control_lines(control)}.items():
        print(f"{key:<12} {value}")
