"""A web server on this computer for tests, whose answers each test writes."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Answer(NamedTuple):
    """What the server sends for a path."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {"Content-Type": "text/html"}
    stream: Callable[[Callable[[bytes], object], threading.Event], None] | None = None
    """Writes the body piece by piece, until the event says that the test is over."""


class WebServer:
    """A running server."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        """The path and headers of each request."""
        self._over = threading.Event()
        requests, over = self.requests, self._over

        class Handler(BaseHTTPRequestHandler):
            """Answers from the table."""

            def do_GET(self) -> None:
                requests.append((self.path, dict(self.headers.items())))
                answer = answers.get(self.path, Answer(b"", 404))
                if answer.headers.get("ETag") == self.headers.get("If-None-Match", "none"):
                    answer = Answer(b"", 304)
                with contextlib.suppress(OSError):  # the client may have gone
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    if answer.stream is None and "Content-Length" not in answer.headers:
                        self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                    if answer.stream is not None:
                        answer.stream(self.wfile.write, over)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def serve(answers: Mapping[str, Answer]) -> Iterator[WebServer]:
    """Run a server with these answers, by their paths."""
    server = WebServer(answers)
    server.start()
    try:
        yield server
    finally:
        server.stop()
