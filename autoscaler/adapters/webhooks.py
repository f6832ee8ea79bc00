"""Messages over HTTP: signed webhooks, and those of Slack and alike. No error tells a URL, for it may be a secret."""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import AF_UNSPEC, AddressFamily
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from autoscaler import __version__
from autoscaler.errors import NotDelivered
from autoscaler.observability.events import Event, Severity

TIMEOUT_SECONDS = 10.0
MOST_LINES = 20
MARKS = {Severity.INFO: ":information_source:", Severity.WARNING: ":warning:", Severity.ERROR: ":rotating_light:"}
# Asked again later, these may be taken; any other refusal stays one.
WORTH_ANOTHER_TRY = frozenset({408, 425, 429})


class Webhook:
    """Posts events as JSON; with a secret each message carries a time and a signature over both."""

    def __init__(self, url: URL, *, secret: str | None, private_addresses: bool, now: Callable[[], datetime]) -> None:
        self._url = url
        self._secret = secret
        self._private = private_addresses
        self._now = now

    async def send(self, events: Sequence[Event], *, delivery: str) -> None:
        """One message for all of them."""
        body = json.dumps({"delivery": delivery, "events": [event_document(event) for event in events]}).encode()
        headers = {"X-Autoscaler-Delivery": delivery, **self._signature(body)}
        await post(self._url, body, headers, private_addresses=self._private)

    def _signature(self, body: bytes) -> dict[str, str]:
        if self._secret is None:
            return {}
        at = str(int(self._now().timestamp()))
        return {"X-Autoscaler-Timestamp": at, "X-Autoscaler-Signature": signature(self._secret, at, body)}


class Slack:
    """Posts events as text that Slack, Mattermost and others show."""

    def __init__(self, url: URL, *, private_addresses: bool) -> None:
        self._url = url
        self._private = private_addresses

    async def send(self, events: Sequence[Event], *, delivery: str) -> None:
        """One message for all of them; a long one is cut short."""
        body = json.dumps({"text": slack_text(events)}).encode()
        await post(self._url, body, {}, private_addresses=self._private)


def signature(secret: str, at: str, body: bytes) -> str:
    """What a receiver computes and compares: the time is signed, too, so that no old message can be played again."""
    return "v1=" + hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def event_document(event: Event) -> dict[str, Any]:
    """An event for programs."""
    return {
        "at": event.at.isoformat(),
        "kind": event.kind.value,
        "severity": event.severity.value,
        "cluster_id": event.cluster_id or None,
        "text": event.text,
        "details": dict(event.details),
    }


def slack_text(events: Sequence[Event]) -> str:
    """A line for each event."""
    lines = [
        f"{MARKS[one.severity]} *{_escaped(one.cluster_id or 'autoscaler')}* `{one.kind}` {_escaped(one.text)}"
        for one in events[:MOST_LINES]
    ]
    more = len(events) - len(lines)
    return "\n".join([*lines, f"… and {more} more"] if more else lines)


async def post(url: URL, body: bytes, headers: dict[str, str], *, private_addresses: bool) -> None:
    """Send a message; a redirect is not followed, for it may lead anywhere.

    Raises:
        NotDelivered: it was refused, or nobody took it.
    """
    resolver = _Guarded(private_addresses=private_addresses)
    resolver.demand(url.host or "")
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/json", "User-Agent": f"autoscaler/{__version__}", **headers}
    try:
        async with (
            aiohttp.TCPConnector(resolver=resolver, force_close=True) as connector,
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        raise NotDelivered(f"no answer: {type(problem).__name__}", again=True) from None
    if status >= 300:
        raise NotDelivered(f"refused with HTTP {status}", again=status >= 500 or status in WORTH_ANOTHER_TRY)


class _Guarded(AbstractResolver):
    """Finds addresses, and none that a message must not go to: what was looked at is what is connected to."""

    def __init__(self, *, private_addresses: bool) -> None:
        self._private = private_addresses
        self._inner = aiohttp.DefaultResolver()

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            self.demand(one["host"])
        return found

    async def close(self) -> None:
        await self._inner.close()

    def demand(self, host: str) -> None:
        """Refuse an address that is none of the target's business; a name is looked at when it is resolved.

        Raises:
            NotDelivered: for good.
        """
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return
        if not is_allowed(address, private_addresses=self._private):
            raise NotDelivered(
                "its address is on this machine, link-local or private; see 'private_addresses'", again=False
            )


def is_allowed(address: IPv4Address | IPv6Address, *, private_addresses: bool) -> bool:
    """Whether a message may go there. Link-local ones never: there a cloud keeps its machines' credentials."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return private_addresses or address.is_global


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
