"""Fetch a page from the web, with limits on time, size and redirects.

Built on `http.client`: it needs no dependency, sends nothing of the user's, and each step can be
checked before it is taken. HTTP/2, cookies and other clients' features aren't needed for one page.
Proxies come from the environment, and certificates from the system.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from reader import __version__
from reader.errors import FetchFailed
from reader.ingest import MAX_SOURCE_BYTES
from reader.ingest.web.hosts import CONNECT_SECONDS, PORTS, OutOfTimeError, find_proxy, look_up
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reader.ingest.web.hosts import Host


TIME_LIMIT_SECONDS: Final = 30.0
"""From the first connection to the last byte, redirects included."""
MAX_REDIRECTS: Final = 10
_PIECE_BYTES: Final = 65_536
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_URL: Final = 4_000
_SAVE_ADVICE: Final = "open the page in a browser, save it, and add the file"
_STATUS_ADVICE: Final = {
    401: f"the page is for members who are logged in (401); {_SAVE_ADVICE}",
    402: f"the page must be paid for (402); {_SAVE_ADVICE}",
    403: f"the site refuses programs (403); {_SAVE_ADVICE}",
    404: "there is no such page (404); check the address",
    410: "the page was removed (410); archive.org may have a copy",
    429: f"the site has had too many requests (429); try again later, or {_SAVE_ADVICE}",
    451: f"the site may not show the page in your country (451); {_SAVE_ADVICE}",
}
_HEADERS: Final = {
    "User-Agent": f"Mozilla/5.0 (compatible; essay-reader/{__version__})",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}


class Fetched(NamedTuple):
    """What was received."""

    url: str
    """The address after all redirects."""
    data: bytes
    content_type: str = ""
    charset: str = ""
    """What the server calls the encoding."""
    etag: str = ""
    modified: str = ""
    is_unchanged: bool = False
    """The server says that the page is as it was when `etag` or `modified` was received."""


def parse_web_source(text: str) -> SplitResult:
    """Return the parts of an address that may be fetched. Raises `FetchFailed` for another."""
    name = sanitize_line(text, 200)
    url = text.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchFailed(f"{name}: this is not a valid address") from error
    if parts.scheme.lower() not in PORTS:
        raise FetchFailed(f"{name}: only addresses that begin with http:// or https:// are fetched")
    if parts.username or parts.password:
        raise FetchFailed(
            f"{name}: an address with a name or password is not fetched; leave them out"
        )
    if (
        not parts.hostname
        or port == 0
        or len(url) > _MAX_URL
        or any(c <= " " or c == "\x7f" for c in url)
    ):
        raise FetchFailed(f"{name}: this is not a valid address")
    return parts


def fetch(
    url: str,
    announce: Callable[[str], None],
    *,
    etag: str = "",
    modified: str = "",
    time_limit: float = TIME_LIMIT_SECONDS,
) -> Fetched:
    """Fetch a page. `announce` is called before each connection if its host isn't public.

    With the `etag` or `modified` of an earlier answer the server may say that nothing has
    changed. Raises `FetchFailed`; its message says what to do.
    """
    deadline = time.monotonic() + time_limit
    headers = dict(_HEADERS)
    if etag:
        headers["If-None-Match"] = etag
    if modified:
        headers["If-Modified-Since"] = modified
    announced: set[str] = set()
    was_public = False
    for _ in range(MAX_REDIRECTS + 1):
        parts = parse_web_source(url)
        name = sanitize_line(url, 200)
        with _explain_errors(name, time_limit):
            host = look_up(parts, deadline)
        if not host.is_public and was_public:
            raise FetchFailed(
                f"{name}: a page of the web leads to this address in your own network; not followed"
            )
        was_public = host.is_public
        if not host.is_public and parts.netloc not in announced:
            announced.add(parts.netloc)
            announce(f"{name} is on this computer or in your own network")
        with _explain_errors(name, time_limit):
            answer = _request(parts, host, url, headers, deadline)
        if isinstance(answer, Fetched):
            return answer
        url = answer
    raise FetchFailed(
        f"{sanitize_line(url, 200)}: more than {MAX_REDIRECTS} redirects; {_SAVE_ADVICE}"
    )


@contextlib.contextmanager
def _explain_errors(name: str, time_limit: float) -> Iterator[None]:
    """Turn the errors of a connection into one line that says what to do."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        reason = sanitize_line(error.verify_message, 100)
        raise FetchFailed(
            f"{name}: the site's certificate is not valid ({reason}); {_SAVE_ADVICE}"
        ) from error
    except (TimeoutError, OutOfTimeError) as error:
        raise FetchFailed(
            f"{name}: no full answer within {time_limit:g} seconds; try again later, or {_SAVE_ADVICE}"
        ) from error
    except socket.gaierror as error:
        raise FetchFailed(
            f"{name}: there is no such host; check the address and your connection"
        ) from error
    except ConnectionRefusedError as error:
        raise FetchFailed(f"{name}: the host refuses connections; check the address") from error
    except (
        http.client.HTTPException,
        ssl.SSLError,
        zlib.error,
        OSError,
        UnicodeError,
        ValueError,
    ) as error:
        said = error.strerror if isinstance(error, OSError) else None
        reason = sanitize_line(said or str(error) or type(error).__name__, 100)
        raise FetchFailed(
            f"{name}: the connection failed ({reason}); try again later, or {_SAVE_ADVICE}"
        ) from error


def _connect(
    parts: SplitResult, host: Host, deadline: float
) -> tuple[http.client.HTTPConnection, bool]:
    """Return a connection to the host or the proxy, and whether it is to a proxy that forwards.

    One to the host is open, but for the handshake of TLS. One to a proxy opens at the request.
    """
    is_secure = parts.scheme.lower() == "https"
    context = ssl.create_default_context() if is_secure else None
    proxy = urlsplit(find_proxy(parts))
    if not proxy.hostname:
        connection = http.client.HTTPConnection(host.name, host.port)
        connection.sock = host.connect(deadline)
        if context is not None:
            connection.sock = context.wrap_socket(
                connection.sock, server_hostname=host.name, do_handshake_on_connect=False
            )
        return connection, False
    proxy_port = proxy.port or 8080
    timeout = max(0.1, min(CONNECT_SECONDS, deadline - time.monotonic()))
    if context is None:
        return http.client.HTTPConnection(proxy.hostname, proxy_port, timeout=timeout), True
    tunnel = http.client.HTTPSConnection(
        proxy.hostname, proxy_port, timeout=timeout, context=context
    )
    tunnel.set_tunnel(host.name, host.port)
    return tunnel, False


def _request(
    parts: SplitResult, host: Host, url: str, headers: dict[str, str], deadline: float
) -> Fetched | str:
    """Return what was received, or the address to which the answer leads."""
    connection, is_forwarded = _connect(parts, host, deadline)
    watchdog = _Watchdog(connection, deadline)
    try:
        if connection.sock is None:
            connection.connect()
        watchdog.start()
        if isinstance(connection.sock, ssl.SSLSocket):
            connection.sock.do_handshake()
        path = quote(parts.path or "/", safe="%/:=&~+!$,;'@()*[]")
        query = f"?{quote(parts.query, safe='%/:=&~+!$,;@()*[]?')}" if parts.query else ""
        bracketed = f"[{host.name}]" if ":" in host.name else host.name
        authority = bracketed if parts.port is None else f"{bracketed}:{parts.port}"
        target = f"http://{authority}{path}{query}" if is_forwarded else f"{path}{query}"
        connection.request("GET", target, headers={"Host": authority, **headers})
        with connection.getresponse() as response:
            target = (response.getheader("Location") or "").strip()
            if response.status in _REDIRECTS and target:
                return urljoin(url, target.encode("latin-1").decode("utf-8", "replace"))
            received = _receive(response, url, deadline)
        if watchdog.is_over:  # the connection was closed, which looks like the end of the page
            raise OutOfTimeError
        return received
    except (OSError, http.client.HTTPException) as error:
        if watchdog.is_over or time.monotonic() > deadline:
            raise OutOfTimeError from error
        raise
    finally:
        watchdog.stop()
        connection.close()


class _Watchdog:
    """Closes a connection when its time is over, also during a slow handshake or header."""

    def __init__(self, connection: http.client.HTTPConnection, deadline: float) -> None:
        self._connection = connection
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._close)
        self._timer.daemon = True
        self.is_over = False

    def start(self) -> None:
        """Begin to watch an open connection. It forgets its socket once it has the header."""
        self._socket = self._connection.sock
        self._timer.start()

    def stop(self) -> None:
        """End watching."""
        self._timer.cancel()

    def _close(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it was closed in the meantime
                self._socket.shutdown(socket.SHUT_RDWR)


def _receive(response: http.client.HTTPResponse, url: str, deadline: float) -> Fetched:
    name = sanitize_line(url, 200)
    etag, modified = response.getheader("ETag") or "", response.getheader("Last-Modified") or ""
    if response.status == 304:
        return Fetched(url, b"", etag=etag, modified=modified, is_unchanged=True)
    if response.status != 200:
        raise FetchFailed(f"{name}: {_explain_status(response.status)}")
    encoding = (response.getheader("Content-Encoding") or "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise FetchFailed(
            f"{name}: the answer is packed in a way that wasn't asked for ({sanitize_line(encoding, 20)}); {_SAVE_ADVICE}"
        )
    data = b"".join(_read_pieces(response, encoding, name, deadline))
    content_type = response.headers.get_content_type()
    charset = response.headers.get_param("charset")
    return Fetched(
        url, data, content_type, charset if isinstance(charset, str) else "", etag, modified
    )


def _explain_status(status: int) -> str:
    if status in _STATUS_ADVICE:
        return _STATUS_ADVICE[status]
    if status >= 500:
        return f"the site has a problem of its own ({status}); try again later"
    return f"the site answers {status} instead of the page; {_SAVE_ADVICE}"


def _read_pieces(
    response: http.client.HTTPResponse, encoding: str, name: str, deadline: float
) -> Iterator[bytes]:
    """Yield the body unpacked. Raises `FetchFailed` if it is too large."""
    unpacker = _Unpacker() if encoding and encoding != "identity" else None
    size = 0
    while piece := response.read1(_PIECE_BYTES):
        if time.monotonic() > deadline:
            raise OutOfTimeError
        for part in unpacker.unpack(piece) if unpacker is not None else [piece]:
            size += len(part)
            if size > MAX_SOURCE_BYTES:
                raise FetchFailed(
                    f"{name}: larger than {MAX_SOURCE_BYTES >> 20} MB, so it is not read"
                )
            yield part
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


class _Unpacker:
    """Unpacks gzip and deflate in pieces of limited size, whatever they unpack to."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._is_first = True

    def unpack(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                yield self._stream.decompress(data, _PIECE_BYTES)
            except zlib.error:
                if not self._is_first:
                    raise
                # some servers leave out the header
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
                yield self._stream.decompress(data, _PIECE_BYTES)
            self._is_first = False
            data = self._stream.unconsumed_tail
            if self._stream.eof and not data:
                data = self._stream.unused_data
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
                if not data.startswith((b"\x1f\x8b", b"\x78")):
                    return  # what follows a packed body means nothing
