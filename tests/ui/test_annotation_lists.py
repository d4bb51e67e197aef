"""The lists of annotations and of finished stories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle

from reader.reading.annotations import Highlight
from reader.store.repository import Store
from reader.store.schema import HighlightRow, HistoryRow
from reader.store.stories import StoryDetails
from reader.text.document import Anchor, Place
from reader.ui.dialogs.annotations import BATCH_SIZE, AnnotationsDialog
from reader.ui.dialogs.editor import EditorDialog
from reader.ui.dialogs.history import HistoryDialog
from reader.ui.widgets.filter_list import FilterList
from reader.ui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from reader.reading.annotations import Annotation

    Write = Callable[[str, str], Path]

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def make_highlight(story: str, number: int, text: str, block: int = 0, note: str = "") -> Highlight:
    anchor = Anchor(Place(block), "", "")
    return Highlight(f"q{number:05}", story, anchor, text, note, NOW - timedelta(days=number))


@pytest.fixture
def stage(write: Write) -> Stage:
    """Return a stage with two stories and three highlights, one of them with a note."""
    write("salt.md", "---\ntitle: Salt\nauthor: Ann\nid: salt\n---\nWhite it is. Sea it was.\n")
    folder = write("long.md", f"---\ntitle: Long\nid: long\n---\n{make_numbered_story(300)}").parent
    stage = Stage(folder)
    annotations = stage.store.annotation_store
    for story in stage.session.catalog.list_stories():
        stage.store.save_story_details(
            story.id, StoryDetails(story.path, story.folder, title=story.title, author="Ann")
        )
    annotations.save_highlight(make_highlight("salt", 2, "White it is.", note="Not always."))
    annotations.save_highlight(make_highlight("long", 1, "Paragraph 250 word word word", 250))
    annotations.save_highlight(make_highlight("salt", 3, "Nobody says that any more.", 0))
    return stage


def list_rows(pilot: Pilot[None]) -> list[str]:
    """Return the rows of the list, stripped, without blank rows."""
    rows = render_rows(pilot.app.screen.query_one(VirtualList))
    return [row.strip() for row in rows if row.strip()]


def get_notice(pilot: Pilot[None]) -> str:
    return pilot.app.screen.query_one(FilterList).message


async def open_list(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press("Q")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, AnnotationsDialog))
    await pilot.press(*keys)
    await wait_until_idle(pilot)


async def test_the_newest_highlight_comes_first_with_title_date_and_note(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot)
        assert list_rows(pilot) == [
            "❝ Paragraph 250 word word word",
            "Long · 29 June 2026",
            "❝ White it is.",
            "Salt · 28 June 2026",
            "— Not always.",
            "❝ Nobody says that any more.",
            "Salt · 27 June 2026",
        ]


async def test_a_response_is_listed_among_the_highlights(stage: Stage) -> None:
    stage.store.annotation_store.save_response("salt", "A fine story.")
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot)
        assert list_rows(pilot)[0] == "✎ A fine story."
        assert list_rows(pilot)[1].startswith("your response · Salt · ")


@pytest.mark.parametrize(
    ("words", "rows"),
    [("WHITE", ["❝ White it is."]), ("always", ["❝ White it is."])],
    ids=["text", "note"],
)
async def test_typed_words_filter_the_list(stage: Stage, words: str, rows: list[str]) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "slash", *words)
        assert [row for row in list_rows(pilot) if row.startswith("❝")] == rows


async def test_the_filter_matches_titles_and_escape_clears_it(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "slash", *"salt", "down")
        assert sum(row.startswith("❝") for row in list_rows(pilot)) == 2
        await pilot.press("escape")
        assert sum(row.startswith("❝") for row in list_rows(pilot)) == 3
        await pilot.press("escape")
        assert pilot.app.screen is stage.screen


async def test_enter_goes_to_the_exact_place(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "enter")
        await wait_until_idle(pilot)
        assert stage.screen.page.has_focus
        rows_of_page = [row.strip() for row in render_rows(stage.screen.page)]
        assert any(row.startswith("❝ Paragraph 250 ") for row in rows_of_page)


async def test_in_the_open_story_enter_goes_to_the_place_and_ctrl_o_back(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        open_story = stage.session.current
        assert open_story is not None
        if open_story.story.id != "long":
            await pilot.press("right_square_bracket")
            await wait_until_idle(pilot)
        await open_list(pilot, "enter")
        await wait_until_idle(pilot)
        rows_of_page = [row.strip() for row in render_rows(stage.screen.page)]
        assert any(row.startswith("❝ Paragraph 250 ") for row in rows_of_page)
        await pilot.press("ctrl+o")
        assert stage.screen.page.place == Place()


async def test_a_highlight_without_its_text_opens_at_its_old_place(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "G", "enter")
        await wait_until_idle(pilot)
        assert stage.screen.status_bar.text.startswith(
            "The highlighted text is gone from the story. It was here."
        )
        assert stage.session.current is not None
        assert stage.session.current.story.id == "salt"


async def test_a_missing_file_gives_a_notice(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "stories" / "long.md").unlink()
    async with stage.run(size=(200, 24)) as pilot:
        await open_list(pilot, "enter")
        await wait_until_idle(pilot)
        assert stage.screen.status_bar.text.startswith("Long: its file is missing: ")


async def test_a_story_outside_the_folders_is_opened(stage: Stage, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "zoo.md").write_text("---\ntitle: Zoo\nid: zoo\n---\nOne. The lions roar.\n")
    stage.store.save_story_details("zoo", StoryDetails(other / "zoo.md", "other", title="Zoo"))
    stage.store.annotation_store.save_highlight(make_highlight("zoo", 0, "The lions roar."))
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "enter")
        await wait_until_idle(pilot)
        assert stage.session.current is not None
        assert stage.session.current.story.title == "Zoo"
        assert stage.session.current.highlights.passages == {"q00000": (Place(0, 5), Place(0, 20))}


async def test_d_deletes_and_u_restores(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "j", "d")
        assert "❝ White it is." not in list_rows(pilot)
        assert len(stage.store.annotation_store.load_highlights()) == 2
        assert get_notice(pilot) == "Deleted the highlight: U undoes it"
        await pilot.press("U")
        await wait_until_idle(pilot)
        assert list_rows(pilot)[2:5] == ["❝ White it is.", "Salt · 28 June 2026", "— Not always."]
        assert get_notice(pilot) == "Salt: the highlight is restored."


async def test_a_response_is_deleted_and_restored(stage: Stage) -> None:
    stage.store.annotation_store.save_response("salt", "A fine story.")
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "d")
        assert stage.store.annotation_store.load_response("salt") == ""
        await pilot.press("U")
        assert stage.store.annotation_store.load_response("salt") == "A fine story."
        assert list_rows(pilot)[0] == "✎ A fine story."


async def test_the_list_undoes_a_highlight_made_on_the_page(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await wait_until_idle(pilot)
        await pilot.press("H")
        await open_list(pilot)
        assert len(stage.store.annotation_store.load_highlights()) == 4
        await pilot.press("U")
        await wait_until_idle(pilot)
        assert len([row for row in list_rows(pilot) if row.startswith("❝")]) == 3


async def test_e_edits_the_note(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "j", "e")
        dialog = pilot.app.screen
        assert isinstance(dialog, EditorDialog)
        await wait_until(pilot, lambda: dialog.is_drawn)
        await pilot.press(*" Now.", "escape")
        await wait_until_idle(pilot)
        assert list_rows(pilot)[4] == "— Not always. Now."
        assert stage.store.annotation_store.load_highlights("salt")[1].note == "Not always. Now."


async def test_y_copies_as_markdown(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "j", "y")
        await wait_until_idle(pilot)
        lines = stage.app.clipboard.split("\n")
        assert lines[:4] == ["## Salt", "", "> White it is.", ">"]
        assert lines[4].startswith("> — Ann, *Salt*, ")
        assert lines[-1] == "Not always."


async def test_an_empty_list_ignores_its_keys(write: Write) -> None:
    stage = Stage(write("a.md", "Text.").parent)
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot, "d", "y", "e", "enter", "U")
        assert list_rows(pilot) == ["No highlights yet: H on the page highlights a sentence"]
        await pilot.press("q")
        assert pilot.app.screen is stage.screen


async def test_a_hostile_highlight_is_never_markup(stage: Stage) -> None:
    hostile = "[/red] [@click=app.bell]x[/] \x1b]0;title\x07 \u202ey"
    stage.store.annotation_store.save_highlight(make_highlight("salt", 0, hostile, note=hostile))
    async with stage.run(size=(80, 24)) as pilot:
        await open_list(pilot)
        sanitized = "[/red] [@click=app.bell]x[/] �]0;title� �y"
        assert (list_rows(pilot)[0], list_rows(pilot)[2]) == (f"❝ {sanitized}", f"— {sanitized}")
        await pilot.press("e")
        await wait_until_idle(pilot)
        await pilot.press("escape")


async def test_many_highlights_are_loaded_in_batches(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage.store.record_store.transaction() as stamp:
        for n in range(3_000):
            row = HighlightRow(
                f"z{n:05}", "salt", 0, 0, "", "", f"Quote {n}.", "", NOW.isoformat(), deleted=0
            )
            stage.store.record_store.put(row, stamp)
    async with stage.run(size=(80, 24)) as pilot:
        batch_sizes: list[int] = []
        list_highlights = stage.session.annotations.list_highlights

        def record_size(ids: list[str]) -> list[Annotation]:
            batch_sizes.append(len(ids))
            return list_highlights(ids)

        monkeypatch.setattr(stage.session.annotations, "list_highlights", record_size)
        await pilot.press("Q")
        listing = pilot.app.screen.query_one(FilterList)
        await wait_until(pilot, lambda: len(listing.narrowing.texts) == 3_003)
        assert batch_sizes == [BATCH_SIZE] * 30 + [3]
        await pilot.press("slash", *"quote 2321.")
        assert list_rows(pilot) == ["❝ Quote 2321.", "Salt · 30 June 2026"]


@pytest.fixture
def history_stage(write: Write) -> Stage:
    store = Store.open_in_memory()
    for title in ("Ash", "Bay"):
        store.save_story_details(
            title,
            StoryDetails(write(f"{title}.md", f"---\nid: {title}\n---\nText."), "", title=title),
        )
    with store.record_store.transaction() as stamp:
        for n, (title, at) in enumerate(
            [("Ash", "2026-05-02T10"), ("Bay", "2026-06-01T10"), ("Ash", "2026-06-12T10")]
        ):
            row = HistoryRow(str(n), title, f"{at}:00:00+00:00", 5 * n, deleted=0)
            store.record_store.put(row, stamp)
    return Stage(write("Ash.md", "---\ntitle: Ash\nid: Ash\n---\nText.").parent, store=store)


async def test_the_history_is_grouped_by_month_with_minutes(history_stage: Stage) -> None:
    async with history_stage.run(size=(60, 24)) as pilot:
        await pilot.press("R")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HistoryDialog))
        assert list_rows(pilot) == [
            "June 2026       12  Ash                         10 min",
            "1  Bay                          5 min",
            "May 2026         2  Ash",
        ]


async def test_enter_opens_the_finished_story(history_stage: Stage) -> None:
    async with history_stage.run(size=(60, 24)) as pilot:
        await pilot.press("R", "slash", *"bay june", "enter")
        await wait_until_idle(pilot)
        assert history_stage.session.current is not None
        assert history_stage.session.current.story.id == "Bay"
        assert history_stage.screen.page.has_focus


async def test_an_empty_history_shows_a_message(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("R")
        await wait_until_idle(pilot)
        assert list_rows(pilot) == ["Nothing is finished yet."]
