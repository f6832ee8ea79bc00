"""`autoscaler backtests`: backtests that a running service carries out."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from autoscaler.cli.options import AnyOutput, examples
from autoscaler.cli.remote import ContextName, TokenFile, Url, find_remote
from autoscaler.errors import InvalidInput

PATH = "/v1/backtests"
EXAMPLES = examples(
    "autoscaler backtests run --cluster-id shop --policy preset:web-application --days 14",
    "autoscaler backtests run --scenario e-commerce --policy mine.yaml",
    "autoscaler backtests list",
    "autoscaler backtests get 12",
    "autoscaler backtests report 12 --out report.html",
    "autoscaler backtests cancel 12",
)

backtests = typer.Typer(help="Backtests that a running service carries out.", epilog=EXAMPLES, no_args_is_help=True)
BacktestId = Annotated[int, typer.Argument(metavar="ID", min=1, show_default=False, help="Its number.")]
Acu = Annotated[float | None, typer.Option(metavar="ACU", min=0, show_default="the profile's, or the policy's")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(backtests, name="backtests")


@backtests.command(epilog=EXAMPLES)
def run(
    policy: Annotated[str, typer.Option(metavar="NAME_OR_FILE", help="A policy, preset:NAME, or a file.")],
    scenario: Annotated[str | None, typer.Option(metavar="NAME", help="A generated workload.")] = None,
    cluster_id: Annotated[str | None, typer.Option(metavar="ID", help="The past of this cluster.")] = None,
    days: Annotated[int, typer.Option(min=1, max=35, help="How much of it.")] = 7,
    profile: Annotated[str, typer.Option(metavar="NAME", help="The kind of the simulated cluster.")] = "aurora-v2",
    min_acu: Acu = None,
    max_acu: Acu = None,
    seed: Annotated[int, typer.Option(min=0, help="Chance.")] = 0,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Order one; it waits for its turn, and is followed with `get`."""
    order = {
        "policy": _policy(policy),
        "scenario": scenario,
        "cluster_id": cluster_id,
        "days": days,
        "profile": profile,
        "min_acu": min_acu,
        "max_acu": max_acu,
        "seed": seed,
    }
    _print(find_remote(url, context, token_file).ask("POST", PATH, order).document, output)


@backtests.command("list", epilog=EXAMPLES)
def list_(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many of the newest.")] = 20,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """List the newest ones."""
    from autoscaler.cli.show import new_table, print_document, stdout

    found = find_remote(url, context, token_file).get(f"{PATH}?limit={limit}")["items"]
    if output != "table":
        print_document(found, output)
        return
    table = new_table("id", "state", "workload", "policy", "ACU-hours", "throttled", "who", numbers=("ACU-hours",))
    for one in found:
        summary = one["summary"] or {}
        figures = [_figure(summary, name) for name in ("acu_hours", "throttled_work_fraction")]
        table.add_row(str(one["id"]), one["state"], one["workload"], one["policy"], *figures, one["actor"])
    stdout().print(table)


@backtests.command(epilog=EXAMPLES)
def get(
    backtest: BacktestId,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Tell how far one is, or what came of it."""
    _print(find_remote(url, context, token_file).get(f"{PATH}/{backtest}"), output)


@backtests.command(epilog=EXAMPLES)
def cancel(
    backtest: BacktestId,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """End one, whether or not it has begun."""
    _print(find_remote(url, context, token_file).ask("POST", f"{PATH}/{backtest}/cancel").document, output)


@backtests.command(epilog=EXAMPLES)
def report(
    backtest: BacktestId,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the page goes.", show_default=False)],
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Write the result as a page."""
    page = find_remote(url, context, token_file).ask("GET", f"{PATH}/{backtest}/report").text
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as problem:
        raise InvalidInput(f"--out {out} cannot be written: {problem.strerror or problem}") from None
    print(out)


def _policy(name_or_file: str) -> str | dict[str, Any]:
    """A file becomes the document in it: the service reads no files of its own for others."""
    from autoscaler.config import looks_like_a_file
    from autoscaler.documents.source import read_source

    if not looks_like_a_file(name_or_file):
        return name_or_file
    content: dict[str, Any] = json.loads(json.dumps(read_source(Path(name_or_file)).content, default=str))
    return content


def _figure(summary: dict[str, Any], name: str) -> str:
    value = summary.get(name)
    return "" if value is None else f"{value:.4g}"


def _print(one: dict[str, Any], output: str) -> None:
    from autoscaler.cli.show import print_document, stdout

    if output in ("json", "yaml"):
        print_document(one, output)
        return
    summary = one["summary"] or {}
    lines = {
        "backtest": f"{one['id']}, {one['state']}" + (f": {one['error']}" if one["error"] else ""),
        "workload, policy": f"{one['workload']}, {one['policy']}",
        "progress": f"{one['progress_fraction']:.0%}" + (f", {one['doing']}" if one["doing"] else ""),
        **{name: _figure(summary, name) for name in ("acu_hours", "cost_ratio", "throttled_work_fraction") if summary},
        "report": one["report"] or "none yet",
    }
    for name, value in lines.items():
        stdout().print(f"{name:<23} {value}", markup=False, soft_wrap=True)
