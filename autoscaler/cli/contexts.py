"""The file with the services that somebody operates."""

from collections.abc import Mapping

from autoscaler.config import Document


class ContextDocument(Document):
    """One service; the token itself stays in a file of its own."""

    url: str
    token_file: str | None = None
    ca_file: str | None = None


class ContextsDocument(Document):
    """All of them, and the one that is meant when none is named."""

    current: str | None = None
    contexts: Mapping[str, ContextDocument] = {}
