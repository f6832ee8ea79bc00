"""Which hosts are this machine's own: without tokens nobody else may come."""

from functools import lru_cache
from ipaddress import ip_address

from autoscaler.errors import InvalidInput

LOOPBACK = "127.0.0.1"
LOCALHOST = "localhost"


def loopback_address(host: str) -> str:
    """The address to listen on. No name is looked up, for it might lead elsewhere.

    Raises:
        InvalidInput: it is no loopback address.
    """
    if not _is_loopback(host):
        raise InvalidInput(
            f"the host '{host}' is no loopback address, and there are no access tokens yet, so that everybody who"
            f" reached the service could read it; use {LOOPBACK}, ::1 or {LOCALHOST}"
        )
    return LOOPBACK if host == LOCALHOST else host


@lru_cache(maxsize=64)
def names_loopback(host_header: str) -> bool:
    """Whether a Host header, with or without a port, names this machine."""
    host = host_header.lower()
    return _is_loopback(host[1 : host.find("]")] if host.startswith("[") else host.split(":")[0])


def _is_loopback(host: str) -> bool:
    try:
        return host == LOCALHOST or ip_address(host).is_loopback
    except ValueError:
        return False
