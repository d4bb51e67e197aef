"""Links lead to stories, headings and the web only, and open nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library.destinations import (
    LinkDestination,
    LinkKind,
    find_linked_file,
    resolve_link,
)
from reader.library.story import Story
from reader.markdown.parser import parse
from reader.text.cells import sanitize
from reader.text.document import Block, Document, Kind, Place, Role, Span
from reader.text.links import Link, find_heading, find_next_link, list_links, slugify

if TYPE_CHECKING:
    from pathlib import Path

HERE = Story("here", "/lib/essays/here.md", "Here")
THERE = Story("there", "/lib/essays/there.md", "There")
SPACED = Story("x", "/lib/essays/a name.md", "A name")
LIBRARY = [HERE, THERE, SPACED]
TEXT = parse("Text [a](#one-two) and[^1] [b](there.md).\n\n## One, two\n\n[c](x)\n\n[^1]: Note.")


def resolve(target: str) -> LinkDestination:
    return resolve_link(target, HERE, TEXT, LIBRARY)


@pytest.mark.parametrize("target", ["there.md", "there", "./there.md", "../essays/there.md"])
def test_a_relative_path_leads_to_a_story(target: str) -> None:
    assert resolve(target).story == THERE


def test_an_id_leads_to_its_story() -> None:
    assert resolve("story:x") == LinkDestination(LinkKind.STORY, story=SPACED)
    assert resolve("story:/etc/passwd") == LinkDestination(
        LinkKind.BROKEN, "/etc/passwd: there is no such story in this library"
    )


def test_a_name_with_a_space_leads_to_its_story() -> None:
    assert resolve("a%20name.md").story == SPACED


def test_a_fragment_leads_to_its_heading() -> None:
    assert resolve("#one-two") == LinkDestination(
        LinkKind.HEADING, "#one-two: there is no such heading", Place(1)
    )


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("http://example.org/x", "example.org"),
        ("https://example.org", "example.org"),
        ("mailto:a@b.c", "a@b.c"),
    ],
)
def test_a_web_address_leads_to_the_web(target: str, host: str) -> None:
    assert resolve(target) == LinkDestination(LinkKind.WEB, target, host=host)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)", "file:///etc/passwd", "vscode:x", "ssh://-oProxyCommand=x", "--help",
        "//host/share", "/etc/passwd", "../../etc/passwd", "http:", "https:///", "x:y", "#nowhere",
        "other.md", "http://[", "", "%2e%2e/%2e%2e/etc/passwd", "~/x.md",
    ],
)  # fmt: skip
def test_any_other_link_is_broken(target: str) -> None:
    assert resolve(target).kind is LinkKind.BROKEN


def test_an_address_has_no_control_characters() -> None:
    assert resolve("https://a.b/\x1b]0;x\x07y").text == "https://a.b/%1B]0;x%07y"


def test_what_is_no_address_is_sanitised() -> None:
    assert resolve("https://\x1b]0;x\x07/").text == "https://\ufffd]0;x\ufffd/: not an address"


@pytest.mark.parametrize(
    "target",
    ["java\nscript:alert(1)", " javascript:1", "FILE:///x", "data:text/html,x", "\tfi\tle:/x"],
)
def test_an_address_of_another_kind_is_told(target: str) -> None:
    assert resolve(target).text.endswith(": only http, https and mailto are followed")


def test_a_long_address_is_whole_or_not_opened() -> None:
    address = f"https://a.b/{'x' * 7_988}"
    assert resolve(address).text == address
    assert resolve(f"{address}x").kind is LinkKind.BROKEN
    assert resolve(f"{address}x").text.endswith("…: too long to be opened")


@given(st.text())
def test_no_target_raises(target: str) -> None:
    for text in (
        target,
        f"https://{target}",
        f"http:\\\\{target}/",
        f"mailto:{target}",
        f"//[{target}",
    ):
        link = resolve(text)
        assert sanitize(link.text) == link.text


@pytest.mark.parametrize(
    "target",
    ["[[there]]", "[[There]]", "[[there.md]]", "[[essays/there]]", "[[ there ]]"],
)
def test_a_wikilink_leads_to_a_story_by_its_name(target: str) -> None:
    assert resolve(target) == LinkDestination(LinkKind.STORY, story=THERE)


@pytest.mark.parametrize("target", ["[[a name]]", "[[A-Name]]", "[[a_name]]", "[[X]]"])
def test_a_wikilink_ignores_case_and_separators(target: str) -> None:
    assert resolve(target).story == SPACED


@pytest.mark.parametrize(
    "target", ["[[#One, two]]", "[[One, two]]", "[[here#One, two]]", "[[#one-two]]"]
)
def test_a_wikilink_leads_to_a_heading_of_this_story(target: str) -> None:
    assert resolve(target).place == Place(1)


def test_a_wikilink_to_its_own_story_leads_to_the_start() -> None:
    assert resolve("[[here]]").place == Place()


@pytest.mark.parametrize("target", ["[[nobody]]", "[[here#nothing]]", "[[../../etc/passwd]]"])
def test_a_wikilink_to_nothing_is_broken(target: str) -> None:
    link = resolve(target)
    assert (link.kind, link.place, link.story) == (LinkKind.BROKEN, None, None)
    assert link.text == f"{target[2:-2]}: there is no such story or heading"


@pytest.mark.parametrize("source", ["# Title {#name}", "# Title {: #name .class}"])
def test_a_heading_is_found_by_its_words_and_by_its_id(source: str) -> None:
    document = parse(source)
    assert find_heading(document, "title") == find_heading(document, "name") == Place(0)


def test_links_and_footnotes_of_a_block_are_in_order() -> None:
    assert list_links(TEXT, 0) == [
        Link(0, 5, 6, "#one-two"),
        Link(0, 10, 11, "1", is_footnote=True),
        Link(0, 12, 13, "there.md"),
    ]


@pytest.mark.parametrize(
    ("place", "step", "target"),
    [
        (Place(0, 0), 1, "#one-two"),
        (Place(0, 5), 1, "1"),
        (Place(0, 12), 1, "x"),
        (Place(2, 0), -1, "there.md"),
        (Place(0, 12), -1, "1"),
    ],
)
def test_the_next_link_is_found_from_a_place(place: Place, step: int, target: str) -> None:
    link = find_next_link(TEXT, place, step)
    assert link is not None
    assert link.target == target


def test_after_the_last_link_there_is_none() -> None:
    assert find_next_link(TEXT, Place(2, 0), 1) is None


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("One, two", "one-two"),
        ("Été — l’an", "été--lan"),
        ("  A_b-c ", "a_b-c"),
        ("🌊 Tides", "-tides"),
        ("Tides 🌊", "tides-"),
        ("What's new in 2.0?", "whats-new-in-20"),
        ("C++ & C#", "c--c"),
        ("Straße", "straße"),
        ("E\u0301te\u0301", "été"),
        ("हिन्दी भाषा", "हिन्दी-भाषा"),
        ("日本語、テスト", "日本語テスト"),
        ("x² + ½", "x--"),
        ("A -- b", "a----b"),
        ("`code` (x)", "code-x"),
        ("ÀÉ١٢", "àé١٢"),
        ("Two  spaces", "two--spaces"),
        ("foo/bar.baz", "foobarbaz"),
        ("!", ""),
    ],
)
def test_a_slug_is_made_as_on_github(text: str, slug: str) -> None:
    assert slugify(text) == slug


ANCHORED = parse(
    "Text.\n\n## 🌊 Tides\n\n## Pier\n\n## Pier\n\n## Pier[^1] -- *the* `end`\n\n## Été\n\n"
    "## ❤️ Heart\n\n## ![a](b.png) Drawn {#own-id}\n\n## Was “this” it...?\n\n[^1]: N."
)


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("-tides", 1), ("tides", 1), ("🌊 Tides", 1), ("pier", 2), ("pier-1", 3), ("Pier", 2),
        ("pier----the-end", 4), ("pier--the-end", 4), ("Pier -- the end", 4), ("e\u0301te\u0301", 5),
        ("ete", 5), ("ÉTÉ", 5), ("\ufe0f-heart", 6), ("-heart", 6), ("heart", 6), ("drawn", 7),
        ("own-id", 7), ("was-this-it", 8), ("top", 0), ("Top", 0), ("my-essay", 0), ("My Essay", 0),
    ],
)  # fmt: skip
def test_a_name_leads_to_its_heading(name: str, block: int) -> None:
    place = find_heading(ANCHORED, name, "My essay")
    assert place is not None
    assert place.block == block


def test_the_title_counts_as_the_first_of_its_name() -> None:
    assert find_heading(parse("Text.\n\n## Pier"), "pier-1", "Pier") == Place(1)


@pytest.mark.parametrize("name", ["pier-2", "nothing", "-", ""])
def test_another_name_leads_to_no_heading(name: str) -> None:
    assert find_heading(ANCHORED, name, "My essay") is None


def test_an_empty_element_with_an_id_is_found() -> None:
    block = Block(Kind.PARAGRAPH, "Some words.", (Span(5, 5, Role.PLAIN, "#Some-Id"),))
    document = Document()
    document.extend([Block(Kind.PARAGRAPH, "First."), block])
    assert find_heading(document, "Some-Id") == Place(1, 5)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('Before.\n\n<a id="x"></a>\n\nAnchored.', "Anchored."),
        ('Before.\n\n<a name="x"></a>\nText.', "Text."),
        ('Before.\n\nA <span id="x">b</span> c', "b c"),
        ('Before.\n\n## <a id="x"></a>Heading', "Heading"),
        ('Before.\n\n<div id="x">\n\nInside.\n\n</div>', "Inside."),
        ('Before.\n\n<h2 id="x">Heading</h2>', "Heading"),
        ('Before.\n\n<div><a id="x"></a></div>\n\nAfter.', "After."),
        ("Before.\n\n- one\n- <a id=x></a>two", "two"),
        ('Before.\n\n## Part <a id="x"></a> {#y}', "Part"),
        ('Before.\n\n<p id="x">para</p>', "para"),
    ],
)
def test_an_html_element_is_found_by_its_id(source: str, words: str) -> None:
    document = parse(source)
    place = find_heading(document, "x")
    assert place is not None
    assert place.block > 0
    assert document.blocks[place.block].text[place.offset :].strip() == words


@pytest.mark.parametrize(
    ("target", "heading"),
    [
        ("there.md#part-two", "part-two"),
        ("there#caf%C3%A9%20x", "café x"),
        ("./there.md?v=1#a", "a"),
        ("[[there#Part two]]", "Part two"),
        ("[[There#Part two]]", "Part two"),
        ("[[THERE#Part#Sub]]", "Sub"),
        ("there.md#", ""),
    ],
)
def test_a_link_names_a_heading_of_another_story(target: str, heading: str) -> None:
    destination = resolve(target)
    assert (destination.story, destination.heading) == (THERE, heading)


@pytest.mark.parametrize("target", ["here.md#one-two", "[[here#Part#One, two]]", "#One,%20two"])
def test_a_link_to_this_story_leads_to_its_heading(target: str) -> None:
    assert resolve(target).place == Place(1)


@pytest.mark.parametrize("target", ["#", "#top", "#here", "here.md", "[[#Here]]"])
def test_a_link_to_the_title_leads_to_the_beginning(target: str) -> None:
    assert resolve(target).place == Place()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("target", ["caf%C3%A9.md", "cafe\u0301.md", "[[Café]]", "[[cafe\u0301]]"])
def test_a_file_is_found_in_both_forms_of_unicode(target: str, form: Literal["NFC", "NFD"]) -> None:
    cafe = Story("id", f"/lib/essays/{normalize(form, 'café.md')}", "Coffee")
    assert resolve_link(target, HERE, TEXT, [HERE, cafe]).story == cafe


@pytest.fixture
def lone_story(tmp_path: Path) -> Story:
    """Return a story with files beside it, and one outside its folder."""
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/.hidden.md").write_text("Hidden.")
    (tmp_path / "out.md").write_text("Outside.")
    (tmp_path / "in/notes.txt").write_text("No story.")
    (tmp_path / "in/way-out.md").symlink_to(tmp_path / "out.md")
    for name in ("b.md", "My Café.md", "sub/c.MD"):
        (tmp_path / "in" / name).write_text("Text.")
    return Story("a", str(tmp_path / "in/a.md"), "A")


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("b.md#part-two", ("b.md", "part-two")),
        ("b", ("b.md", "")),
        ("./b.md", ("b.md", "")),
        ("My%20Cafe%CC%81.md", ("My Café.md", "")),
        ("sub/c.MD", ("c.MD", "")),
        ("[[b#Part two]]", ("b.md", "Part two")),
        ("[[my-café]]", ("My Café.md", "")),
        ("[[sub/C]]", ("c.MD", "")),
        ("../out.md", None),
        ("way-out.md", None),
        (".hidden.md", None),
        ("notes.txt", None),
        ("nothing.md", None),
        ("sub", None),
        ("https://b.md", None),
        ("file:b.md", None),
        ("\0.md", None),
        ("[[]]", None),
        ("http://[", None),
    ],
)
def test_only_stories_in_its_folder_are_found_beside_a_story(
    target: str, found: tuple[str, str] | None, lone_story: Story
) -> None:
    linked = find_linked_file(target, lone_story)
    assert (linked and (linked[0].path.name, linked[1])) == found


def test_a_story_from_standard_input_has_no_folder(lone_story: Story) -> None:
    assert find_linked_file("b.md", replace(lone_story, is_persistent=False)) is None


def test_a_missing_heading_has_no_place() -> None:
    assert find_heading(TEXT, "three") is None


BELOW = [Link(4, 0, 2, "story:there"), Link(6, 0, 2, "story:x")]


@pytest.mark.parametrize(
    ("place", "step", "target"),
    [
        (Place(2, 0), 1, "story:there"), (Place(4, 0), 1, "story:x"), (Place(6, 0), 1, None),
        (Place(6, 0), -1, "story:there"), (Place(4, 0), -1, "x"),
    ],
)  # fmt: skip
def test_links_after_the_text_follow_those_in_it(
    place: Place, step: int, target: str | None
) -> None:
    link = find_next_link(TEXT, place, step, BELOW)
    assert (link.target if link else None) == target
