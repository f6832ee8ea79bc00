"""The file with the services that somebody operates."""

from collections.abc import Mapping
from pathlib import Path

from autoscaler.config import Document, read_document


class ContextDocument(Document):
    """One service; the token itself stays in a file of its own."""

    url: str
    token_file: str | None = None
    ca_file: str | None = None


class ContextsDocument(Document):
    """All of them, and the one that is meant when none is named."""

    current: str | None = None
    contexts: Mapping[str, ContextDocument] = {}


def read_contexts(file: Path) -> ContextsDocument:
    """What the file says; nothing when there is none.

    Raises:
        InvalidInput: it cannot be read, or is not valid.
    """
    return read_document(file, ContextsDocument) if file.exists() else ContextsDocument()


def write_contexts(file: Path, document: ContextsDocument) -> None:
    """Replace the file, whole or not at all."""
    import yaml

    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(file.name + ".new")
    new.write_text(yaml.safe_dump(document.model_dump(mode="json", exclude_none=True), sort_keys=False), "utf-8")
    new.replace(file)
