"""Secrets come from files or the environment, so that no settings file, no command line and no log holds one."""

import hmac
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from autoscaler.config import read_document
from autoscaler.errors import InvalidInput
from autoscaler.service.more_clusters import read_clusters
from autoscaler.service.settings import DEFAULT_DATABASE, ServiceSettings

DATABASE_VARIABLE = "AUTOSCALER_DATABASE"
# 128 random bits in hexadecimal digits; shorter ones can be guessed.
SHORTEST_TOKEN = 32


def read_settings(path: Path, environ: Mapping[str, str] = os.environ) -> ServiceSettings:
    """The settings in a file, with the clusters of other files, and the database that the environment or a file names.

    Raises:
        InvalidInput: a file cannot be read or used.
    """
    settings = read_document(path, ServiceSettings)
    more: dict[str, object] = {}
    if url := environ.get(DATABASE_VARIABLE) or (settings.database_file and read_secret(settings.database_file)):
        more["database"] = url
    if settings.clusters_from:
        more["clusters"] = (*settings.clusters, *read_clusters(settings.clusters_from))
    try:
        return ServiceSettings.model_validate({**_given(settings), **more}) if more else settings
    except ValidationError as problems:  # told without what was given: the database's URL may hold a password
        raise InvalidInput(f"{path}: {'; '.join(_sentence(one['msg']) for one in problems.errors())}") from None


def database_url(config: Path | None, url: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """The database of a settings file, the one that is named, the environment's, or the usual one.

    Raises:
        InvalidInput: both a file and a database are named, or the file cannot be used.
    """
    if config is not None and url is not None:
        raise InvalidInput("give either --config or --database")
    if config is not None:
        return read_settings(config, environ).database
    return url or environ.get(DATABASE_VARIABLE) or DEFAULT_DATABASE


def read_secret(path: Path) -> str:
    """What a file holds, without the newline at its end.

    Raises:
        InvalidInput: it cannot be read, or is empty; the message never tells what is in it.
    """
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is no text"
        raise InvalidInput(f"cannot read the secret in {path}: {reason}") from None
    if not secret:
        raise InvalidInput(f"the secret file {path} is empty")
    return secret


class SecretToken:
    """An administrator's token in a file, such as a mounted secret: a new one there counts from the next request on."""

    def __init__(self, path: Path) -> None:
        """Look at it once, so that a mistake shows at the start.

        Raises:
            InvalidInput: the file cannot be read, or holds a token that is too short.
        """
        self._path = path
        self._read()

    def is_it(self, text: str) -> bool:
        """Whether this is the token; a file that cannot be read any more opens nothing."""
        try:
            return hmac.compare_digest(_hashed(text), _hashed(self._read()))
        except InvalidInput:
            return False

    def _read(self) -> str:
        token = read_secret(self._path)
        if len(token) < SHORTEST_TOKEN:
            raise InvalidInput(f"the token in {self._path} has {len(token)} characters; give {SHORTEST_TOKEN} or more")
        return token


def _hashed(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")


def _given(settings: ServiceSettings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.model_fields_set}
