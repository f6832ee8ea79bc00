"""Where notifications may go, as the operator of the service writes it, and who of them a policy wants told."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from yarl import URL

from autoscaler.documents.owners import Document
from autoscaler.errors import InvalidInput
from autoscaler.observability.events import Event, Kind, Severity

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
PATTERN = r"^[A-Za-z0-9*?._\[\]!-]{1,100}$"


class Wanted(Document):
    """Which events are told.

    Args:
        events: these kinds only; none: all.
        severity: the least severity.
    """

    events: tuple[Kind, ...] = ()
    severity: Severity = Severity.WARNING

    def wants(self, event: Event) -> bool:
        """Whether somebody asked for it."""
        return self.severity.includes(event.severity) and (not self.events or event.kind in self.events)


class NotifyDocument(Wanted):
    """A target that a policy wants told of its clusters; it is defined in the settings of the service.

    Args:
        target: the name of the target there.
    """

    target: str


class TargetDocument(Wanted):
    """Somebody who can be told. Secrets come from a file or the environment, and are nowhere else.

    Args:
        name: what policies call it.
        kind: how it is told: a signed webhook, an incoming webhook of Slack or alike, or a topic of SNS.
        everything: told of all clusters and of the service; otherwise only where a policy names it.
        url: where, of a webhook; not for a URL that is a secret, as those of Slack are.
        url_file, url_env: a file, or a variable of the environment, with the URL.
        secret_file, secret_env: the same with the key that signs webhooks.
        topic_arn, region: of an SNS topic.
        private_addresses: whether it may be on this machine or in a private network.
    """

    name: Annotated[str, Field(pattern=NAME)]
    kind: Literal["webhook", "slack", "sns"]
    everything: bool = True
    url: str | None = None
    url_file: Path | None = None
    url_env: str | None = None
    secret_file: Path | None = None
    secret_env: str | None = None
    topic_arn: str | None = None
    region: str | None = None
    private_addresses: bool = False

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        addresses = [one for one in (self.url, self.url_file, self.url_env) if one is not None]
        if self.kind == "sns":
            if self.topic_arn is None or addresses or self.secret_file or self.secret_env:
                raise ValueError("a target of kind 'sns' needs 'topic_arn', and neither a URL nor a secret")
            return self
        if len(addresses) != 1:
            raise ValueError(f"a target of kind '{self.kind}' needs one of 'url', 'url_file', 'url_env'")
        if self.topic_arn is not None or self.region is not None:
            raise ValueError(f"a target of kind '{self.kind}' has no 'topic_arn' and no 'region'")
        if self.secret_file is not None and self.secret_env is not None:
            raise ValueError("a secret comes from 'secret_file' or from 'secret_env', not from both")
        if self.kind == "slack" and (self.url is not None or self.secret_file or self.secret_env):
            raise ValueError("the URL of a 'slack' target is its secret: give it in 'url_file' or 'url_env'")
        if self.url is not None:
            checked_url(self.url, self.name)
        return self

    def read_url(self, environ: Mapping[str, str] = os.environ) -> URL:
        """Where to send.

        Raises:
            InvalidInput: there is none, or it is none; the message does not tell it, for it may be a secret.
        """
        given = self.url or _read(self.name, "url", self.url_file, self.url_env, environ) or ""
        return checked_url(given, self.name)

    def read_secret(self, environ: Mapping[str, str] = os.environ) -> str | None:
        """What signs the messages; None: they are not signed.

        Raises:
            InvalidInput: it cannot be read.
        """
        return _read(self.name, "secret", self.secret_file, self.secret_env, environ)


def checked_url(text: str, name: str) -> URL:
    """An address of HTTP without a user or a password.

    Raises:
        InvalidInput: it is none; the message does not tell it.
    """
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidInput(f"the URL of target '{name}' is no http or https address")
    if url.user or url.password:
        raise InvalidInput(f"the URL of target '{name}' holds a user or a password; use a secret instead")
    return url


def _read(name: str, what: str, file: Path | None, variable: str | None, environ: Mapping[str, str]) -> str | None:
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise InvalidInput(f"the {what} of target '{name}' cannot be read from {file}: {problem}") from None
        place = str(file)
    elif variable is not None:
        text, place = environ.get(variable, "").strip(), f"the variable {variable}"
    else:
        return None
    if not text:
        raise InvalidInput(f"the {what} of target '{name}' is empty: {place}")
    return text
