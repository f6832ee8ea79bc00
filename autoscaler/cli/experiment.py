"""`autoscaler experiment floor-raise`: what nobody has published, measured on a cluster of your own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autoscaler.cli.aws import EndpointUrl, ExternalId, RoleArn, opened_account
from autoscaler.cli.options import examples
from autoscaler.errors import ClusterError, InvalidInput

if TYPE_CHECKING:
    from autoscaler.simulator.climbing import Findings

EXAMPLES = examples(
    "autoscaler experiment floor-raise orders --region eu-central-1 --floor 8 --out orders-measured.yaml",
    "autoscaler backtest orders.csv --cluster orders-measured.yaml",
)

experiment = typer.Typer(help="Measure what a cluster does. Changes it, for some minutes.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(experiment, name="experiment")


@experiment.callback()
def start() -> None:
    """Measure what a cluster does. Changes it, for some minutes."""


@experiment.command("floor-raise", epilog=EXAMPLES)
def floor_raise(
    cluster: Annotated[
        str, typer.Argument(metavar="CLUSTER", show_default=False, help="Its name at AWS, or its resource id.")
    ],
    region: Annotated[str, typer.Option(metavar="REGION", help="Where it is.", show_default=False)],
    floor: Annotated[float, typer.Option(metavar="ACU", help="The floor to raise to.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The YAML file to write.", show_default=False)],
    minutes: Annotated[int, typer.Option(min=3, max=60, help="How long it is raised, and looked at afterwards.")] = 15,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    role_arn: RoleArn = None,
    external_id: ExternalId = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Measure on your own cluster whether a raised floor jumps or climbs, how fast, and when capacity descends.

    It asks first, raises the floor for some minutes, and gives the range back whatever happens. Let nobody else change
    the range meanwhile (a service that sizes it: mode observe), and take a time of little load.
    """
    from asyncio import run

    import yaml

    if not out.parent.is_dir():
        raise InvalidInput(f"{out} cannot be written: there is no folder {out.parent}")
    try:
        document = run(
            _measured(
                cluster,
                floor,
                minutes,
                yes=yes,
                region=region,
                role_arn=role_arn,
                external_id=external_id,
                endpoint_url=endpoint_url,
            )
        )
    except ClusterError as problem:
        raise InvalidInput(str(problem)) from None
    out.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    print(f"Written: {out}")


async def _measured(
    name: str,
    floor_acu: float,
    minutes: int,
    *,
    yes: bool,
    region: str,
    role_arn: str | None,
    external_id: str | None,
    endpoint_url: str | None,
) -> dict[str, Any]:
    from autoscaler.service.clock import SystemClock
    from autoscaler.service.experiment import Experiment
    from autoscaler.simulator.climbing import cluster_document, read_off

    account = opened_account(region, role_arn=role_arn, external_id=external_id, endpoint_url=endpoint_url)
    async with account as opened:
        experiment = Experiment(opened, clock=SystemClock(), told=lambda text: print(text, flush=True))
        plan = await experiment.plan(name, floor_acu=floor_acu, minutes=minutes)
        print(
            f"{plan.cluster.name}: {plan.cluster.range} becomes {plan.raised} for {minutes} minutes; it is looked at "
            f"for as long afterwards. At most {plan.usd_at_most:.2f} USD more, at 0.12 USD an ACU-hour."
        )
        if not yes:
            typer.confirm("Do it?", abort=True)
        seen = await experiment.run(plan)
    found = read_off(seen)
    _print(found)
    return cluster_document(f"{plan.cluster.name}-measured", seen, found)


def _print(found: "Findings") -> None:
    told = {None: "is not known to jump or climb", True: "jumped", False: "climbed"}[found.jumped]
    reached = (
        "was not reached" if found.reached_seconds is None else f"was reached within {found.reached_seconds:.0f} s"
    )
    print(f"Capacity {told}: the raised floor {reached}.")
    if found.climb_acu_per_second is not None:
        rate = 60 * found.climb_acu_per_second
        print(f"{found.burst_acu or 0:.1f} ACU in the first minute, then {rate:.2f} ACU a minute.")
    stayed = found.stayed_seconds
    told = (
        "did not come down while it was looked at"
        if stayed is None
        else f"began to come down within {stayed + 60:.0f} s"
    )
    print(f"Given back, it {told}.")
