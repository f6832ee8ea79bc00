"""`autoscaler policies bind|unbind|rollback|rollout`: who is bound to a stored policy, and how it reaches them."""

from typing import Annotated, Literal

import typer

from autoscaler.cli.options import WideOutput, examples
from autoscaler.cli.policy_service import PolicyName, path_of, show_policies
from autoscaler.cli.remote import ContextName, Remote, TokenFile, Url, find_remote
from autoscaler.errors import InvalidInput

Cluster = Annotated[str | None, typer.Option("--cluster", metavar="CLUSTER", help="One cluster.", show_default=False)]
Selector = Annotated[
    str | None,
    typer.Option(metavar="TAGS", help="All clusters with these tags: env=prod,team=shop.", show_default=False),
]


def add_to(policies: typer.Typer) -> None:
    """Put the commands beside the others about policies."""
    policies.command(
        epilog=examples(
            "autoscaler policies bind shop --cluster orders",
            "autoscaler policies bind shop --selector env=prod,team=shop",
        )
    )(bind)
    policies.command(epilog=examples("autoscaler policies unbind shop --cluster orders"))(unbind)
    policies.command(epilog=examples("autoscaler policies rollback shop --to 3"))(rollback)
    policies.command(epilog=examples("autoscaler policies rollout shop", "autoscaler policies rollout shop abort"))(
        rollout
    )


def bind(
    policy: PolicyName,
    cluster: Cluster = None,
    selector: Selector = None,
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Let a policy decide about a cluster, or about all with some tags, from the next tick on."""
    _order(find_remote(url, context, token_file), policy, "bind", _target(cluster, selector), output)


def unbind(
    policy: PolicyName,
    cluster: Cluster = None,
    selector: Selector = None,
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """End a binding: the clusters go back to a wider one, or to the policy of their settings."""
    _order(find_remote(url, context, token_file), policy, "unbind", _target(cluster, selector), output)


def rollback(
    policy: PolicyName,
    to: Annotated[int, typer.Option(metavar="VERSION", min=1, help="The version to go back to.")],
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Go back to an earlier version, for all clusters at once; a rollout under way ends."""
    _order(find_remote(url, context, token_file), policy, "rollback", {"version": to}, output)


def rollout(
    policy: PolicyName,
    order: Annotated[
        Literal["show", "pause", "resume", "abort", "force"],
        typer.Argument(help="What to do: abort gives all clusters the old version back, force begins the next ring."),
    ] = "show",
    output: WideOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Show how far a new version has come, or steer it."""
    remote = find_remote(url, context, token_file)
    if order == "show":
        show_policies(remote.get(path_of(policy)), output)
        return
    _order(remote, policy, f"rollout/{order}", None, output)


def _order(remote: Remote, policy: str, what: str, body: object, output: str) -> None:
    """What somebody else changed in between is not overwritten unseen."""
    seen = remote.ask("GET", path_of(policy)).etag
    show_policies(remote.ask("POST", f"{path_of(policy)}/{what}", body, If_Match=seen).document, output)


def _target(cluster: str | None, selector: str | None) -> dict[str, str]:
    if (cluster is None) == (selector is None):
        raise InvalidInput("say whom: either --cluster CLUSTER or --selector env=prod,team=shop")
    return {"cluster_id": cluster} if cluster is not None else {"selector": selector or ""}
