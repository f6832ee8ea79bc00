"""Options that reach an AWS account without the service, by the credentials of the environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from autoscaler.errors import InvalidInput

if TYPE_CHECKING:
    from autoscaler.adapters.aurora_account import AuroraAccount

PANEL = "Without the service"

Region = Annotated[
    str | None,
    typer.Option(
        metavar="REGION",
        help="Ask AWS itself, in this region, for a cluster of this name or resource id.",
        show_default=False,
        rich_help_panel=PANEL,
    ),
]
RoleArn = Annotated[
    str | None,
    typer.Option(metavar="ARN", help="The role to take.", show_default="none", rich_help_panel=PANEL),
]
ExternalId = Annotated[
    str | None,
    typer.Option(metavar="ID", help="What the role's trust asks for.", show_default="none", rich_help_panel=PANEL),
]
EndpointUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Another endpoint, such as that of `autoscaler simulate`.",
        show_default="that of AWS",
        rich_help_panel=PANEL,
    ),
]


@asynccontextmanager
async def opened_account(
    region: str, *, role_arn: str | None, external_id: str | None, endpoint_url: str | None
) -> AsyncIterator["AuroraAccount"]:
    """An account, closed in the end.

    Raises:
        InvalidInput: that is no account.
    """
    from pydantic import ValidationError

    from autoscaler.adapters.aurora_account import AuroraAccount
    from autoscaler.registry import told
    from autoscaler.service.clock import SystemClock
    from autoscaler.service.sources.aurora_documents import AccountDocument

    given = {"region": region, "role_arn": role_arn, "external_id": external_id, "endpoint_url": endpoint_url}
    try:
        access = AccountDocument.model_validate(given).access()
    except ValidationError as problems:
        raise InvalidInput(told(problems)) from None
    account = AuroraAccount(access, now=SystemClock().now)
    try:
        yield account
    finally:
        await account.close()
