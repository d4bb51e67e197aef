"""A large file that is open is parsed after the first screen, and described by another process."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle

from reader.cli.context import open_session
from reader.config import Config
from reader.library.describing import describe_file
from reader.library.files import find_file
from reader.library.text_cache import parse_line
from reader.session.open_story import OpenStory, ParsedSlice
from reader.text.document import Place
from reader.ui.app import ReaderApp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from reader.text.document import Block


async def test_the_rest_of_a_text_is_parsed_once_the_app_has_taken_over_the_screen(
    write: Callable[[str, str], Path],
) -> None:
    path = write("large.md", f"# Large\n\n{make_numbered_story(200)}")
    stage = Stage(write("folder/other.md", "# Other\n\nWords.").parent, file=path)
    open_story, looks = stage.session.current, [True] * 5
    assert open_story is not None

    def must_wait() -> bool:
        assert not open_story.document.is_complete
        return looks.pop() if looks else False

    stage.screen._loader.must_wait = must_wait  # noqa: SLF001  set by the screen alone
    async with stage.app.run_test() as pilot:
        await wait_until(pilot, lambda: open_story.document.is_complete)
    assert looks == []


async def test_the_words_of_a_large_file_are_counted_while_it_is_parsed(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, parse_next = Event(), OpenStory.parse_next

    def wait_and_parse(self: OpenStory) -> ParsedSlice | None:
        may_go_on.wait()
        return parse_next(self)

    path = write("large.md", f"# Large\n\n{make_numbered_story(200)}")
    file = find_file(path)
    assert file is not None
    stage = Stage(write("folder/other.md", "# Other\n\nWords.").parent, file=path)
    open_story = stage.session.current
    assert open_story is not None
    monkeypatch.setattr("reader.ui.controllers.loader.LARGE_BYTES", 0)
    monkeypatch.setattr(OpenStory, "parse_next", wait_and_parse)
    async with stage.app.run_test() as pilot:
        await wait_until(pilot, lambda: bool(open_story.story.fingerprint))
        assert not open_story.document.is_complete
        may_go_on.set()
        await wait_until_idle(pilot)
    assert open_story.story.fingerprint == describe_file(file).fingerprint


async def test_what_is_before_a_place_deep_in_a_cached_text_is_read_after_the_first_screen(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.library.text_cache.NEXT_LINE_CHARACTERS", 2_000)
    path = write("large.md", f"# Large\n\n{make_numbered_story(500)}")
    with open_session() as session:
        open_story = session.open_file(path)
        open_story.parse_all()
        session.enter(open_story)
        session.index_story(open_story).run()
        open_story.move_to(Place(450))
    lines: list[bytes] = []

    def record(line: bytes) -> tuple[tuple[Block, ...], bool]:
        lines.append(line)
        return parse_line(line)

    monkeypatch.setattr("reader.library.stored_blocks.parse_line", record)
    with open_session() as session:
        session.enter(session.open_file(path))
        app = ReaderApp(session, Config(scrollbar=False), theme="night")
        before, all_lines = len(lines), len(path.read_text()) // 3_000
        async with app.run_test() as pilot:
            await wait_until(pilot, lambda: len(lines) > all_lines)
            assert any("Paragraph 450" in row for row in render_rows(app.reading_screen.page))
            await pilot.press("g")
            assert any("Paragraph 0" in row for row in render_rows(app.reading_screen.page))
    assert before < 6
