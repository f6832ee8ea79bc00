"""Policy documents that come over the network: read, checked, and tried on clusters."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from autoscaler.config import PolicyDocument, policy_from
from autoscaler.documents.source import Source, parse, plain
from autoscaler.errors import InvalidInput
from autoscaler.service.configured import configured
from autoscaler.service.settings import ClusterSettings


async def read_policy(name: str, text: str) -> dict[str, Any]:
    """A document as it is stored, after a check; beside the event loop, for calendars may take a while.

    Raises:
        InvalidDocument: with every mistake.
    """
    return await asyncio.to_thread(_read, name, text)


def parse_policy(name: str, text: str) -> tuple[Source, PolicyDocument]:
    """What a document says, and the policy it describes.

    Raises:
        InvalidDocument: with every mistake.
    """
    source = parse(text.replace("\t", " "), file=name, folder=None)
    return source, policy_from(source).model_copy(update={"name": name})


def misfits(name: str, content: Mapping[str, Any], clusters: Iterable[ClusterSettings]) -> list[str]:
    """For which clusters a policy cannot be used, and why."""
    document = policy_from(Source(file=name, folder=None, content=dict(content)))
    found = []
    for one in clusters:
        try:
            configured(one, document, None)
        except InvalidInput as problem:
            found.append(f"policy {name} cannot be used for cluster {one.id}: {problem}")
    return found


def _read(name: str, text: str) -> dict[str, Any]:
    source, document = parse_policy(name, text)
    document.with_forecaster()
    return dict(plain(source.content))
