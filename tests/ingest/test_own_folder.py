"""The folder of the stories that the user added, as a part of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reader.ingest import Draft, Facts
from reader.ingest.save import save_draft
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DRAFT = Draft(Facts(title="Rain", author="Ann Lee"), ("It fell.",))


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))
    yield session
    session.close()


def test_added_stories_are_in_the_library_beside_the_bundled_ones(
    session: Session, tmp_path: Path
) -> None:
    saved = save_draft(DRAFT, tmp_path / "stories")
    session.catalog.own_folder = tmp_path / "stories"
    files = session.scan_library(None)
    assert [file.path for file in files if file.folder == "stories"] == [saved.path]
    assert any(file.folder == "bundled" for file in files)


def test_a_folder_that_is_not_there_yet_is_no_problem_and_is_watched(
    session: Session, tmp_path: Path
) -> None:
    session.catalog.own_folder = tmp_path / "stories"
    session.scan_library(None)
    assert session.next_notice() is None
    saved = save_draft(DRAFT, tmp_path / "stories")
    assert [*session.watch.find_differences(is_thorough=True)] == [saved.path]


def test_only_the_library_itself_has_the_added_stories(session: Session, tmp_path: Path) -> None:
    save_draft(DRAFT, tmp_path / "stories")
    (tmp_path / "other").mkdir()
    session.catalog.own_folder = tmp_path / "stories"
    assert session.scan_library(tmp_path / "other") == []
