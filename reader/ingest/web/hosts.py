"""The addresses of a host: whether they are public, and a connection to exactly these.

A name is looked up once for each request. A second answer could lead elsewhere, such as into the
user's own network (DNS rebinding), so the connection is made to the addresses that were checked.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    from urllib.parse import SplitResult


PORTS: Final = {"http": 80, "https": 443}
CONNECT_SECONDS: Final = 10.0


class OutOfTimeError(Exception):
    """The time limit is over."""


class Endpoint(NamedTuple):
    """An address of a host, as the resolver gives it."""

    family: int
    address: tuple[str | int | bytes, ...]
    """The IP address and port; for version 6 also flow and scope."""


class Host(NamedTuple):
    """A host that was looked up."""

    name: str
    """In ASCII; an address of version 6 has no brackets."""
    port: int
    endpoints: tuple[Endpoint, ...]
    """Empty if a proxy looks the name up."""
    is_public: bool
    """All its addresses are of the public internet."""

    def connect(self, deadline: float) -> socket.socket:
        """Return a connection to the first of its endpoints that accepts one.

        Raises `OSError` if none does, and `OutOfTimeError` after `deadline`, a time of
        `time.monotonic`.
        """
        problem: OSError | None = None
        for endpoint in self.endpoints:
            left = deadline - time.monotonic()
            if left <= 0:
                raise OutOfTimeError
            connection = socket.socket(endpoint.family, socket.SOCK_STREAM)
            try:
                connection.settimeout(min(CONNECT_SECONDS, left))
                connection.connect(endpoint.address)
            except OSError as error:
                connection.close()
                problem = problem or error
            else:
                return connection
        raise problem or OSError("the host has no address")


def look_up(parts: SplitResult, deadline: float) -> Host:
    """Return the host of an address that `parse_web_source` has checked.

    Raises `OSError` if there is no such host, and `OutOfTimeError` after `deadline`.
    """
    name = encode_host(parts.hostname or "")
    port = parts.port or PORTS[parts.scheme.lower()]
    if find_proxy(parts) and not _is_literal(name):
        return Host(name, port, (), is_public=True)
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    if time.monotonic() > deadline:
        raise OutOfTimeError
    endpoints = tuple(dict.fromkeys(Endpoint(each[0], each[4]) for each in found))
    is_public = all(_is_global(str(each.address[0])) for each in endpoints)
    return Host(name, port, endpoints, is_public)


def _is_literal(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_global(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _find_translated(address)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        if address.is_site_local:  # the library counts these as global
            return False
    return address.is_global and not address.is_multicast


def _find_translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the address of version 4 to which a gateway translates this one (RFC 6052)."""
    is_translated = address in _TRANSLATED
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if is_translated else None


_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")


def encode_host(name: str) -> str:
    """Return the name of a host in ASCII. Raises `UnicodeError` if it can't be written so."""
    return name if name.isascii() else name.encode("idna").decode("ascii")


def find_proxy(parts: SplitResult) -> str:
    """Return the proxy for an address, as `http://host:port`, from the environment."""
    host = parts.hostname or ""
    proxy = getproxies().get(parts.scheme.lower(), "")
    return "" if not proxy or proxy_bypass(host) else proxy
