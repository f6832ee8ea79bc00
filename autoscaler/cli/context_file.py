"""`autoscaler contexts`: the services that somebody operates, by name."""

from pathlib import Path
from typing import Annotated

import typer

from autoscaler.cli.options import AnyOutput, examples
from autoscaler.cli.remote import check_address, context_file
from autoscaler.errors import UnknownName

EXAMPLES = examples(
    "autoscaler contexts",
    "autoscaler contexts set production --address https://scaler.example.com --token-file ~/.config/prod.token",
    "autoscaler contexts use production",
)

contexts = typer.Typer(help="The services you operate, by name; they are kept in a file.", epilog=EXAMPLES)
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="What you call the service.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(contexts, name="contexts")


@contexts.callback(invoke_without_command=True)
def start(context: typer.Context, output: AnyOutput = "table") -> None:
    """List the contexts; the one in use is marked."""
    if context.invoked_subcommand is not None:
        return
    from autoscaler.cli.contexts import read_contexts
    from autoscaler.cli.show import new_table, print_document, stdout

    document = read_contexts(context_file())
    if output != "table":
        print_document(document.model_dump(mode="json", exclude_none=True), output)
        return
    table = new_table("", "context", "address", "token file", "CA file")
    for name, one in document.contexts.items():
        mark = "*" if name == document.current else ""
        table.add_row(mark, name, one.url, one.token_file or "none", one.ca_file or "the system's")
    stdout().print(table)
    print(f"\nKept in {context_file()}.")


@contexts.command("set", epilog=EXAMPLES)
def set_context(
    name: Name,
    address: Annotated[str, typer.Option(metavar="URL", help="Where the service is.")],
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file with the token.", show_default=False)
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Who signed its certificate.", show_default="the system's")
    ] = None,
) -> None:
    """Keep a service under a name; the first one is in use from now on."""
    from autoscaler.cli.contexts import ContextDocument, read_contexts, write_contexts

    check_address(address, token="" if token_file is None else "some")
    files = {"token_file": token_file, "ca_file": ca_file}
    told = {kind: str(file.expanduser().absolute()) for kind, file in files.items() if file is not None}
    known = read_contexts(context_file())
    changed = {"contexts": {**known.contexts, name: ContextDocument(url=address, **told)}}
    write_contexts(context_file(), known.model_copy(update={**changed, "current": known.current or name}))


@contexts.command(epilog=EXAMPLES)
def use(name: Name) -> None:
    """Mean this service when none is named."""
    from autoscaler.cli.contexts import read_contexts, write_contexts

    known = read_contexts(context_file())
    if name not in known.contexts:
        raise UnknownName("context", name, known.contexts)
    write_contexts(context_file(), known.model_copy(update={"current": name}))
