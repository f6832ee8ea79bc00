"""How things are shown: tables for people, one JSON document for programs."""

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH_OF_FILES = 120  # where nobody's terminal ends


def print_json(document: object) -> None:
    """One document on standard output, and nothing else."""
    print(json.dumps(document, indent=2, allow_nan=False))


def print_document(document: object, output: str) -> None:
    """One document for programs, in their format."""
    if output == "json":
        print_json(document)
        return
    import yaml

    print(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), end="")


def stdout() -> "Console":
    """Where results go."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_OF_FILES
    return console


def new_table(*columns: str, numbers: Sequence[str] = (), title: str | None = None) -> "Table":
    """A table without walls; ``numbers`` names the columns that are right-aligned."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    table.show_edge = False
    for place, column in enumerate(columns):
        justify: Literal["right", "left"] = "right" if column in numbers else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=place == 0)
    return table
