"""Fetching a page: redirects, packed and endless answers, and what an error says."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from web_server import Answer, serve

from reader.errors import FetchFailed
from reader.ingest import MAX_SOURCE_BYTES
from reader.ingest.web import hosts
from reader.ingest.web.fetch import Fetched, fetch

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from urllib.parse import SplitResult

    from reader.ingest.web.hosts import Host

PAGE = b"<html><p>It had rained since Thursday.</p></html>"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)


def fetch_quietly(url: str, time_limit: float = 20.0) -> Fetched:
    return fetch(url, lambda _: None, time_limit=time_limit)


def redirect(target: str, status: int = 302) -> Answer:
    return Answer(b"", status, {"Location": target})


def pack(name: str, data: bytes) -> Answer:
    return Answer(data, headers={"Content-Encoding": name})


def test_a_page_is_fetched_with_what_its_headers_say() -> None:
    headers = {
        "Content-Type": 'text/html; charset="windows-1251"',
        "ETag": '"7"',
        "Last-Modified": "Sat, 12 Jun 2021 10:00:00 GMT",
    }
    with serve({"/a?b=c%20d": Answer(PAGE, headers=headers)}) as server:
        fetched = fetch_quietly(f"{server.url}/a?b=c%20d#place")
        sent = server.requests[0][1]
    assert fetched == Fetched(
        f"{server.url}/a?b=c%20d#place", PAGE, "text/html", "windows-1251", '"7"',
        "Sat, 12 Jun 2021 10:00:00 GMT",
    )  # fmt: skip
    assert not {"Cookie", "Authorization", "Referer"} & {*sent}


@pytest.mark.parametrize(
    "answer",
    [
        pack("gzip", gzip.compress(PAGE)),
        pack("x-gzip", gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:])),
        pack("deflate", zlib.compress(PAGE)),
        pack("deflate", zlib.compress(PAGE)[2:-4]),
        pack("gzip", gzip.compress(PAGE) + b"what follows"),
        pack("identity", PAGE),
    ],
    ids=["gzip", "two parts", "deflate", "deflate without header", "junk below", "not packed"],
)
def test_a_packed_page_is_unpacked(answer: Answer) -> None:
    with serve({"/": answer}) as server:
        assert fetch_quietly(server.url).data == PAGE


def test_redirects_are_followed_to_the_page() -> None:
    answers = {
        "/a": redirect("/b", 301),
        "/b": redirect("c?d=1", 303),
        "/c?d=1": redirect("./e", 308),
        "/e": Answer(PAGE),
    }
    with serve(answers) as server:
        fetched = fetch_quietly(f"{server.url}/a")
        assert (fetched.url, fetched.data) == (f"{server.url}/e", PAGE)


def test_an_unchanged_page_is_not_sent_again() -> None:
    with serve({"/": Answer(PAGE, headers={"ETag": '"7"'})}) as server:
        fetched = fetch(server.url, lambda _: None, etag='"7"')
    assert (fetched.is_unchanged, fetched.data) == (True, b"")


def test_an_address_that_is_not_public_is_told_before_it_is_fetched() -> None:
    told: list[tuple[str, int]] = []
    with serve({"/a": redirect("/b"), "/b": Answer(PAGE)}) as server:
        fetch(f"{server.url}/a", lambda line: told.append((line, len(server.requests))))
        message = f"{server.url}/a is on this computer or in your own network"
    assert told == [(message, 0)]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "127.1", "2130706433", "[::ffff:127.0.0.1]"],
)
def test_each_name_of_this_computer_is_told(host: str) -> None:
    told: list[str] = []
    with pytest.raises(FetchFailed):
        fetch(f"http://{host}:9/", told.append, time_limit=2)
    assert told == [f"http://{host}:9/ is on this computer or in your own network"]


SAVE = "open the page in a browser, save it, and add the file"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(status=404), "there is no such page (404); check the address"),
        (Answer(status=403), f"the site refuses programs (403); {SAVE}"),
        (Answer(status=401), f"the page is for members who are logged in (401); {SAVE}"),
        (Answer(status=402), f"the page must be paid for (402); {SAVE}"),
        (Answer(status=429), f"the site has had too many requests (429); try again later, or {SAVE}"),
        (Answer(status=503), "the site has a problem of its own (503); try again later"),
        (Answer(status=418), f"the site answers 418 instead of the page; {SAVE}"),
        (Answer(b"x", headers={"Content-Encoding": "br"}), f"the answer is packed in a way that wasn't asked for (br); {SAVE}"),
        (pack("gzip", b"not packed"), f"the connection failed (Error -3 while decompressing data: invalid block type); try again later, or {SAVE}"),
        (Answer(b"x", headers={"Content-Length": "99"}), f"the connection failed (IncompleteRead(0 bytes read, 98 more expected)); try again later, or {SAVE}"),
        (redirect("/"), f"more than 10 redirects; {SAVE}"),
    ],
)  # fmt: skip
def test_an_error_says_in_one_line_what_to_do(answer: Answer, message: str) -> None:
    with serve({"/": answer}) as server, pytest.raises(FetchFailed) as error:
        fetch_quietly(f"{server.url}/")
    assert str(error.value) == f"{server.url}/: {message}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "only addresses that begin with http:// or https:// are fetched"),
        ("ftp://x.example/a", "only addresses that begin with http:// or https:// are fetched"),
        ("javascript://x.example/%0aalert(1)", "only addresses that begin with http:// or https:// are fetched"),
        ("http://me:secret@x.example/", "an address with a name or password is not fetched; leave them out"),
        ("http://[::1", "this is not a valid address"),
        ("http://x.example:99999/", "this is not a valid address"),
        ("http://", "this is not a valid address"),
        ("http://x.example/a b", "this is not a valid address"),
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_web_are_refused(url: str, message: str) -> None:
    with pytest.raises(FetchFailed, match=message.replace("(", r"\(")):
        fetch_quietly(url)
    with serve({"/": redirect(url)}) as server, pytest.raises(FetchFailed):
        fetch_quietly(server.url)


def test_a_page_of_the_web_does_not_lead_into_the_own_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = iter([True, False])

    def look_up(parts: SplitResult, deadline: float) -> Host:
        return hosts.look_up(parts, deadline)._replace(is_public=next(found))

    monkeypatch.setattr("reader.ingest.web.fetch.look_up", look_up)
    with (
        serve({"/a": redirect("/b"), "/b": Answer(PAGE)}) as server,
        pytest.raises(FetchFailed) as error,
    ):
        fetch_quietly(f"{server.url}/a")
    assert (
        str(error.value)
        == f"{server.url}/b: a page of the web leads to this address in your own network; not followed"
    )
    assert [path for path, _ in server.requests] == ["/a"]


def write_for_ever(write: Callable[[bytes], object], over: threading.Event) -> None:
    while not over.is_set():
        write(b"<p>It had rained since Thursday.</p>" * 20_000)


def write_slowly(write: Callable[[bytes], object], over: threading.Event) -> None:
    while not over.wait(0.05):
        write(b"<")


def test_an_endless_page_is_left_at_the_limit() -> None:
    with serve({"/": Answer(stream=write_for_ever)}) as server, pytest.raises(FetchFailed) as error:
        fetch_quietly(server.url)
    assert (
        str(error.value)
        == f"{server.url}: larger than {MAX_SOURCE_BYTES >> 20} MB, so it is not read"
    )


def test_a_small_answer_does_not_unpack_to_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(MAX_SOURCE_BYTES + 100_000), 1)
    with (
        serve({"/": pack("gzip", bomb)}) as server,
        pytest.raises(FetchFailed, match="larger than 16 MB"),
    ):
        fetch_quietly(server.url)


def write_nothing(_: Callable[[bytes], object], over: threading.Event) -> None:
    over.wait(9)


@pytest.mark.parametrize("stream", [write_slowly, write_nothing])
def test_a_page_that_comes_too_slowly_is_left(
    stream: Callable[[Callable[[bytes], object], threading.Event], None],
) -> None:
    with serve({"/": Answer(stream=stream)}) as server, pytest.raises(FetchFailed) as error:
        fetch_quietly(server.url, time_limit=0.3)
    message = f"no full answer within 0.3 seconds; try again later, or {SAVE}"
    assert str(error.value) == f"{server.url}: {message}"
