"""`autoscaler local`: a PostgreSQL on this machine as a serverless cluster, to work with or to watch."""

from pathlib import Path
from typing import Annotated

import typer

from autoscaler.cli.options import Format, complete_policies, examples

EXAMPLES = examples(
    "autoscaler local up",
    "autoscaler local up --data /var/lib/lab --port 6000 --max-acu 4 --pause-after 30",
    "autoscaler local demo --chart demo.svg",
    "autoscaler local demo --seconds 30 -o json",
)
NEEDS = """

It needs Linux, the Debian packages postgresql and pgbouncer, and the right to make cgroups (root has it)."""
DEFAULT_PORT = 6543

local = typer.Typer(
    help="A PostgreSQL on this machine that is sized, paused and woken like a serverless cluster.",
    epilog=EXAMPLES + NEEDS,
    no_args_is_help=True,
)

MinAcu = Annotated[float, typer.Option(metavar="ACU", help="The least size while awake.")]
MaxAcu = Annotated[
    float | None, typer.Option(metavar="ACU", help="The largest size.", show_default="the whole machine, 16 at most")
]
Cpus = Annotated[float, typer.Option(metavar="N", help="Processors an ACU.")]
Memory = Annotated[float, typer.Option(metavar="MIB", help="Memory an ACU; most of it caches pages.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(local, name="local")


@local.command(epilog=EXAMPLES + NEEDS)
def up(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Where it keeps its data; made when it is missing.")] = Path(
        ".autoscaler/local"
    ),
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65535, help="Where clients connect, at 127.0.0.1.")
    ] = DEFAULT_PORT,
    min_acu: MinAcu = 0.5,
    max_acu: MaxAcu = None,
    pause_after: Annotated[
        int, typer.Option(metavar="SECONDS", min=0, help="Pause after so long without a transaction; 0: never.")
    ] = 300,
    policy: Annotated[
        str,
        typer.Option(
            metavar="NAME_OR_FILE", help="Who moves the range within these bounds.", autocompletion=complete_policies
        ),
    ] = "native",
    cpus_per_acu: Cpus = 0.25,
    memory_per_acu: Memory = 512.0,
    page_port: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, max=65535, help="The page and the API.", show_default="8080, or a free one"),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(metavar="N", min=0, help="End by itself after so long.", show_default="until Ctrl-C"),
    ] = None,
) -> None:
    """Start a cluster, print how to connect, size it until Ctrl-C; then everything stops and the data stays."""
    from asyncio import run

    from autoscaler.cli.local_fleet import Wish
    from autoscaler.cli.local_life import stay_up
    from autoscaler.observability.logs import LogStyle, configure_logging

    configure_logging(style=LogStyle.CONSOLE, level="warning")
    wish = Wish(
        folder=data,
        port=port,
        min_acu=min_acu,
        max_acu=max_acu,
        pause_after_seconds=pause_after,
        policy=policy,
        cpus_per_acu=cpus_per_acu,
        memory_mib_per_acu=memory_per_acu,
    )
    run(stay_up(wish, page_port=page_port, seconds=seconds))


@local.command(epilog=EXAMPLES + NEEDS)
def demo(
    seconds: Annotated[
        float,
        typer.Option(metavar="N", min=20, max=3600, help="How long it is driven; some 20 seconds come on top."),
    ] = 90.0,
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw capacity against load here (SVG).", show_default="none")
    ] = None,
    output: Annotated[Format, typer.Option("--output", "-o", help="How the result is shown.")] = "table",
) -> None:
    """Drive a cluster of its own with pgbench: capacity follows the load, it pauses, and a connection wakes it."""
    from asyncio import run

    from autoscaler.cli.local_demo import show_local_demo
    from autoscaler.observability.logs import LogStyle, configure_logging

    configure_logging(style=LogStyle.CONSOLE, level="error")
    run(show_local_demo(seconds=seconds, chart=chart, output=output))
