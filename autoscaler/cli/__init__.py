"""The command line. Whatever takes long to import is imported by the command that needs it."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from autoscaler import __version__
from autoscaler.cli import (
    backtest,
    backtests,
    clusters,
    compare,
    context_file,
    db,
    doctor,
    events,
    experiment,
    fidelity,
    local,
    notify,
    pauses,
    policies,
    profiles,
    reasons,
    recommend,
    registering,
    savings,
    scenarios,
    service,
    simulate,
    steering,
    tokens,
    trace_import,
)
from autoscaler.errors import AccessDenied, AutoscalerError, ServiceError

USED_WRONGLY = 2  # also for whatever a user gave that cannot be used
BROKEN = 1
NOT_ALLOWED = 3
PIPE_CLOSED = 141  # what a shell says of a process whose reader went away

app = typer.Typer(
    name="autoscaler",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
backtest.add_to(app)
backtests.add_to(app)
compare.add_to(app)
recommend.add_to(app)
scenarios.add_to(app)
policies.add_to(app)
profiles.add_to(app)
service.add_to(app)
tokens.add_to(app)
context_file.add_to(app)
clusters.add_to(app)
registering.add_to(app)
reasons.add_to(app)
savings.add_to(app)
pauses.add_to(app)
steering.add_to(app)
events.add_to(app)
notify.add_to(app)
db.add_to(app)
simulate.add_to(app)
local.add_to(app)
trace_import.add_to(app)
doctor.add_to(app)
fidelity.add_to(app)
experiment.add_to(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code.

    0: done. 1: something failed that should not, or the service cannot be reached. 2: what was given cannot be
    used. 3: the token is not good for it. 4: a replay came out otherwise. 5: a plan or a difference of policies is
    not empty. 6: a plan is over its budget. 130: interrupted.
    """
    try:
        code = app(arguments, prog_name="autoscaler", standalone_mode=False)
        sys.stdout.flush()
    except ServiceError as problem:
        return _fail(_told(problem), BROKEN)
    except AccessDenied as problem:
        return _fail(_told(problem), NOT_ALLOWED)
    except (AutoscalerError, typer.TyperException) as problem:
        return _fail(_told(problem), USED_WRONGLY)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to complain at exit
        return PIPE_CLOSED
    except OSError as problem:
        return _fail(str(problem), BROKEN)
    return code if isinstance(code, int) else 0


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Keeps serverless database clusters at the right size: live, and in backtests, by the same decisions."""
    if version:
        print(f"autoscaler {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def _told(problem: Exception) -> str:
    if not isinstance(problem, typer.TyperException):
        return " ".join(str(problem).split())
    text = problem.format_message().replace("Value error, ", "")
    command = getattr(getattr(problem, "ctx", None), "command_path", None)  # known when it was used wrongly
    hint = f" See: {command} --help" if command else ""
    return " ".join(f"{text.rstrip('.')}.{hint}".split())


def _fail(message: str, code: int) -> int:
    print(f"autoscaler: {message}", file=sys.stderr)
    return code
