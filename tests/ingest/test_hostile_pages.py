"""Pages that lie, that are broken or that are made to take long."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

import pytest

from reader.errors import UnreadableFile
from reader.ingest.copied import read_copied
from reader.ingest.page.story import SCRIPT_NOTICE, read_page
from reader.ingest.save import write_markdown
from reader.ingest.sources import READERS, Content, read_drafts

if TYPE_CHECKING:
    from collections.abc import Callable

PROSE: Final = "It had rained since Thursday, and by Sunday even the dog had begun to look at us as if we had done it."


def make_page(body: str, head: str = "<title>Rain in the North</title>") -> bytes:
    return f"<html><head>{head}</head><body><article>{body}</article></body></html>".encode()


def read_body(page: bytes) -> str:
    return read_page(page, "https://x.example/a/").body


GROWING: Final[dict[str, Callable[[int], str]]] = {
    "nested divs": lambda n: "<div>" * n + PROSE + "</div>" * n,
    "unclosed links": lambda n: '<a href="' * n,
    "unclosed comments": lambda n: "<!-- " * n,
    "paragraphs in spans": lambda n: "<p>" + "<span>" * n + "<p>x" * n,
    "stray end tags": lambda n: "<div>" * 100 + "</b>" * n,
    "emphasis": lambda n: "<p>" + "<b>a<i>b" * n,
    "lists": lambda n: "<ul><li>a" * n,
    "cells": lambda n: "<table><tr><td>a" * n,
    "attributes": lambda n: "<p " + "x=1 " * n + ">y",
    "paragraphs": lambda n: f"<p>{PROSE}</p>" * n,
    "links": lambda n: f'<p>{PROSE} <a href="/{n}">a</a></p>' * n,
    "brackets": lambda n: "<p>" + "[" * n + "</p>",
    "a path to the page": lambda n: f"<p>{'a > ' * 34}.</p>" * n,
    "spaces in a title": lambda n: f"<meta property=og:title content='a{' ' * n * 50}b'>",
    "nested dates": lambda n: "<div class=date>x " * n,
    "scripts": lambda n: "<script>x</script><p>a" * n,
}
SCALE: Final = int(os.environ.get("READER_PAGE_SCALE", "1"))
"""How many times larger the pages are than in a run of all tests."""
SMALL: Final = 100 * SCALE


@pytest.mark.parametrize("name", GROWING)
def test_the_time_for_a_page_grows_in_step_with_its_size(name: str) -> None:
    def measure(size: int) -> float:
        began = time.process_time()
        read_page(make_page(GROWING[name](size)))
        return time.process_time() - began

    measure(20)
    assert measure(4 * SMALL) < 8 * measure(SMALL) + 0.02


def test_nested_divs_hide_no_text() -> None:
    count = 10_000 * SCALE
    page = make_page("<div>" * count + f"<p>{PROSE}</p>" + "</div>" * count)
    assert PROSE in read_body(page)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("Caf\xe9 \x93Lune\x94".encode("latin-1"), "Café “Lune”"),
        ("Кафе «Луна»".encode("cp1251"), "Кафе «Луна»"),
        ("カフェ月".encode("shift_jis"), "カフェ月"),
        ("Café “Lune”".encode(), "Café “Lune”"),
        ("Café".encode("utf-16"), "Café"),
    ],
    ids=[
        "Latin-1 is Windows-1252",
        "Cyrillic",
        "Japanese",
        "UTF-8 that is called Latin-1",
        "UTF-16",
    ],
)
def test_the_bytes_of_a_page_win_over_what_they_are_called(page: bytes, text: str) -> None:
    is_wide = page.startswith(b"\xff\xfe")
    charset = {"Кафе «Луна»": "windows-1251", "カフェ月": "shift_jis"}.get(text, "iso-8859-1")
    start, end = f"<html><meta charset={charset}><p>{PROSE}</p><p>", "</p>"
    codec = "utf-16-le" if is_wide else "ascii"
    data = page[:2] * is_wide + start.encode(codec) + page[2 * is_wide :] + end.encode(codec)
    assert text in read_body(data)


@pytest.mark.parametrize(
    "charset", ["rot13", "zlib", "idna", "unicode_escape", "x" * 99, "\0", "é"]
)
def test_an_encoding_that_is_none_is_not_used(charset: str) -> None:
    page = make_page(f"<p>{PROSE}</p><p>Caf").replace(b"Caf", b"Caf\xe9")
    assert "Café" in read_page(page, "", charset).body


def test_control_characters_of_a_page_never_reach_the_story() -> None:
    page = make_page(
        f"<h1>Rain&#27;]0;x&#7; in\x9b the North</h1><p>{PROSE}&#x9b;31m&#27;[2J\u202e</p><pre>\x1b[0m</pre>",
        "<title>Rain&#27;]0;x&#7; in\x9b the North</title>",
    )
    story = write_markdown(read_page(page))
    assert not {*"\x1b\x07\x9b\u202e"} & {*story}


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x",
        "file:///etc/passwd", "ftp://x.example/a", "https://me:secret@x.example/", "http://[", "#top",
    ],
)  # fmt: skip
def test_links_that_lead_nowhere_safe_are_plain_text(target: str) -> None:
    page = make_page(
        f'<p>{PROSE}</p><p>Press <a href="{target}">this button</a> for more of the rain.</p>'
    )
    assert "Press this button for more of the rain." in read_body(page)


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">' + '{"@graph":[' * 20_000 + "</script>",
        '<script type="application/ld+json">{"@type":"Article","headline":1,"author":{"name":{"a":1}},"datePublished":9e999}</script>',
        '<script type="application/ld+json">not JSON</script>',
        '<link rel="canonical" href="http://[bad">',
        '<base href="http://[bad">',
        '<meta property="og:url" content="javascript:x">',
        f"<title>&#{'9' * 5_000};</title>",
    ],
)
def test_facts_that_are_broken_are_left_out(head: str) -> None:
    draft = read_page(make_page(f"<h1>Rain</h1><p>{PROSE}</p>", head), "https://x.example/a")
    assert (draft.facts.author, draft.facts.published) == ("", "")
    assert draft.facts.url == "https://x.example/a"
    assert PROSE in draft.body


def test_a_page_whose_text_comes_by_script_says_so() -> None:
    page = b'<html><body><div id="root"></div><script src="app.js"></script></body></html>'
    with pytest.raises(UnreadableFile) as error:
        list(read_drafts(Content(page, "app.html")))
    assert str(error.value) == f"app.html: {SCRIPT_NOTICE}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"  \n", "x: there is no text in it"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", "x: the archive is damaged; get it again"),
        (b"%PDF-1.7", "x: a PDF can't be added; copy its text and use --paste"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "x: the feed has no stories"),
        (b"\x89PNG\r\n", "x: a picture can't be added; only text can be read"),
        (bytes(400), "x: not text (or not in UTF-8)"),
    ],
)  # fmt: skip
def test_a_source_without_a_story_says_what_it_is(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        list(read_drafts(Content(data, "x")))
    assert str(error.value) == message


@pytest.mark.parametrize("format_name", READERS)
@pytest.mark.parametrize("data", [b"\xff\xfe\x00\xd8", b"PK\x03\x04 no", b"[1]"])
def test_an_error_names_the_source_whatever_format_it_is_said_to_have(
    format_name: str, data: bytes
) -> None:
    try:
        list(read_drafts(Content(data, "a\x1b[2J.txt"), format_name))
    except UnreadableFile as error:
        assert str(error).startswith("a\ufffd[2J.txt: ")  # noqa: PT017  others are read


def test_the_format_is_told_by_content_and_not_by_name() -> None:
    page = make_page(f"<h1>Rain in the North</h1><p>{PROSE}</p>")
    (draft,) = read_drafts(Content(page, "story.txt"))
    assert (draft.facts.title, draft.body) == ("Rain in the North", f"{PROSE}\n")


def test_a_page_saved_as_one_file_is_read() -> None:
    page = make_page(f"<h1>Rain in the North</h1><p>{PROSE}</p>").decode()
    mhtml = (
        "From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nSnapshot-Content-Location: https://x.example/rain\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n----b\r\n'
        "Content-Type: text/html\r\nContent-Location: https://x.example/rain\r\n\r\n"
        f"{page}\r\n----b\r\nContent-Type: image/png\r\n\r\nx\r\n----b--\r\n"
    )
    (draft,) = read_drafts(Content(mhtml.encode(), "rain.mhtml"))
    assert (draft.facts.title, draft.facts.url) == ("Rain in the North", "https://x.example/rain")
    assert draft.body == f"{PROSE}\n"


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- saved from url=(0022)https://x.example/rain -->",
        "<!--\n Page saved with SingleFile \n url: https://x.example/rain \n saved date: now\n-->",
    ],
)
def test_a_saved_page_knows_its_address(comment: str) -> None:
    page = make_page(f'<h1>Rain in the North</h1><p>{PROSE} <a href="more">More</a></p>')
    (draft,) = read_drafts(Content(b"<!DOCTYPE html>" + comment.encode() + page, "rain.html"))
    assert draft.facts.url == "https://x.example/rain"
    assert draft.body == f"{PROSE} [More](https://x.example/more)\n"


COPIED_GROWING: Final[dict[str, Callable[[int], str]]] = {
    "prose": lambda n: f"{PROSE}\n\n" * n,
    "short lines": lambda n: "Share\nHome\nx\n" * n,
    "one line": lambda n: "a " * n * 20,
    "dates": lambda n: "Jan 1, 2020\n4 min read\nBy Ann Lee\n" * n,
    "bullets": lambda n: "- a\n" * n,
    "blank lines": lambda n: "\n" * n * 10 + PROSE,
    "names": lambda n: "Ann Lee\n" * n + f"{PROSE}\n" * 9,
}


@pytest.mark.parametrize("name", COPIED_GROWING)
def test_the_time_for_copied_text_grows_in_step_with_its_size(name: str) -> None:
    def measure(size: int) -> float:
        began = time.process_time()
        read_copied(COPIED_GROWING[name](size))
        return time.process_time() - began

    measure(20)
    # More than 250 lines above the text are not looked at, so fewer show nothing.
    assert measure(12 * SMALL) < 8 * measure(3 * SMALL) + 0.02
