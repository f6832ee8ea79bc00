"""How the API is reached, as the settings say it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from autoscaler.config import Document

Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")]


class ApiDocument(Document):
    """How the API is reached.

    Args:
        tls_cert, tls_key: files in PEM; both or none.
        admin_token_file: a file that holds a token for everything, beside those in the store; 32 characters or more.
        behind_tls_proxy: somebody else ends TLS in front of it, so that it may listen to others without.
        allowed_origins: sites whose pages may read answers, such as `https://grafana.example.com`; none: no other site.
        allowed_hosts: names by which it may be called; none: loopback names, and with tokens any.
        requests_per_minute: what each token may ask.
    """

    tls_cert: Path | None = None
    tls_key: Path | None = None
    admin_token_file: Path | None = None
    behind_tls_proxy: bool = False
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[Origin, ...] = ()
    requests_per_minute: Annotated[int, Field(ge=1)] = 600

    @model_validator(mode="after")
    def _both_or_none(self) -> "ApiDocument":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("TLS needs both 'tls_cert' and 'tls_key'")
        return self
