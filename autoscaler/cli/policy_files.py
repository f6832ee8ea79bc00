"""`autoscaler policies schema|validate|preview`: policy documents, before anything obeys them."""

from datetime import date
from typing import Annotated, Any

import typer

from autoscaler.cli.options import Output, complete_policies, examples
from autoscaler.errors import InvalidDocument, InvalidInput

NAME_OR_FILE = "A policy document, a policy, or preset:NAME."


def add_to(policies: typer.Typer) -> None:
    """Put the commands beside the others about policies."""
    policies.command(epilog=examples("autoscaler policies schema > policy.schema.json"))(schema)
    policies.command(epilog=examples("autoscaler policies validate shop.yaml", "autoscaler policies validate *.yaml"))(
        validate
    )
    policies.command(
        epilog=examples(
            "autoscaler policies preview shop.yaml",
            "autoscaler policies preview preset:business-hours --days 7 --time-zone America/New_York",
        )
    )(preview)


def schema() -> None:
    """Print the JSON Schema of policy documents, with the settings of all that is registered."""
    from autoscaler.cli.show import print_json
    from autoscaler.config import PolicyDocument
    from autoscaler.documents.schema import policy_schema

    print_json(policy_schema(PolicyDocument))


def validate(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", show_default=False, help=NAME_OR_FILE, autocompletion=complete_policies),
    ],
    output: Output = "table",
) -> None:
    """Check policy documents; every mistake is told with its line and column. Exit code 2 when there is one."""
    from autoscaler.cli.show import print_json
    from autoscaler.config import load_policy

    results: list[dict[str, Any]] = []
    for file in files:
        try:
            load_policy(file)
            results.append({"file": file, "valid": True, "mistakes": []})
        except InvalidDocument as problem:
            results.append({"file": file, "valid": False, "mistakes": [str(one) for one in problem.mistakes]})
        except InvalidInput as problem:
            results.append({"file": file, "valid": False, "mistakes": [str(problem)]})
    if output == "json":
        print_json(results)
    else:
        for result in results:
            print(*(result["mistakes"] or [f"{result['file']}: valid"]), sep="\n")
    if not all(result["valid"] for result in results):
        raise typer.Exit(2)


def preview(
    policy: Annotated[
        str,
        typer.Argument(metavar="NAME_OR_FILE", show_default=False, help=NAME_OR_FILE, autocompletion=complete_policies),
    ],
    days: Annotated[int, typer.Option(metavar="N", min=1, max=366, help="How many days.")] = 14,
    time_zone: Annotated[
        str | None,
        typer.Option(metavar="Z", help="The clock to show.", show_default="the policy's own, or UTC"),
    ] = None,
    start: Annotated[str | None, typer.Option(metavar="DAY", help="The first day.", show_default="today")] = None,
    output: Output = "table",
) -> None:
    """Show the floor, ceiling, pause and freezes that a policy's schedules ask for, clock changes included."""
    from autoscaler.cli.previews import draw, in_plain
    from autoscaler.cli.show import print_json
    from autoscaler.config import load_policy
    from autoscaler.documents.previews import preview_of
    from autoscaler.service.clock import SystemClock

    first = None if start is None else _day(start)
    told = preview_of(load_policy(policy), now=SystemClock().now(), first=first, days=days, time_zone=time_zone)
    if output == "json":
        print_json(in_plain(told))
    else:
        draw(told)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(f"--start is '{text}'; give a day such as 2026-03-28") from None
