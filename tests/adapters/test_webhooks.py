"""Messages over HTTP: what arrives, how it is signed, and where none goes."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from autoscaler.adapters.sns import Topic
from autoscaler.adapters.webhooks import Slack, Webhook, is_allowed, signature, slack_text
from autoscaler.errors import NotDelivered
from autoscaler.observability.events import Event, Kind
from tests.fakes import MONDAY, ManualClock

SECRET = "canary-6f1e"
EVENT = Event(
    kind=Kind.CHANGE_FAILED, at=MONDAY, text="8 ACU <refused> & gone", cluster_id="orders", details={"floor_acu": 8.0}
)


class Receiver:
    """Takes messages, and answers what a test says."""

    def __init__(self, status: int = 200, text: str = "") -> None:
        self.status = status
        self.text = text
        self.taken: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, text=self.text, headers={"Location": "/elsewhere"})


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[URL]:
    app = web.Application()
    app.router.add_post("/{any:.*}", receiver.take)
    async with TestServer(app) as server:
        yield server.make_url("/hook")


def webhook(url: URL, *, private: bool = True, secret: str | None = SECRET) -> Webhook:
    return Webhook(url, secret=secret, private_addresses=private, now=ManualClock().now)


async def test_a_webhook_gets_the_events_and_can_check_who_sent_them() -> None:
    receiver = Receiver()
    async with receiving(receiver) as url:
        await webhook(url).send([EVENT, EVENT], delivery="d1")

    ((headers, body),) = receiver.taken
    document = json.loads(body)
    at = str(int(MONDAY.timestamp()))
    assert document["delivery"] == headers["X-Autoscaler-Delivery"] == "d1"
    assert [event["kind"] for event in document["events"]] == ["change-failed"] * 2
    assert document["events"][0]["details"] == {"floor_acu": 8.0}
    assert headers["X-Autoscaler-Timestamp"] == at
    assert headers["X-Autoscaler-Signature"] == signature(SECRET, at, body)
    assert SECRET not in body.decode() + str(headers)


async def test_without_a_secret_nothing_is_signed() -> None:
    receiver = Receiver()
    async with receiving(receiver) as url:
        await webhook(url, secret=None).send([EVENT], delivery="d1")

    assert not [name for name in receiver.taken[0][0] if name.startswith("X-Autoscaler-S")]


@pytest.mark.parametrize(("status", "again"), [(302, False), (400, False), (410, False), (429, True), (503, True)])
async def test_a_refusal_tells_whether_another_try_may_go_better(status: int, again: bool) -> None:
    receiver = Receiver(status)
    async with receiving(receiver) as url:
        with pytest.raises(NotDelivered) as refusal:
            await webhook(url).send([EVENT], delivery="d1")

    assert refusal.value.again is again
    assert str(refusal.value) == f"refused with HTTP {status}"
    assert len(receiver.taken) == 1, "a redirect is not followed"


async def test_what_cannot_be_reached_is_tried_again_and_its_address_is_not_told() -> None:
    async with receiving(Receiver()) as url:
        pass
    with pytest.raises(NotDelivered) as refusal:
        await webhook(url / "secret-path").send([EVENT], delivery="d1")

    assert refusal.value.again
    assert "secret-path" not in str(refusal.value)
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_private_addresses_need_to_be_allowed_by_number_and_by_name(host: str) -> None:
    receiver = Receiver()
    async with receiving(receiver) as url:
        with pytest.raises(NotDelivered, match="private_addresses") as refusal:
            await webhook(url.with_host(host), private=False).send([EVENT], delivery="d1")

    assert not refusal.value.again
    assert receiver.taken == []


@pytest.mark.parametrize(
    ("address", "usually", "private"),
    [
        ("93.184.215.14", True, True),
        ("10.0.0.7", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:10.0.0.7", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),  # noqa: S104
        ("224.0.0.1", False, False),
    ],
)
def test_where_messages_may_go(address: str, usually: bool, private: bool) -> None:
    """The address of a cloud's credentials is closed whatever anybody allows."""
    found = ip_address(address)
    assert (is_allowed(found, private_addresses=False), is_allowed(found, private_addresses=True)) == (usually, private)


async def test_slack_gets_text() -> None:
    receiver = Receiver()
    async with receiving(receiver) as url:
        await Slack(url, private_addresses=True).send([EVENT], delivery="d1")

    text = json.loads(receiver.taken[0][1])["text"]
    assert text == ":rotating_light: *orders* `change-failed` 8 ACU &lt;refused&gt; &amp; gone"
    assert slack_text([EVENT] * 25).splitlines()[-1] == "… and 5 more"


ANSWER = """<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId>
</PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>"""
REFUSAL = """<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>
<Code>AuthorizationError</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>"""


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.mark.usefixtures("credentials")
async def test_a_topic_gets_the_events_and_attributes_to_filter_by() -> None:
    receiver = Receiver(text=ANSWER)
    async with receiving(receiver) as url:
        topic = Topic("arn:aws:sns:eu-central-1:123456789012:ops", endpoint_url=str(url.origin()))
        await topic.send([EVENT], delivery="d1")

    sent = URL(f"/?{receiver.taken[0][1].decode()}").query
    assert sent["TopicArn"].endswith(":ops")
    assert sent["Subject"] == "[error] orders: change-failed"
    assert json.loads(sent["Message"])["events"][0]["cluster_id"] == "orders"
    assert {sent[f"MessageAttributes.entry.{n}.Value.StringValue"] for n in (1, 2, 3)} == {
        "change-failed",
        "error",
        "orders",
    }


@pytest.mark.usefixtures("credentials")
async def test_what_sns_refuses_for_good_is_not_tried_again() -> None:
    async with receiving(Receiver(403, REFUSAL)) as url:
        topic = Topic("arn:aws:sns:eu-central-1:123456789012:ops", endpoint_url=str(url.origin()))
        with pytest.raises(NotDelivered, match="SNS refused: AuthorizationError") as refusal:
            await topic.send([EVENT], delivery="d1")

    assert not refusal.value.again
