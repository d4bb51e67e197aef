"""Annotations as Markdown and JSON: text is unchanged by any renderer, with its source."""

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
from reader.store.stories import StoryDetails
from reader.text.cells import sanitize
from reader.text.document import Anchor, Place

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
INFO = StoryDetails(Path("/a/b.md"), "mine", "A Title", "Ann", "https://example.org/a")


def make_highlight(text: str, note: str = "") -> Highlight:
    anchor = Anchor(Place(3, 17), "0123456789ab", text[:40])
    return Highlight("q", "the-walk", anchor, text, note, NOON)


def make_annotations(
    text: str, note: str = "", *, story_id: str = "s", info: StoryDetails | None = INFO
) -> StoryAnnotations:
    return StoryAnnotations(story_id, info, [make_highlight(text, note)], None)


def to_markdown(annotations: StoryAnnotations) -> str:
    return "\n".join(annotations_to_markdown([annotations]))


def test_a_highlight_is_a_block_quote_with_its_source_and_its_note_below() -> None:
    assert to_markdown(make_annotations("So it is.", "Is it?")) == (
        "## A Title\n"
        "\n"
        "> So it is.\n"
        ">\n"
        "> — Ann, *A Title*, <https://example.org/a>, 2 January 2026,"
        " `the-walk@4.17.0123456789ab`\n"
        "\n"
        "Is it?"
    )


def test_an_address_has_no_control_characters() -> None:
    info = StoryDetails(Path("/a.md"), "", title="T", url="https://a.b/\x9b31m")
    assert "<https://a.b/\ufffd31m>" in to_markdown(make_annotations("So.", info=info))


def test_verse_keeps_its_lines_and_paragraphs_their_blank_line() -> None:
    annotations = make_annotations("One line,\n  and another.\n\nA paragraph.")
    assert to_markdown(annotations).split("\n")[2:6] == [
        "> One line,  ",
        "> &nbsp;&nbsp;and another.",
        ">",
        "> A paragraph.",
    ]


def test_a_response_has_a_heading_with_its_date() -> None:
    annotations = StoryAnnotations("s", INFO, [], Response("s", "I doubt it.", NOON))
    assert (
        to_markdown(annotations) == "## A Title\n\n### My response, 2 January 2026\n\nI doubt it."
    )


def test_a_story_without_a_web_address_is_named_by_its_file() -> None:
    annotations = make_annotations("So.", info=INFO._replace(url="", author=""))
    assert "> — *A Title*, `/a/b.md`, 2 January 2026," in to_markdown(annotations)


def test_an_address_of_another_scheme_is_not_a_link() -> None:
    annotations = make_annotations("So.", info=INFO._replace(url="javascript:alert(1)"))
    assert "javascript" not in to_markdown(annotations)


def test_a_story_without_details_is_named_by_its_id() -> None:
    annotations = make_annotations("So.", story_id="lost", info=None)
    assert "> — *lost*, 2 January 2026," in to_markdown(annotations)


def test_markup_and_escape_sequences_in_a_title_have_no_effect() -> None:
    info = INFO._replace(title="[x](javascript:y)\x1b]0;z", author="# `A`\n> b")
    output = to_markdown(make_annotations("So.", info=info))
    assert "\x1b" not in output
    assert "## \\[x\\](javascript:y)\ufffd\\]0;z" in output
    assert "— \\# \\`A\\` \\> b, " in output


RENDERERS = [MarkdownIt("commonmark"), MarkdownIt("gfm-like"), MarkdownIt("js-default")]


def render(source: str, renderer: MarkdownIt) -> str:
    """Return the text a renderer shows, with its line and paragraph breaks."""
    output = renderer.render(source)
    output = re.sub(r"<br ?/?>\n", "\n", output).replace("</p>\n<p>", "\n\n")
    return html.unescape(re.sub(r"</?(p|blockquote|a)\b[^>]*>", "", output)).strip("\n")


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
def test_an_escaped_line_renders_as_the_same_line(line: str, renderer: MarkdownIt) -> None:
    output = render(f"> {escape_markdown(line)}", renderer).replace("\u00a0", " ")
    assert output == line.replace("\t", "  ")


@given(st.text(st.sampled_from("ab 1.)#*_`~<>&|[]()!\\-+=:$\n'\"{}^"), min_size=1, max_size=30))
def test_any_highlight_renders_as_the_same_text(text: str) -> None:
    text = re.sub(r"\n\s*\n\s*", "\n\n", re.sub(r" +(?=\n|\Z)", "", text)).strip("\n ")
    if not text:
        return
    output = render(to_markdown(make_annotations(text)), RENDERERS[0])
    body = output.partition("</h2>\n")[2].partition("\n\n— ")[0].strip("\n")
    assert body.replace("\u00a0", " ") == text


def test_an_emoji_code_stays_text() -> None:
    assert escape_markdown("so :smile: said") == "so \\:smile: said"


def test_json_objects_have_the_documented_fields() -> None:
    response = Response("the-walk", "Yes.", NOON)
    annotations = StoryAnnotations("the-walk", INFO, [make_highlight("So.")], response)
    story = {
        "story": "the-walk", "title": "A Title", "author": "Ann", "url": "https://example.org/a",
        "path": "/a/b.md",
    }  # fmt: skip
    assert annotations_to_dicts([annotations]) == [
        {
            "kind": "highlight",
            "id": "q",
            **story,
            "address": "the-walk@4.17.0123456789ab",
            "text": "So.",
            "note": None,
            "created": "2026-01-02T12:00:00.000+00:00",
        },
        {
            "kind": "response",
            **story,
            "text": "Yes.",
            "changed": "2026-01-02T12:00:00.000+00:00",
        },
    ]


def test_the_history_has_a_line_for_each_story() -> None:
    history = [(HistoryEntry("the-walk", NOON, 6), INFO), (HistoryEntry("lost", NOON, 0), None)]
    when = f"{NOON.astimezone():%Y-%m-%d %H:%M}"
    assert list(render_history(history)) == [
        f"{when}   6 min  A Title — Ann",
        f"{when}          lost",
    ]


@given(st.text(max_size=40))
def test_markdown_has_no_character_that_controls_a_terminal(text: str) -> None:
    info = INFO._replace(title=text, url=text)
    output = to_markdown(make_annotations(text, text, story_id=text, info=info))
    assert sanitize(output) == output
