"""The kept frame of a large folder, which is drawn from the catalog of the session that ends."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

import pytest
from kept_frames import find_kept_frame, keep_next_frame, read_story, scan_folder

from reader.drawing.kept_frame import decode_frame, make_key
from reader.session.shelf import shelf_list
from reader.session.shelf.sections import make_sections

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reader.session.shelf.entries import ShelfEntry, ShelfView
    from reader.session.shelf.sections import ShelfSection

pytestmark = pytest.mark.usefixtures("home")

SIZE: Final = (120, 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with stories, two folders in it, and one of them without any."""
    folder = tmp_path / "large"
    (folder / "below").mkdir(parents=True)
    (folder / "empty").mkdir()
    for name in ("a", "b", "below/c"):
        (folder / f"{name}.md").write_text(f"# Story {name}\n\nWords of it.\n")
    return folder


def read_frame(folder: Path) -> str | None:
    """Return the frame that a start with the folder shows first of all."""
    path = find_kept_frame()
    key = make_key([str(folder)], os.environ, SIZE)
    return decode_frame(path.read_bytes(), key, time.time()) if path.exists() else None


def edit_story(folder: Path) -> None:
    """Change a story where it stands, in the same number of bytes."""
    path = folder / "below" / "c.md"
    path.write_text(path.read_text().replace("Story", "Essay"))
    os.utime(path, ns=(1, 1))


CHANGES: Final[dict[str, Callable[[Path], object]]] = {
    "a story is edited": edit_story,
    "a story is added": lambda folder: (folder / "d.md").write_text("# D\n\nWords.\n"),
    "the first story of a folder": lambda folder: (folder / "empty" / "e.md").write_text("# E\n"),
    "a story is removed": lambda folder: (folder / "below" / "c.md").unlink(),
    "stories are left out": lambda folder: (folder / ".readerignore").write_text("b.md\n"),
    "a story is read": lambda folder: read_story(folder / "a.md"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_frame_of_a_large_folder_is_valid_until_something_in_it_changes(
    change: Callable[[Path], object], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_next_frame(folder, SIZE, monkeypatch, scan_folder(folder))
    assert "Story a" in (read_frame(folder) or "")
    change(folder)
    assert read_frame(folder) is None


@pytest.mark.parametrize("change", [*CHANGES.values()][:5], ids=[*CHANGES][:5])
def test_no_frame_is_kept_of_a_folder_that_changed_after_it_was_scanned(
    change: Callable[[Path], object], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = scan_folder(folder)
    change(folder)
    keep_next_frame(folder, SIZE, monkeypatch, session)
    assert read_frame(folder) is None


@pytest.mark.parametrize("is_being_sorted", [False, True])
def test_a_frame_from_another_sessions_catalog_is_the_one_from_a_new_scan(
    is_being_sorted: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = scan_folder(folder)
    keep_next_frame(folder, SIZE, monkeypatch)
    scanned = read_frame(folder)
    if is_being_sorted:
        session.catalog.start_sort()  # the program ends before that is done
    keep_next_frame(folder, SIZE, monkeypatch, session)
    assert scanned
    assert read_frame(folder) == scanned


def test_the_stories_are_listed_once_for_a_frame_with_the_end_card(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, views = scan_folder(folder), list[str]()

    def count_sections(entries: Sequence[ShelfEntry], view: ShelfView) -> list[ShelfSection]:
        views.append(view.sort)
        return make_sections(entries, view)

    monkeypatch.setattr(shelf_list, "make_sections", count_sections)
    keep_next_frame(folder, SIZE, monkeypatch, session)
    assert "Not read yet" in (read_frame(folder) or "")  # the end card
    assert len(views) == 1


def test_no_frame_is_kept_with_a_story_from_elsewhere_in_the_catalog(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = scan_folder(folder)
    (tmp_path / "other.md").write_text("# Other\n\nWords.\n")
    session.catalog.add(scan_folder(tmp_path).catalog.find_story("Other"))
    keep_next_frame(folder, SIZE, monkeypatch, session)
    assert read_frame(folder) is None
