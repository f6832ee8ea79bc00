"""`autoscaler serve` and `autoscaler demo`: the live service, on Ctrl-C and SIGTERM stopped in peace (exit 0)."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from autoscaler.cli.options import examples

DEFAULT_PORT = 8080
FLEET = """

A small fleet.yaml:

  clusters:
  - id: shop
    mode: enforce        # left out: observe, nothing is changed
    policy: reactive
    workload: {scenario: e-commerce}
    cluster: {profile: aurora-v2, limits: {min_acu: 0.5, max_acu: 32}}"""
SERVE_EXAMPLES = (
    examples("autoscaler serve --config fleet.yaml", "autoscaler serve --config fleet.yaml --port 0") + FLEET
)
DEMO_EXAMPLES = examples("autoscaler demo", "autoscaler demo --seconds 30", "autoscaler demo --speed 60 --port 0")

Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen; others than this machine need TLS.")]
Port = Annotated[
    int | None,
    typer.Option(metavar="N", min=0, max=65535, help="0 takes a free one.", show_default=f"{DEFAULT_PORT}"),
]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.command("serve", epilog=SERVE_EXAMPLES)(serve)
    app.command("demo", epilog=DEMO_EXAMPLES)(demo)


def serve(
    config: Annotated[
        Path, typer.Option(metavar="FILE", help="The fleet: clusters, policies, workloads.", show_default=False)
    ],
    host: Host = "127.0.0.1",
    port: Port = None,
    open_on_loopback: Annotated[
        bool, typer.Option("--open-on-loopback", help="Ask nobody on this machine for a token; for trying it out.")
    ] = False,
    behind_tls_proxy: Annotated[
        bool, typer.Option("--behind-tls-proxy", help="Others may come without TLS: a proxy in front ends it.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            max=65535,
            help="The metrics also here, without a token, at the host of metrics.host.",
            show_default="metrics.port of the settings",
        ),
    ] = None,
    log_style: Annotated[
        Literal["json", "console"] | None,
        typer.Option(help="How log lines look, on standard error.", show_default="console on a terminal, else json"),
    ] = None,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], typer.Option(help="What is logged at least.")
    ] = "info",
) -> None:
    """Keep a fleet of clusters at the right size, until somebody stops it."""
    from asyncio import run

    from autoscaler.cli.live import Listening, serve_fleet
    from autoscaler.observability.logs import LogStyle, configure_logging
    from autoscaler.service.secrets import read_settings

    style = log_style or ("console" if sys.stderr.isatty() else "json")
    settings = read_settings(config)
    configure_logging(style=LogStyle(style), level=log_level)
    if metrics_port is not None:
        update = {"metrics": settings.metrics.model_copy(update={"port": metrics_port})}
        settings = settings.model_copy(update=update)
    listening = Listening(
        host=host,
        port=DEFAULT_PORT if port is None else port,
        open_on_loopback=open_on_loopback,
        behind_tls_proxy=behind_tls_proxy,
    )
    run(serve_fleet(settings, listening))


def demo(
    seconds: Annotated[
        float | None,
        typer.Option(metavar="N", min=0, help="End by itself after so long.", show_default="until Ctrl-C"),
    ] = None,
    speed: Annotated[
        float, typer.Option(metavar="X", min=1.1, max=3600, help="How much faster than real time.")
    ] = 300.0,
    port: Port = None,
) -> None:
    """Watch the service size eight simulated clusters, one for each use case; nothing is kept."""
    from asyncio import run

    from autoscaler.cli.live import show_demo
    from autoscaler.observability.logs import LogStyle, configure_logging

    configure_logging(style=LogStyle.CONSOLE, level="warning")
    run(show_demo(seconds=seconds, speed=speed, port=port))
