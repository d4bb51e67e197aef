"""A cached text that is opened at a place deep in it is the one that is read from its start."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest
from session_driver import make_text

from reader.cli.context import open_session
from reader.library import text_cache
from reader.paths import Paths
from reader.session import jobs
from reader.text.document import Place
from reader.text.places import Passage

if TYPE_CHECKING:
    from pathlib import Path

    from reader.session.open_story import OpenStory

REST: Final = make_text(300).replace("Paragraph", "Further on, number")
TEXT: Final = f"# A title\n\n{make_text(300)}\n\n## Far away\n\n{REST}[^1]\n\n[^1]: It.\n"
DEEP: Final = Place(450, 9)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a text that was read to a place deep in it, and highlighted, in short lines."""
    monkeypatch.setattr(text_cache, "NEXT_LINE_CHARACTERS", 2_000)
    path = tmp_path / "deep.md"
    path.write_text(TEXT)
    with open_session() as session:
        open_story = session.open_file(path)
        open_story.parse_all()
        session.enter(open_story)
        session.index_story(open_story).run()
        session.annotations.highlight_passage(Passage(Place(448, 0), Place(448, 30)))
        open_story.move_to(DEEP)
        session.tracker.set_visible_range(Place(440), DEEP)
        session.save()
    return path


def describe(open_story: OpenStory) -> object:
    """Return what is seen of a story, and what will be saved."""
    document = open_story.document
    heading = document.find_heading_at(open_story.place)
    return (
        open_story.place,
        open_story.stopped_at,
        open_story.story,
        open_story.word_count,
        open_story.compute_fraction(open_story.place),
        heading.text if heading is not None else "",
        [open_story.list_block_highlights(number) for number in (447, 448, 449)],
        open_story.highlights.passages,
        document.is_complete,
        [*document.blocks],
        document.footnotes,
    )


def test_a_text_that_is_opened_deep_in_it_is_the_text_that_is_read_from_its_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_session() as session:
        deep = session.open_file(path)
    assert deep.document.read_next is not None
    assert deep.place == DEEP
    monkeypatch.setattr(jobs, "MIN_DEEP_BLOCK", 10_000)
    with open_session() as session:
        whole = session.open_file(path)
        whole.parse_all()
    assert whole.document.read_next is None
    assert describe(deep) == describe(whole)


def test_a_changed_text_is_read_from_its_start(path: Path) -> None:
    path.write_text(TEXT.replace("Far", "Very far"))
    with open_session() as session:
        open_story = session.open_file(path)
        assert open_story.document.read_next is None
        assert open_story.place == DEEP


def test_a_highlight_that_is_elsewhere_now_is_found_in_all_of_the_text(path: Path) -> None:
    state = Paths.default().state
    assert state is not None
    with closing(sqlite3.connect(state, isolation_level=None)) as db:
        assert db.execute("UPDATE highlight SET block = 3").rowcount == 1
    with open_session() as session:
        open_story = session.open_file(path)
        assert open_story.document.read_next is not None
        assert open_story.list_block_highlights(448)
