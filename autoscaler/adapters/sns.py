"""Messages to a topic of Amazon SNS."""

import asyncio
import json
from collections.abc import Sequence

from autoscaler.adapters.webhooks import TIMEOUT_SECONDS, event_document
from autoscaler.errors import NotDelivered
from autoscaler.observability.events import Event, Severity

LONGEST_SUBJECT = 100
REFUSED = frozenset({"AuthorizationError", "NotFound", "InvalidParameter", "InvalidClientTokenId", "AccessDenied"})


class Topic:
    """Publishes events as JSON; credentials are those of the environment, as everywhere on AWS."""

    def __init__(self, arn: str, *, region: str | None = None, endpoint_url: str | None = None) -> None:
        """The region is the topic's own unless told."""
        self._arn = arn
        self._region = region or arn.split(":")[3]
        self._endpoint_url = endpoint_url

    async def send(self, events: Sequence[Event], *, delivery: str) -> None:
        """One message for all of them, with attributes that a subscription can filter by."""
        from aiobotocore.session import get_session
        from botocore.exceptions import BotoCoreError, ClientError

        worst = max(events, key=lambda event: list(Severity).index(event.severity))
        document = {"delivery": delivery, "events": [event_document(event) for event in events]}
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                get_session().create_client("sns", region_name=self._region, endpoint_url=self._endpoint_url) as client,
            ):
                await client.publish(
                    TopicArn=self._arn,
                    Subject=_subject(worst, len(events)),
                    Message=json.dumps(document),
                    MessageAttributes={
                        name: {"DataType": "String", "StringValue": value}
                        for name, value in {
                            "kind": worst.kind.value,
                            "severity": worst.severity.value,
                            "cluster": worst.cluster_id or "service",
                        }.items()
                    },
                )
        except ClientError as problem:
            code = problem.response.get("Error", {}).get("Code", "unknown")
            raise NotDelivered(f"SNS refused: {code}", again=code not in REFUSED) from None
        except (BotoCoreError, TimeoutError, OSError) as problem:
            raise NotDelivered(f"no answer from SNS: {type(problem).__name__}", again=True) from None


def _subject(event: Event, count: int) -> str:
    more = f" and {count - 1} more" if count > 1 else ""
    text = f"[{event.severity}] {event.cluster_id or 'autoscaler'}: {event.kind}{more}"
    return text.encode("ascii", "replace").decode()[:LONGEST_SUBJECT]
