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
    if not is_loopback(host):
        raise InvalidInput(
            f"the host '{host}' is no loopback address, and no access tokens are asked for, so that everybody who"
            f" reached the service could steer it; use {LOOPBACK}, ::1 or {LOCALHOST}, or leave out --open-on-loopback"
        )
    return LOOPBACK if host == LOCALHOST else host


def safe_address(host: str, *, safe: bool) -> str:
    """The address to listen on where tokens are asked for: others are heard only where nobody reads along.

    Raises:
        InvalidInput: tokens would cross the network in the clear.
    """
    if is_loopback(host):
        return loopback_address(host)
    if not safe:
        raise InvalidInput(
            f"the host '{host}' is no loopback address, and there is no TLS, so that tokens could be read on their"
            " way; set api.tls_cert and api.tls_key, or --behind-tls-proxy where somebody else ends TLS"
        )
    return host


@lru_cache(maxsize=64)
def names_loopback(host_header: str) -> bool:
    """Whether a Host header, with or without a port, names this machine."""
    return is_loopback(name_of(host_header))


def name_of(host_header: str) -> str:
    """A Host header without its port."""
    host = host_header.lower()
    return host[1 : host.find("]")] if host.startswith("[") else host.split(":")[0]


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    try:
        return host == LOCALHOST or ip_address(host).is_loopback
    except ValueError:
        return False
