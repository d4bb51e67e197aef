"""Links and footnotes on the screen: labels, the link cursor, following and coming back."""

from __future__ import annotations

from threading import Event, current_thread
from typing import TYPE_CHECKING, Any

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle

from reader.library.destinations import resolve_link
from reader.session.open_story import OpenStory
from reader.text.document import Place
from reader.text.places import format_address, make_anchor
from reader.ui.controllers import navigation
from reader.ui.dialogs.confirm import ConfirmDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.library.destinations import LinkDestination
    from reader.session.open_story import ParsedSlice

TEXT = (
    "---\ntitle: Links\n---\nSee [the heading](#far) and [the other](other.md) and a note[^1] "
    "and [the web](https://user@example.org/a?b=c).\n\n"
    f"{make_numbered_story(30)}\n\n## Far\n\nAt last.\n\n[^1]: Words of the note.\n"
)


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    """Return a story with a link of each kind; the other story is the target of one."""
    write("other.md", f"---\ntitle: Other\n---\n{make_numbered_story()}")
    return write("links.md", TEXT)


def list_rows(stage: Stage) -> list[str]:
    return [line.strip() for line in render_rows(stage.screen.page)]


async def test_f_puts_a_label_over_each_link(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f")
        text = " ".join(list_rows(stage)[4:7])
        assert "See ahe heading and she other and a noted and fhe web." in text


async def test_a_label_goes_to_a_heading(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f", "a")
        await pilot.pause()
        assert "Far" in list_rows(stage)


async def test_a_heading_that_is_not_parsed_yet_is_waited_for(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_parse = Event()
    parse_next = OpenStory.parse_next

    def wait_and_parse(self: OpenStory) -> ParsedSlice | None:
        assert not self.document.blocks or may_parse.wait(60)
        return parse_next(self)

    monkeypatch.setattr(OpenStory, "parse_next", wait_and_parse)
    text = f"[far](#far)\n\n{make_numbered_story(200)}\n\n## Far\n\nAt last.\n"
    story = write("links.md", text)
    stage = Stage(story.parent, file=story)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: stage.screen.page.has_focus)
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: "still being read" in stage.screen.status_bar.text)
        may_parse.set()
        await wait_until(pilot, lambda: "At last." in list_rows(stage))


async def test_a_label_goes_to_another_story_and_ctrl_o_back(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f", "s")
        await wait_until_idle(pilot)
        assert list_rows(stage)[0] == "Other"
        await pilot.press("ctrl+o")
        await wait_until_idle(pilot)
        assert list_rows(stage)[0] == "Links"


@pytest.fixture
def linked(write: Callable[[str, str], Path]) -> Path:
    """Return a story with links to headings of another one, and to a file beside it."""
    write("sub/b.md", f"# Bee\n\n{make_numbered_story(300)}\n\n## Part two\n\nHere.")
    links = "[a](sub/b.md#part-two) [[b#Part two]] [c](sub/b.md#none) [d](#top-essay)"
    return write("a.md", f"# Top essay\n\n{links}\n\n{make_numbered_story(30)}")


@pytest.mark.parametrize("label", ["a", "s"])
async def test_a_link_goes_to_a_heading_of_another_story(linked: Path, label: str) -> None:
    stage = Stage(linked.parent, file=linked)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f", label)
        await wait_until(pilot, lambda: "Here." in list_rows(stage))
        assert "Part two" in list_rows(stage)


async def test_a_missing_heading_of_another_story_is_reported(linked: Path) -> None:
    stage = Stage(linked.parent, file=linked)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f", "d")
        await wait_until_idle(pilot)
        stage.tick()
        assert "This story has no heading 'none'." in stage.screen.status_bar.text
        assert list_rows(stage)[0] == "Bee"


async def test_a_link_of_a_lone_file_goes_to_the_file_beside_it(
    linked: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    stage = Stage(empty, file=linked)
    async with stage.run(size=(80, 24)) as pilot:
        assert len(stage.session.catalog) == 1
        await pilot.press("f", "a")
        await wait_until(pilot, lambda: "Here." in list_rows(stage))
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: list_rows(stage)[0] == "Top essay")


async def test_a_link_goes_to_the_title(linked: Path) -> None:
    stage = Stage(linked.parent, file=linked)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f", "f")
        await pilot.pause()
        assert list_rows(stage)[0] == "Top essay"


async def test_a_footnote_opens_under_its_line_and_closes(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        before = list_rows(stage)
        await pilot.press("f", "d")
        await pilot.pause()
        line = next(n for n, row in enumerate(list_rows(stage)) if "note" in row)
        assert list_rows(stage)[line + 1] == "┆ ¹ Words of the note."
        await pilot.press("escape")
        assert list_rows(stage) == before
        assert stage.screen.page.has_focus


async def test_tab_and_enter_follow_a_link(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("tab", "tab", "tab", "shift+tab", "enter")
        await wait_until_idle(pilot)
        assert list_rows(stage)[0] == "Other"


async def test_the_real_host_is_shown_before_an_address_is_opened(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f", "f")
        await pilot.pause()
        assert isinstance(stage.app.screen, ConfirmDialog)
        assert stage.app.screen.text.split("\n")[:3] == [
            "Open example.org?", "", "https://user@example.org/a?b=c",
        ]  # fmt: skip
        assert "before the @ is a user name" in stage.app.screen.text
        await pilot.press("escape")
        assert stage.screen.page.has_focus


async def test_an_address_is_copied_if_no_browser_can_open(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f", "f")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert stage.app.clipboard == "https://user@example.org/a?b=c"
        assert stage.screen.status_bar.text.startswith("Copied: https://user@example.org")


async def test_the_question_shows_what_is_opened(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def record_target(target: str) -> bool:
        opened.append(target)
        return True

    monkeypatch.setattr(navigation, "can_open", lambda: True)
    monkeypatch.setattr(navigation, "open_externally", record_target)
    long_address = f"https://example.org/{'x' * 4_000}"
    links = {
        "https://evil.example\\\\@good.example/login": "https://evil.example//@good.example/login",
        "https://\u0435xample.org/": "https://xn--xample-2of.org/",
        "https://example.org/a&#0;b c&#x202e;": "https://example.org/a%EF%BF%BDb%20c%E2%80%AE",
        long_address: long_address,
    }
    story = write("a.md", " ".join(f'<a href="{link}">x</a>' for link in links))
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        for url in links.values():
            await pilot.press("tab", "enter")
            assert isinstance(stage.app.screen, ConfirmDialog)
            assert stage.app.screen.text.split("\n")[2] == url
            assert stage.app.screen.text.startswith(f"Open {url.split('/')[2]}?")
            await pilot.press("enter")
            await pilot.pause()
            assert opened[-1] == url


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://[v1.&shy;]/", "http://[v1.]/: not an address"),
        ("file:///etc/passwd", "file:///etc/passwd: only http, https and mailto are followed"),
    ],
)
async def test_what_is_no_web_address_is_told(
    address: str, reason: str, write: Callable[[str, str], Path]
) -> None:
    story = write("a.md", f'<a href="{address}">x</a>')
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert stage.screen.status_bar.text.startswith(reason)


async def test_any_other_key_removes_the_labels(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        before = list_rows(stage)
        await pilot.press("f", "z")
        assert list_rows(stage) == before
        assert stage.screen.shelf.display is False


async def test_the_paragraph_cursor_moves_without_the_place(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        before = stage.screen.page.place
        await pilot.press("J", "J", "J")
        assert stage.screen.page.decorations.paragraph == 2
        await pilot.press("K")
        assert stage.screen.page.decorations.paragraph == 1
        assert stage.screen.page.place == before


async def test_the_paragraph_cursor_has_a_symbol_in_the_margin(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("J", "J")
        cursor_rows = [row for row in list_rows(stage) if row.startswith("▏")]
        assert cursor_rows[0].startswith("▏Paragraph 0 word")


async def test_escape_removes_the_paragraph_cursor(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("J", "F", "escape")
        assert stage.screen.page.decorations.paragraph is None
        assert stage.screen.page.has_focus


async def test_a_paragraph_is_copied_with_author_and_title(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("J", "J", "y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard.startswith("Paragraph 0 word word")
        assert stage.app.clipboard.endswith("word.\n— Links")


async def test_the_address_of_a_paragraph_is_copied(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("J", "J", "Y")
        await wait_until_idle(pilot)
        open_story = stage.session.current
        assert open_story is not None
        address = format_address(make_anchor(open_story.document, Place(1)))
        assert stage.app.clipboard == f"{open_story.story.id}@{address}"


async def test_in_a_large_library_a_worker_finds_where_a_link_leads(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.session.shelf.shelf_list.MAX_LISTED_AT_ONCE", 1)
    threads: list[str] = []
    resolve = resolve_link

    def resolve_slowly(*arguments: Any) -> LinkDestination:
        threads.append(current_thread().name)
        may_go_on.wait(60)
        return resolve(*arguments)

    monkeypatch.setattr(navigation, "resolve_link", resolve_slowly)
    stage = Stage(story.parent, file=story)
    may_go_on = Event()
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("f", "s")
        await wait_until(pilot, lambda: len(threads) == 1)
        await pilot.press("space")  # the reader goes on: that story isn't wanted any more
        may_go_on.set()
        await wait_until_idle(pilot)
        assert stage.session.current is not None
        assert stage.session.current.story.title == "Links"
        await pilot.press("g", "f", "s")
        await wait_until(pilot, lambda: get_title(stage) == "Other")
    assert "MainThread" not in threads


def get_title(stage: Stage) -> str:
    return stage.session.current.story.title if stage.session.current is not None else ""
