"""`autoscaler policies`: what may decide, and with which settings."""

import re
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Annotated, Any

import typer

from autoscaler.cli import policy_files, policy_orders, policy_service
from autoscaler.cli.options import Output, complete_policies, examples
from autoscaler.errors import InvalidInput, UnknownName

EXAMPLES = examples(
    "autoscaler policies", "autoscaler policies show reactive", "autoscaler policies show seasonal-naive"
)
FILE_HINT = """
A file for --policy (all but 'policy' may be left out):

  policy: {name}
  settings: {{{settings}}}
  rules: {{shrink_wait_seconds: 600}}
  limits: {{min_acu: 0.5, max_acu: 32}}
  throttling_price: 20"""
MOST_SHOWN = 60

policies = typer.Typer(help="Policies, their documents, and those that a running service keeps.", epilog=EXAMPLES)


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    policy_files.add_to(policies)
    policy_service.add_to(policies)
    policy_orders.add_to(policies)
    app.add_typer(policies, name="policies")
    app.add_typer(policies, name="policy", hidden=True)  # what many type


@policies.callback(invoke_without_command=True)
def start(context: typer.Context, output: Output = "table") -> None:
    """List the policies for --policy, and the forecasters that a predictive one may use."""
    if context.invoked_subcommand is not None:
        return
    from autoscaler.cli.show import new_table, print_json, stdout

    documents = [*_documents("policy"), *_presets(), *_documents("forecaster")]
    if output == "json":
        print_json(documents)
        return
    for kind, title in (("policy", "Policies"), ("preset", "Presets"), ("forecaster", "Forecasters")):
        table = new_table("name", "what it does", "settings", title=title)
        for document in documents:
            if document["kind"] == kind:
                table.add_row(document["name"], document["title"], ", ".join(document["settings"]) or "none")
        stdout().print(table, "")
    print("More of one: autoscaler policies show NAME")


@policies.command(epilog=EXAMPLES)
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            show_default=False,
            help="A policy, a preset or a forecaster.",
            autocompletion=complete_policies,
        ),
    ],
    output: Output = "table",
) -> None:
    """Explain a policy or a forecaster and each of its settings, or print a preset."""
    from autoscaler.cli.show import new_table, print_json, stdout
    from autoscaler.documents.presets import preset_text

    kinds = (*_documents("forecaster"), *_presets(), *_documents("policy"))
    known = {document["name"]: document for document in kinds}
    if name not in known:
        raise UnknownName("policy or forecaster", name, known)
    document = known[name]
    if output == "json":
        print_json(document)
        return
    if document["kind"] == "preset":
        print(preset_text(name), end="")
        return
    console = stdout()
    console.print(f"[bold]{name}[/bold]: {document['title']}\n")
    if document["description"]:
        console.print(document["description"] + "\n", markup=False)
    table = new_table("setting", "default", "meaning")
    for setting, told in document["settings"].items():
        table.add_row(setting, told["default"], told["meaning"])
    console.print(table if document["settings"] else "It has no settings.")
    if document["kind"] == "policy":
        settings = ", ".join(
            f"{setting}: {told['default']}"
            for setting, told in document["settings"].items()
            if _is_simple(told["default"])
        )
        console.print(FILE_HINT.format(name=name, settings=settings), markup=False, soft_wrap=True)


def _documents(kind: str) -> list[dict[str, Any]]:
    from autoscaler.registry import FORECASTERS, POLICIES, find_class, forecaster_names, policy_names

    group, names = (POLICIES, policy_names()) if kind == "policy" else (FORECASTERS, forecaster_names())
    documents = []
    for name in names:
        try:
            documents.append(_document(kind, name, find_class(group, kind, name)))
        except InvalidInput as problem:  # somebody's broken plug-in hides none of the others
            documents.append({"kind": kind, "name": name, "title": str(problem), "description": "", "settings": {}})
    return documents


def _presets() -> list[dict[str, Any]]:
    from autoscaler.documents.presets import preset_header, preset_names

    documents = []
    for name in preset_names():
        title, _, description = preset_header(name).partition("\n\n")
        told = {"title": " ".join(title.split()), "description": " ".join(description.split())}
        documents.append({"kind": "preset", "name": name, **told, "settings": {}})
    return documents


def _document(kind: str, name: str, found: type[Any]) -> dict[str, Any]:
    from autoscaler.documents.explained import explained

    told = explained(found)
    settings = {
        item.name: {"default": _default(item), "meaning": told.settings.get(item.name, "")}
        for item in (fields(found) if is_dataclass(found) else ())
        if item.init
    }
    return {"kind": kind, "name": name, "title": told.title, "description": told.description, "settings": settings}


def _default(item: Field[Any]) -> str:
    value = item.default_factory() if item.default_factory is not MISSING else item.default
    if value is MISSING:
        return "(to be given)"
    if value is None or value == ():
        return "none"
    told = _shown(value)
    return told if len(told) <= MOST_SHOWN else f"{told[: MOST_SHOWN - 1]}…"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else repr(value) if is_dataclass(value) else str(value)


def _is_simple(default: str) -> bool:
    return re.fullmatch(r"[\w.+-]+", default) is not None and default != "none"
