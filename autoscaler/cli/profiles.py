"""`autoscaler profiles`: the kinds of clusters that can be simulated."""

from dataclasses import fields, is_dataclass
from typing import Annotated

import typer

from autoscaler.cli.options import Output, complete_clusters, examples

EXAMPLES = examples("autoscaler profiles", "autoscaler profiles show aurora-v2")
FILE_HINT = """
A file for --cluster (all may be left out); overrides are what is listed above:

  profile: {name}
  overrides: {{caching: {{working_set_gib: 24}}, connecting: {{idle: 20}}}}
  limits: {{min_acu: 0.5, max_acu: 32}}
  readers: [0, 2]        # a promotion tier for each reader
  reader_share: 0.3"""

profiles = typer.Typer(help="The kinds of clusters that can be simulated.", epilog=EXAMPLES)


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(profiles, name="profiles")


@profiles.callback(invoke_without_command=True)
def start(context: typer.Context, output: Output = "table") -> None:
    """List the kinds of clusters for --cluster."""
    if context.invoked_subcommand is not None:
        return
    from autoscaler.cli.show import new_table, print_json, stdout
    from autoscaler.core.plain import to_plain
    from autoscaler.simulator.profiles import PROFILES

    if output == "json":
        print_json([to_plain(profile) for profile in PROFILES.values()])
        return
    table = new_table("name", "what it is", "grain", numbers=("grain",))
    for profile in PROFILES.values():
        table.add_row(profile.name, profile.title, f"{profile.step_acu:g} ACU")
    stdout().print(table)
    print("\nMore of one: autoscaler profiles show NAME")


@profiles.command(epilog=EXAMPLES)
def show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", show_default=False, help="A kind.", autocompletion=complete_clusters),
    ],
    output: Output = "table",
) -> None:
    """Print every number of a kind of cluster; a cluster file may override them."""
    from autoscaler.cli.show import print_json, stdout
    from autoscaler.core.plain import to_plain
    from autoscaler.simulator.profiles import find_profile

    profile = find_profile(name)
    if output == "json":
        print_json(to_plain(profile))
        return
    console = stdout()
    console.print(f"[bold]{name}[/bold]: {profile.title}\n")
    for item in fields(profile):
        value = getattr(profile, item.name)
        if is_dataclass(value) and not isinstance(value, type):
            console.print(f"[cyan]{item.name}[/cyan]  ({type(value).__name__})")
            for inner in fields(value):
                console.print(f"  {inner.name:<32} {getattr(value, inner.name)}", markup=False)
        elif item.name not in ("name", "title"):
            console.print(f"{item.name:<34} {value}", markup=False)
    console.print(FILE_HINT.format(name=name), markup=False)
