"""`autoscaler doctor pause`: what keeps a cluster from pausing, and what a pause would save."""

from typing import Annotated, Any

import typer

from autoscaler.cli.aws import EndpointUrl, ExternalId, Region, RoleArn, opened_account
from autoscaler.cli.clusters import path_of
from autoscaler.cli.options import AnyOutput, examples
from autoscaler.cli.remote import ContextName, TokenFile, Url, find_remote

EXAMPLES = examples(
    "autoscaler doctor pause shop",
    "autoscaler doctor pause shop --days 30 -o json",
    "autoscaler doctor pause orders-db --region eu-central-1",
)

doctor = typer.Typer(help="What is wrong with a cluster, and what to do.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(doctor, name="doctor")


@doctor.callback()
def start() -> None:
    """What is wrong with a cluster, and what to do."""


@doctor.command(epilog=EXAMPLES)
def pause(
    cluster: Annotated[
        str,
        typer.Argument(
            metavar="CLUSTER", show_default=False, help="Its id at the service; with --region its name at AWS."
        ),
    ],
    days: Annotated[
        int, typer.Option(min=1, max=60, help="Savings by so many days of stored samples; with --region of one day.")
    ] = 14,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
    region: Region = None,
    role_arn: RoleArn = None,
    external_id: ExternalId = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Tell what keeps an Aurora cluster from pausing, with evidence, and what pauses would save. Changes nothing."""
    import asyncio

    from autoscaler.cli.show import print_document

    if region is None:
        told = find_remote(url, context, token_file).get(f"{path_of(cluster)}/pause-doctor?days={days}")
    else:
        account = opened_account(region, role_arn=role_arn, external_id=external_id, endpoint_url=endpoint_url)
        told = asyncio.run(_examined(cluster, account))
    if output == "table":
        _print(told)
    else:
        print_document(told, output)


async def _examined(name: str, opening: Any) -> dict[str, Any]:  # noqa: ANN401 - an account that is opened here
    from autoscaler.adapters.aurora_facts import gather
    from autoscaler.adapters.aurora_pause import diagnose
    from autoscaler.api.doctoring import Examined as Schema
    from autoscaler.core.doctor import pause_saving
    from autoscaler.errors import ClusterError, InvalidInput
    from autoscaler.service.clock import SystemClock
    from autoscaler.service.doctor import Examined

    async with opening as account:
        try:
            facts = await gather(account, name, now=SystemClock().now())
        except ClusterError as problem:
            raise InvalidInput(str(problem)) from None
    diagnosis = diagnose(facts)
    samples = () if isinstance(facts.samples, ClusterError) else facts.samples
    saving = pause_saving(samples, pause_after_seconds=diagnosis.pause_after_seconds)
    return Schema.model_validate(Examined(diagnosis=diagnosis, saving=saving)).model_dump(mode="json")


def _print(told: dict[str, Any]) -> None:
    from autoscaler.cli.show import new_table, stdout

    table = new_table("looked at", "verdict", "evidence", "what to do")
    for one in told["diagnosis"]["findings"]:
        inferred = " (inferred)" if one["confidence"] == "inferred" and one["verdict"] != "clear" else ""
        table.add_row(one["name"], one["verdict"] + inferred, one["evidence"], one["advice"])
    console = stdout()
    console.print(table)
    console.print(f"In short: {told['diagnosis']['sentence']}.")
    console.print(_saved(told))


def _saved(told: dict[str, Any]) -> str:
    saving = told["saving"]
    if not saving["seen_hours"]:
        return "What a pause would save is not known: no capacity was measured yet."
    idle, quiet = (
        f"{told[f'monthly_{kind}_acu_hours']:.1f} ACU-hours ({told[f'monthly_{kind}_usd']:.2f} USD) a month"
        for kind in ("idle", "quiet")
    )
    return (
        f"By {saving['seen_hours']:.1f} hours seen, pauses would save {idle} as things are "
        f"and {quiet} without idle connections."
    )
