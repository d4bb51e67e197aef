"""Shelf, page and status bar together: opening, reading, marking and leaving a story."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle

from reader.config import Config
from reader.errors import UnreadableFile
from reader.library.describing import make_story_id
from reader.reading.progress import ReadStatus
from reader.session.open_story import OpenStory
from reader.store.repository import Store
from reader.ui.screen import TICK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.session.open_story import ParsedSlice


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    """Return a folder of three stories of about seven minutes each."""
    for name in ("Bert", "Cleo"):
        write(f"{name}.md", f"---\ntitle: {name}\n---\n{make_numbered_story()}")
    return write("Anna.md", f"---\ntitle: Anna\n---\n{make_numbered_story()}").parent


def get_status(stage: Stage, folder: Path, name: str = "Anna") -> ReadStatus:
    return stage.store.load_story_state(make_story_id(folder / f"{name}.md")).status


async def test_the_story_under_the_cursor_is_previewed(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("j")
        await wait_until(pilot, lambda: stage.app.title == "Bert")
        assert render_rows(stage.screen.page)[0].strip() == "Bert"
        assert stage.screen.shelf.has_focus


async def test_a_preview_is_not_reading(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        stage.clock.now += 3_600
        stage.tick()
        await pilot.pause()
        await pilot.press("q")
    assert stage.store.load_story_states() == {}


async def test_a_story_left_at_once_is_unread(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        await pilot.press("q")
    assert get_status(stage, folder) is ReadStatus.UNREAD


async def test_the_end_key_finishes_nothing(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter", "G")
        await wait_until_idle(pilot)
        stage.clock.now += 5
        stage.tick()
        await pilot.pause()
        await pilot.press("q")
    assert get_status(stage, folder) is not ReadStatus.FINISHED


async def test_a_story_read_page_by_page_is_finished(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 40)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        statuses = []
        for _ in range(12):
            stage.clock.now += 60
            stage.screen.session.tracker.tick()
            statuses.append(stage.session.get_entry(stage.session.current.story).status)  # type: ignore[union-attr]
            await pilot.press("space")
    assert statuses[0] is ReadStatus.READING
    assert get_status(stage, folder) is ReadStatus.FINISHED


async def test_nothing_is_read_under_a_dialog(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 40)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        await pilot.press("question_mark")
        stage.clock.now += 3_600
        await pilot.press("q")
        assert stage.screen.page.has_focus
        await pilot.press("q")
    assert get_status(stage, folder) is ReadStatus.UNREAD


async def test_nothing_is_read_while_another_window_has_the_focus(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 40)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        stage.app.app_focus = False
        await pilot.pause()
        stage.clock.now += 3_600
        await pilot.press("q")
    assert get_status(stage, folder) is ReadStatus.UNREAD


async def test_next_story_follows_the_shelf(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter", "right_square_bracket")
        await wait_until_idle(pilot)
        assert render_rows(stage.screen.page)[0].strip() == "Bert"
        assert stage.screen.page.has_focus


async def test_previous_story_follows_the_shelf_back(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("G", "enter")
        await wait_until_idle(pilot)
        await pilot.press("2", "left_square_bracket")
        await wait_until_idle(pilot)
        assert render_rows(stage.screen.page)[0].strip() == "Anna"


async def test_a_notice_says_that_there_is_no_next_story(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("G", "enter")
        await wait_until_idle(pilot)
        await pilot.press("right_square_bracket")
        assert stage.screen.status_bar.text.startswith("There is no story after this one.")


async def test_m_finishes_the_story_and_names_the_undo_key(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter", "m")
        assert get_status(stage, folder) is ReadStatus.FINISHED
        assert stage.screen.status_bar.text.startswith("Finished: Anna (U undoes it)")


async def test_m_makes_a_finished_story_unread(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("m", "m")
        assert get_status(stage, folder) is ReadStatus.UNREAD


async def test_undo_reverts_status_changes_one_by_one(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("m", "j", "m", "U")
        assert [get_status(stage, folder, name) for name in ("Anna", "Bert")] == [
            "finished",
            "unread",
        ]
        await pilot.press("U")
        assert get_status(stage, folder) is ReadStatus.UNREAD


@pytest.mark.parametrize(("columns", "panes"), [(107, 1), (108, 2)])
async def test_both_panes_are_shown_from_108_columns(
    folder: Path, columns: int, panes: int
) -> None:
    stage = Stage(folder)
    async with stage.run(size=(columns, 24)):
        assert [stage.screen.shelf.display, stage.screen.page.display].count(True) == panes


async def test_z_hides_and_shows_the_shelf(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter", "z")
        assert not stage.screen.shelf.display
        await pilot.press("z")
        assert stage.screen.shelf.display


async def test_escape_goes_back_to_the_shelf_in_a_narrow_terminal(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert stage.screen.shelf.display
        assert not stage.screen.page.display


async def test_the_status_bar_shows_section_percent_and_minutes(
    write: Callable[[str, str], Path],
) -> None:
    path = write(
        "s.md",
        f"---\ntitle: S\n---\n## First part\n\n{make_numbered_story(10)}\n\n## Second\n\n{make_numbered_story(50)}",
    )
    stage = Stage(path.parent, file=path)
    async with stage.run(size=(60, 24)) as pilot:
        assert (
            " ".join(stage.screen.status_bar.text.split())
            == "First part 6 % · 7 min to go · ? keys"
        )
        await pilot.press("2", "right_curly_bracket")
        assert stage.screen.status_bar.text.split()[0] == "Second"


async def test_the_key_of_the_help_is_named_until_the_help_was_opened(folder: Path) -> None:
    stage = Stage(folder, file=folder / "Anna.md")
    async with stage.run(size=(60, 24)) as pilot:
        bar = stage.screen.status_bar
        assert bar.text.endswith(" · ? keys")
        await pilot.press("question_mark", "escape")
        stage.tick()
        assert "keys" not in bar.text
        assert stage.session.get_choice("help") == "seen"


async def test_the_key_of_the_help_is_not_named_after_the_help_was_opened_once(
    folder: Path,
) -> None:
    store = Store.open_in_memory()
    store.save_choice("help", "seen")
    stage = Stage(folder, file=folder / "Anna.md", store=store)
    async with stage.run(size=(60, 24)):
        assert "keys" not in stage.screen.status_bar.text


@pytest.mark.parametrize(
    ("columns", "hints"),
    [
        (80, "Enter read · / filter · S search · ? keys · q quit"),
        (50, "S search · ? keys · q quit"),
        (24, "? keys"),
    ],
)
async def test_the_shelf_names_as_many_keys_as_fit(folder: Path, columns: int, hints: str) -> None:
    stage = Stage(folder)
    async with stage.run(size=(columns, 24)):
        left, _, right = stage.screen.status_bar.text.partition("stories")
        assert left.strip().isdigit()
        assert right.strip() == hints


async def test_the_page_says_why_a_file_cannot_be_read(
    folder: Path, write: Callable[[str, bytes], Path]
) -> None:
    write("Zero.md", bytes(range(256)) * 40)
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("G")
        await wait_until(pilot, lambda: stage.session.current is None)
        await wait_until_idle(pilot)
        assert "not text (or not in UTF-8)" in " ".join(
            line.strip() for line in render_rows(stage.screen.page)
        )


async def test_a_command_can_have_other_keys(folder: Path) -> None:
    stage = Stage(folder, config=Config(keys={"next-story": "n", "nonsense": "x"}, scrollbar=False))
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter", "n")
        await wait_until_idle(pilot)
        assert render_rows(stage.screen.page)[0].strip() == "Bert"


async def test_an_unknown_command_gives_a_notice(folder: Path) -> None:
    stage = Stage(folder, config=Config(keys={"next-stroy": "n"}))
    async with stage.run(size=(120, 24)) as pilot:
        stage.tick()
        await pilot.pause()
        assert "did you mean 'next-story'?" in stage.screen.status_bar.text


async def test_every_problem_of_theme_and_keys_gives_a_notice(folder: Path) -> None:
    keys = {"line-down": "q", "next-stroy": "w"}
    stage = Stage(folder, config=Config(theme="nosuch", keys=keys))
    notices = [stage.session.next_notice() or "" for _ in range(4)]
    assert [notice.split("; ")[0] for notice in notices] == [
        "config.toml: keys: there is no command 'next-stroy'",
        "config.toml: keys: line-down takes q from leave",
        "There is no theme 'nosuch'",
        "",
    ]


async def test_the_chosen_theme_is_saved(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        stage.app.choose_theme("day")
        await pilot.pause()
    assert stage.store.load_choice("theme") == "day"


async def test_a_place_is_saved_half_a_second_after_a_move(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert TICK_SECONDS == 0.5
    monkeypatch.setattr("reader.ui.screen.TICK_SECONDS", 0.1)
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        await pilot.press("space", "space")
        place = stage.screen.page.place
        story_id = make_story_id(folder / "Anna.md")

        def is_saved() -> bool:
            anchor = stage.store.load_story_state(story_id).anchor
            return anchor is not None and anchor.place == place

        await wait_until(pilot, is_saved)


async def test_leaving_a_story_saves_at_once(folder: Path) -> None:
    stage = Stage(folder)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        await pilot.press("space", "h")
        await pilot.pause()
        assert stage.store.load_story_state(make_story_id(folder / "Anna.md")).anchor is not None


async def test_another_theme_shows_the_same_place(folder: Path) -> None:
    stage = Stage(folder, store=Store.open_in_memory())
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        await pilot.press("space")
        before = render_rows(stage.screen.page)
        stage.app.choose_theme("day")
        await pilot.pause()
        assert render_rows(stage.screen.page) == before


async def test_a_completely_parsed_file_is_in_the_index(
    write: Callable[[str, str], Path],
) -> None:
    path = write("long.md", f"# Long\n\n{make_numbered_story(2_000)}\n\n## Not the title\n")
    stage = Stage(path.parent / "none", file=path)
    async with stage.run(size=(80, 24)) as pilot:
        await wait_until_idle(pilot)
    known = stage.session.open_file(path).story
    assert (known.title, known.words) == ("Long", 64_003)


async def test_a_text_whose_rest_can_not_be_read_is_told(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A cached text is damaged in its middle, and the file is gone: nothing can be parsed.
    original = OpenStory.parse_next
    calls = count()

    def fail_on_second_call(open_story: OpenStory) -> ParsedSlice | None:
        if next(calls):
            raise UnreadableFile("a.md: there is no such file")
        return original(open_story)

    monkeypatch.setattr(OpenStory, "parse_next", fail_on_second_call)
    story = write("a.md", make_numbered_story(400))
    stage = Stage(story.parent, file=story)
    async with stage.app.run_test(size=(100, 24)) as pilot:  # it never becomes idle

        def is_told() -> bool:
            stage.tick()
            return "The rest of this story can't be shown" in stage.screen.status_bar.text

        await wait_until(pilot, is_told)
        assert "Paragraph 0" in "".join(render_rows(stage.screen.page))
