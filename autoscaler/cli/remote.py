"""The service as its operators reach it: address and token from options, environment or a context file."""

import asyncio
import json
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autoscaler.errors import AccessDenied, AutoscalerError, InvalidInput, NotThere, ServiceError, UnknownName

if TYPE_CHECKING:
    from aiohttp import ClientResponse

DEFAULT_URL = "http://127.0.0.1:8080"
LONGEST_SECONDS = 30.0
PANEL = "Which service"

Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="AUTOSCALER_URL",
        help="Where the service is.",
        show_default=f"the context's, or {DEFAULT_URL}",
        rich_help_panel=PANEL,
    ),
]
ContextName = Annotated[
    str | None,
    typer.Option(
        "--context",
        metavar="NAME",
        envvar="AUTOSCALER_CONTEXT",
        help="An entry of the context file.",
        show_default="its current one",
        rich_help_panel=PANEL,
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="AUTOSCALER_TOKEN_FILE",
        help="A file with the token; AUTOSCALER_TOKEN in the environment comes first.",
        show_default="the context's",
        rich_help_panel=PANEL,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the service answered."""

    document: Any
    text: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A service; ``token`` empty: none is sent."""

    url: str
    token: str = ""
    ca_file: Path | None = None

    def get(self, path: str) -> Any:  # noqa: ANN401 - a JSON document
        """What is there."""
        return self.ask("GET", path).document

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """One request.

        Raises:
            ServiceError: it cannot be reached, or made a mistake.
            AccessDenied: the token is not good for it.
            NotThere: there is nothing at that path.
            InvalidInput: the service refuses what was asked; the message is the service's.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.run(self._ask(method, path, body, named))

    async def _ask(self, method: str, path: str, body: object, headers: dict[str, str]) -> Reply:
        import aiohttp

        headers = {**headers, **self.authorization}
        timeout = aiohttp.ClientTimeout(total=LONGEST_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.request(method, self.url + path, json=body, ssl=self.trusted, allow_redirects=False) as answer,
            ):
                return await _reply(answer)
        except (aiohttp.ClientError, TimeoutError) as problem:
            told = str(problem) or type(problem).__name__
            raise ServiceError(f"no answer from {self.url}: {told}; is it running, is the URL right?") from None

    @property
    def authorization(self) -> dict[str, str]:
        """The header that shows the token, if there is one."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    @property
    def trusted(self) -> ssl.SSLContext | bool:
        """Whose certificates are believed."""
        return True if self.ca_file is None else ssl.create_default_context(cafile=self.ca_file)


def find_remote(url: str | None, context: str | None, token_file: Path | None) -> Remote:
    """The service that options, environment and context file name, in that order.

    Raises:
        InvalidInput: something is missing or cannot be read, or the token would be sent where others can read it.
    """
    known = _context(context)
    address = (url or known.get("url") or DEFAULT_URL).rstrip("/")
    file = token_file or known.get("token_file")
    token = os.environ.get("AUTOSCALER_TOKEN", "").strip() or (_token(Path(file)) if file else "")
    check_address(address, token=token)
    ca_file = known.get("ca_file")
    return Remote(url=address, token=token, ca_file=Path(ca_file).expanduser() if ca_file else None)


def context_file() -> Path:
    """Where contexts are kept."""
    named = os.environ.get("AUTOSCALER_CONTEXTS")
    base = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    return Path(named) if named else base / "autoscaler" / "contexts.yaml"


def _context(name: str | None) -> dict[str, str]:
    file = context_file()
    if name is None and not file.is_file():
        return {}
    from autoscaler.cli.contexts import ContextsDocument
    from autoscaler.config import read_document

    document = read_document(file, ContextsDocument)
    wanted = name or document.current
    if wanted is None:
        return {}
    if wanted not in document.contexts:
        raise UnknownName("context", wanted, document.contexts)
    return document.contexts[wanted].model_dump(exclude_none=True)


def _token(file: Path) -> str:
    try:
        return file.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidInput(f"no token can be read from {file}: {problem}") from None


def check_address(address: str, *, token: str) -> None:
    """Whether a service can be asked there.

    Raises:
        InvalidInput: it is no address, holds a password, or the token would be sent where others can read it.
    """
    from yarl import URL

    from autoscaler.api.loopback import is_loopback

    try:
        parsed = URL(address)
    except ValueError:
        parsed = URL()
    host = parsed.host
    if host is None or parsed.scheme not in ("http", "https"):
        raise InvalidInput(f"'{address}' is no address of a service; give one such as {DEFAULT_URL}")
    if parsed.user or parsed.password:
        raise InvalidInput("the URL holds a user or a password; put the token into a file or AUTOSCALER_TOKEN")
    if token and parsed.scheme == "http" and not is_loopback(host):
        raise InvalidInput(f"{host} is not this machine, and over http everybody could read the token; use https")


async def _reply(answer: "ClientResponse") -> Reply:
    if answer.status >= 300:
        raise await refused(answer)
    text = await answer.text()
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    return Reply(document=document, text=text, etag=answer.headers.get("ETag", ""))


async def refused(answer: "ClientResponse") -> AutoscalerError:
    """What an answer that is none tells."""
    try:
        document = await answer.json(content_type=None)
    except ValueError:
        document = None
    detail = document.get("detail") if isinstance(document, dict) else None
    told = f"{detail or answer.reason} (HTTP {answer.status}, request {answer.headers.get('X-Request-Id', 'unknown')})"
    if answer.status in (401, 403):
        return AccessDenied(told)
    if answer.status >= 500 or answer.status < 400 or answer.status == 429:
        return ServiceError(told)
    return NotThere(told) if answer.status == 404 else InvalidInput(told)
