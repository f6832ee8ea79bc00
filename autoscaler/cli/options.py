"""Options that several commands share. The lists of names behind them are looked up when asked for."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from autoscaler.core.cost import Prices

WORKLOAD, DECIDING, SPAN, SIMULATION = "Workload", "Who decides, on what", "Which part", "Simulation"

Format = Literal["table", "json"]
AnyFormat = Literal["table", "json", "yaml"]
WideFormat = Literal["table", "wide", "json", "yaml"]


def complete_policies(incomplete: str) -> list[str]:
    """Registered policies that begin like this."""
    from autoscaler.documents.presets import preset_names
    from autoscaler.registry import policy_names

    return [name for name in (*policy_names(), *preset_names()) if name.startswith(incomplete)]


def complete_clusters(incomplete: str) -> list[str]:
    """Cluster profiles that begin like this."""
    from autoscaler.simulator.profiles import PROFILES

    return [name for name in PROFILES if name.startswith(incomplete)]


def complete_scenarios(incomplete: str) -> list[str]:
    """Scenarios that begin like this."""
    from autoscaler.simulator.scenarios import SCENARIOS

    return [name for name in SCENARIOS if name.startswith(incomplete)]


def complete_traces(incomplete: str) -> list[str]:
    """Scenarios as traces; files are the shell's business."""
    return [f"scenario:{name}" for name in complete_scenarios(incomplete.removeprefix("scenario:"))]


TraceArgument = Annotated[
    str,
    typer.Argument(
        metavar="TRACE",
        help="A CSV or CSV.gz file with a timestamp column, or scenario:NAME.",
        show_default=False,
        autocompletion=complete_traces,
    ),
]
Column = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Column of the file.", show_default="the first metric", rich_help_panel=WORKLOAD),
]
PeakAcu = Annotated[
    float | None,
    typer.Option(
        metavar="P", help="Scale the trace so that its quantile is P ACU.", rich_help_panel=WORKLOAD, show_default=False
    ),
]
Quantile = Annotated[
    float, typer.Option(metavar="Q", help="Which quantile --peak-acu means.", rich_help_panel=WORKLOAD)
]
AcuPerUnit = Annotated[
    float | None,
    typer.Option(
        metavar="F",
        help="Scale the trace by a factor instead.",
        show_default="1, the column is in ACU",
        rich_help_panel=WORKLOAD,
    ),
]
Interpolate = Annotated[
    Literal["hold", "linear"],
    typer.Option(help="The demand between two samples: the first one's, or in between.", rich_help_panel=WORKLOAD),
]
Cluster = Annotated[
    str,
    typer.Option(
        metavar="NAME_OR_FILE",
        help="A kind of cluster (see: autoscaler profiles), or a YAML file.",
        rich_help_panel=DECIDING,
        autocompletion=complete_clusters,
    ),
]
ThrottlingPrice = Annotated[
    float | None,
    typer.Option(
        metavar="L",
        help="ACU-hours worth paying to avoid one throttled ACU-hour.",
        show_default=f"the policy file's, or {Prices().throttling_price:g}",
        rich_help_panel=DECIDING,
    ),
]
MinAcu = Annotated[
    float | None,
    typer.Option(
        metavar="A",
        help="The owner's minimum; 0: it may pause.",
        show_default="the files', or 0.5",
        rich_help_panel=DECIDING,
    ),
]
MaxAcu = Annotated[
    float | None,
    typer.Option(
        metavar="B",
        help="The owner's maximum.",
        show_default="the files', or 128",
        rich_help_panel=DECIDING,
    ),
]
Start = Annotated[
    str | None, typer.Option(metavar="ISO", help="Leave out what is before.", rich_help_panel=SPAN, show_default=False)
]
End = Annotated[
    str | None,
    typer.Option(metavar="ISO", help="Leave out what begins then or later.", rich_help_panel=SPAN, show_default=False),
]
ScoreFrom = Annotated[
    str | None,
    typer.Option(
        metavar="ISO",
        help="Measure from here on; what is before warms up.",
        rich_help_panel=SPAN,
        show_default=False,
    ),
]
StepSeconds = Annotated[
    float, typer.Option(metavar="S", help="Length of a simulated step.", rich_help_panel=SIMULATION)
]
DecideSeconds = Annotated[
    float, typer.Option(metavar="S", help="How often the policy is asked.", rich_help_panel=SIMULATION)
]
ChangeSpacing = Annotated[
    float | None,
    typer.Option(
        "--change-spacing-seconds",
        metavar="S",
        help="Least time between two changes of the range.",
        show_default="the policy file's, or 300",
        rich_help_panel=SIMULATION,
    ),
]
FloorEffect = Annotated[
    Literal["immediate", "bucket"] | None,
    typer.Option(
        help="Whether a raised floor is there at once, or climbed to.",
        show_default="the cluster's, or immediate",
        rich_help_panel=SIMULATION,
    ),
]
MetricDelay = Annotated[
    float | None,
    typer.Option(
        "--metric-delay-seconds",
        metavar="S",
        help="How late samples are seen.",
        show_default="the cluster's, or 60",
        rich_help_panel=SIMULATION,
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Chance of scenarios and clusters.", rich_help_panel=SIMULATION)]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write the outputs there; made if need be.", show_default=False),
]
Output = Annotated[Format, typer.Option("--output", "-o", help="What to print.")]

AnyOutput = Annotated[AnyFormat, typer.Option("--output", "-o", help="What to print.")]
WideOutput = Annotated[WideFormat, typer.Option("--output", "-o", help="What to print; wide: with more in it.")]


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "Examples:\n\n" + "\n".join(f"  [cyan]{line}[/cyan]" for line in lines)
