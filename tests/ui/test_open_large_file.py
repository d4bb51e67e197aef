"""A large file that is open is parsed after the first screen, and described by another process."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle

from reader.cli.context import open_by_name, open_session
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


class DeepGoal:
    """An app that is started at a place that its text is not parsed as far as."""

    def __init__(self, path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        (path.parent / "empty").mkdir()
        self.stage = Stage(path.parent / "empty")
        session = self.stage.session
        open_story, _ = open_by_name(session, f"{path}@{address}", lambda: True)
        session.enter(open_story)
        self.open_story, self.may_parse = open_story, Event()
        parse_next = OpenStory.parse_next

        def wait_and_parse(story: OpenStory) -> ParsedSlice | None:
            self.may_parse.wait()
            return parse_next(story)

        monkeypatch.setattr(OpenStory, "parse_next", wait_and_parse)
        self.stage.app = ReaderApp(session, Config(scrollbar=False), theme="night")

    @property
    def top_row(self) -> str:
        return render_rows(self.stage.screen.page)[0].strip()


async def test_a_place_that_is_not_parsed_yet_is_shown_later_and_the_beginning_meanwhile(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("large.md", f"# Large\n\n{make_numbered_story(500)}")
    goal = DeepGoal(path, "451", monkeypatch)
    notice = "Going to block 451: the text is still being read."
    assert [goal.stage.session.next_notice(), goal.open_story.place] == [notice, Place()]
    async with goal.stage.app.run_test() as pilot:
        await wait_until(pilot, lambda: goal.top_row == "Large")
        goal.may_parse.set()
        await wait_until(pilot, lambda: goal.top_row.startswith("Paragraph 450 "))
        assert goal.open_story.goal is None
    goal.stage.session.save()
    assert goal.stage.store.load_story_state(goal.open_story.story.id).anchor is None


async def test_a_reader_who_moves_before_is_left_where_that_led(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("large.md", f"# Large\n\n{make_numbered_story(500)}")
    goal = DeepGoal(path, "451", monkeypatch)
    async with goal.stage.app.run_test() as pilot:
        await wait_until(pilot, lambda: goal.top_row == "Large")
        await pilot.press("j", "j", "j", "j")
        before = goal.top_row
        goal.may_parse.set()
        await wait_until(pilot, lambda: goal.open_story.document.is_complete)
        await wait_until_idle(pilot)
        assert goal.top_row == before != "Large"


async def test_a_place_below_the_end_is_named_once_that_is_known(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("large.md", f"# Large\n\n{make_numbered_story(500)}")
    goal = DeepGoal(path, "700", monkeypatch)
    goal.may_parse.set()
    async with goal.stage.app.run_test() as pilot:
        text = "The text is shorter: it has 500 blocks, so block 700 is not in it."
        await wait_until(pilot, lambda: goal.stage.screen.status_bar.text.startswith(text))


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
