"""What was kept reads the same in any Markdown renderer, and says where it is from."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reader.reading.annotations import Highlight, HistoryEntry, Response
from reader.render.text_output import (
    StoryAnnotations,
    annotations_to_dicts,
    annotations_to_markdown,
    escape_markdown,
    render_history,
)
from reader.store.repository import StoryDetails
from reader.text.cells import sanitize
from reader.text.document import Anchor, Place

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
KNOWN = StoryDetails(Path("/a/b.md"), "mine", "A Title", "Ann", "https://example.org/a")


def quote(text: str, remark: str = "") -> Highlight:
    anchor = Anchor(Place(3, 17), "0123456789ab", text[:40])
    return Highlight("q", "the-walk", anchor, text, remark, NOON)


def markdown(kept: StoryAnnotations) -> str:
    return "\n".join(annotations_to_markdown([kept]))


def test_a_quote_is_a_block_quote_with_its_origin_and_the_remark_below_it() -> None:
    kept = StoryAnnotations("the-walk", KNOWN, [quote("So it is.", "Is it?")], None)
    assert markdown(kept) == (
        "## A Title\n"
        "\n"
        "> So it is.\n"
        ">\n"
        "> — Ann, *A Title*, <https://example.org/a>, 2 January 2026,"
        " `the-walk@4.17.0123456789ab`\n"
        "\n"
        "Is it?"
    )


def test_verse_keeps_its_lines_and_paragraphs_stay_apart() -> None:
    kept = StoryAnnotations("s", KNOWN, [quote("One line,\n  and another.\n\nA paragraph.")], None)
    assert markdown(kept).split("\n")[2:6] == [
        "> One line,  ",
        "> &nbsp;&nbsp;and another.",
        ">",
        "> A paragraph.",
    ]


def test_a_response_follows_the_quotes_of_its_story() -> None:
    kept = StoryAnnotations("s", KNOWN, [], Response("s", "I doubt it.", NOON))
    assert markdown(kept) == "## A Title\n\n### My response, 2 January 2026\n\nI doubt it."


def test_a_story_without_an_address_is_named_by_its_file() -> None:
    kept = StoryAnnotations("s", KNOWN._replace(url="", author=""), [quote("So.")], None)
    assert "> — *A Title*, `/a/b.md`, 2 January 2026," in markdown(kept)


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    kept = StoryAnnotations("s", KNOWN._replace(url="javascript:alert(1)"), [quote("So.")], None)
    assert "javascript" not in markdown(kept)


def test_a_quote_of_a_story_nobody_knows_any_more_still_reads() -> None:
    assert "> — *lost*, 2 January 2026," in markdown(
        StoryAnnotations("lost", None, [quote("So.")], None)
    )


def test_a_title_that_would_be_obeyed_is_not() -> None:
    known = KNOWN._replace(title="[x](javascript:y)\x1b]0;z", author="# `A`\n> b")
    shown = markdown(StoryAnnotations("s", known, [quote("So.")], None))
    assert "\x1b" not in shown
    assert "## \\[x\\](javascript:y)\ufffd\\]0;z" in shown
    assert "— \\# \\`A\\` \\> b, " in shown


RENDERERS = [MarkdownIt("commonmark"), MarkdownIt("gfm-like"), MarkdownIt("js-default")]


def rendered(source: str, renderer: MarkdownIt) -> str:
    """Return the text a renderer shows, with its line and paragraph breaks."""
    found = renderer.render(source)
    found = re.sub(r"<br ?/?>\n", "\n", found).replace("</p>\n<p>", "\n\n")
    return html.unescape(re.sub(r"</?(p|blockquote|a)\b[^>]*>", "", found)).strip("\n")


@pytest.mark.parametrize(
    "line",
    [
        "# not a heading", "- not a list", "+ nor this", "* nor that", "1. nor this", "12) nor that",
        "> not a quote", "---", "===", "***", "| a | b |", "```", "~~~", "    not code", "\tnor this",
        "*a* _b_ **c** ~~d~~", "<b>x</b> <!-- y -->", "&amp; &#42;", "[a](b) ![c](d)", "[a]: b",
        "\\*", "a\\", "`a``b`", "www.example.org", "[^1]", "[^1]: note", "a  b", "5 < 6 > 4",
        "$x$ {y} ^z^ ==a==", "-", "+", "1.", "#", "- [ ] a", "http://a.b/*c*", ": b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("renderer", RENDERERS, ids=["commonmark", "gfm", "default"])
def test_a_line_reads_as_it_was_kept(line: str, renderer: MarkdownIt) -> None:
    shown = rendered(f"> {escape_markdown(line)}", renderer).replace("\u00a0", " ")
    assert shown == line.replace("\t", "  ")


@given(st.text(st.sampled_from("ab 1.)#*_`~<>&|[]()!\\-+=:$\n'\"{}^"), min_size=1, max_size=30))
def test_whatever_was_kept_reads_as_it_was_kept(text: str) -> None:
    text = re.sub(r"\n\s*\n\s*", "\n\n", re.sub(r" +(?=\n|\Z)", "", text)).strip("\n ")
    if not text:
        return
    source = "\n".join(annotations_to_markdown([StoryAnnotations("s", KNOWN, [quote(text)], None)]))
    shown = rendered(source, RENDERERS[0])
    body = shown.partition("</h2>\n")[2].partition("\n\n— ")[0].strip("\n").replace("\u00a0", " ")
    assert body == text


def test_an_emoji_by_its_name_stays_a_name() -> None:
    assert escape_markdown("so :smile: said") == "so \\:smile: said"


def test_facts_say_what_there_is_to_say() -> None:
    kept = StoryAnnotations("the-walk", KNOWN, [quote("So.")], Response("the-walk", "Yes.", NOON))
    story = {
        "story": "the-walk", "title": "A Title", "author": "Ann", "url": "https://example.org/a",
        "path": "/a/b.md",
    }  # fmt: skip
    assert annotations_to_dicts([kept]) == [
        {"kind": "highlight", "id": "q"}
        | story
        | {"address": "the-walk@4.17.0123456789ab", "text": "So.", "note": None}
        | {"created": "2026-01-02T12:00:00.000+00:00"},
        {"kind": "response"} | story | {"text": "Yes.", "changed": "2026-01-02T12:00:00.000+00:00"},
    ]


def test_the_history_has_a_line_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    history = [(HistoryEntry("the-walk", NOON, 6), KNOWN), (HistoryEntry("lost", NOON, 0), None)]
    when = f"{NOON.astimezone():%Y-%m-%d %H:%M}"
    assert list(render_history(history)) == [
        f"{when}   6 min  A Title — Ann",
        f"{when}          lost",
    ]


@given(st.text(max_size=40))
def test_nothing_that_was_kept_can_be_obeyed_by_a_terminal(text: str) -> None:
    shown = markdown(
        StoryAnnotations(text, KNOWN._replace(title=text, url=text), [quote(text, text)], None)
    )
    assert sanitize(shown) == shown
