"""`autoscaler notify`: whether those who shall be told of events can be reached."""

from pathlib import Path
from typing import Annotated

import typer

from autoscaler.cli.options import examples

EXAMPLES = examples("autoscaler notify test on-call --config fleet.yaml")

notify = typer.Typer(help="Those who are told of events.", epilog=EXAMPLES, no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(notify, name="notify")


@notify.callback()
def _group() -> None:
    """Those who are told of events."""


@notify.command(epilog=EXAMPLES)
def test(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="Its name under notify.", show_default=False)],
    config: Annotated[Path, typer.Option(metavar="FILE", help="The settings of the service.", show_default=False)],
) -> None:
    """Send one test event from here, whatever the target wants to hear of; its secrets must be here, too."""
    from asyncio import run
    from uuid import uuid4

    from autoscaler.config import read_document
    from autoscaler.errors import NotDelivered, ServiceError, UnknownName
    from autoscaler.observability.events import Event, Kind
    from autoscaler.service.clock import SystemClock
    from autoscaler.service.notifying import make_messenger
    from autoscaler.service.settings import ServiceSettings

    documents = {one.name: one for one in read_document(config, ServiceSettings).notify}
    if target not in documents:
        raise UnknownName("notification target", target, documents)
    event = Event(kind=Kind.TEST, at=SystemClock().now(), text="this is a test; nothing has happened")
    try:
        run(make_messenger(documents[target]).send([event], delivery=uuid4().hex))
    except NotDelivered as problem:
        raise ServiceError(f"{target} was not told: {problem}") from None
    print(f"{target} was told")
