"""The kept frame of a large folder, which is drawn from its kept order."""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import pytest
from app_driver import make_numbered_story
from kept_frames import find_kept_frame, keep_next_frame, keep_order, read_story

from reader.cli.context import open_by_name, open_session
from reader.cli.main import main
from reader.cli.start import enter_start
from reader.drawing.kept_frame import decode_frame, make_key
from reader.errors import UnknownStory
from reader.paths import Paths
from reader.session.known_stories import KnownStories
from reader.session.open_story import OpenStory
from reader.session.shelf import kept_order, order_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.session.session import Session


pytestmark = pytest.mark.usefixtures("home")

SIZE: Final = (120, 30)
DAMAGED: Final = int(os.environ.get("READER_DAMAGED", "25"))
"""How many damaged files are tried."""


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
    keep_next_frame(folder, SIZE, monkeypatch, keep_order(folder, monkeypatch))
    assert "Story a" in (read_frame(folder) or "")
    change(folder)
    assert read_frame(folder) is None


@pytest.mark.parametrize("change", [*CHANGES.values()][:5], ids=[*CHANGES][:5])
def test_no_frame_is_kept_of_a_folder_that_changed_after_it_was_scanned(
    change: Callable[[Path], object], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = keep_order(folder, monkeypatch)
    change(folder)
    keep_next_frame(folder, SIZE, monkeypatch, session)
    assert read_frame(folder) is None


def test_a_frame_from_a_kept_order_is_the_one_from_a_scan(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.md").write_text(f"# Story a\n\n{make_numbered_story()}")  # hides the end card
    session = keep_order(folder, monkeypatch)
    keep_next_frame(folder, SIZE, monkeypatch, session)
    from_order = read_frame(folder)
    find_kept_frame().with_name("shelf-folder.db").unlink()
    keep_next_frame(folder, SIZE, monkeypatch)
    assert from_order
    assert from_order == read_frame(folder)


def test_a_frame_from_a_scan_is_not_shown_once_an_order_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_order(folder, monkeypatch)
    path = find_kept_frame().with_name("shelf-folder.db")
    order = path.read_bytes()
    path.unlink()
    keep_next_frame(folder, SIZE, monkeypatch)
    assert "Story a" in (read_frame(folder) or "")
    path.write_bytes(order)
    assert read_frame(folder) is None


def test_no_frame_is_kept_if_a_file_differs_from_what_the_session_knows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = keep_order(folder, monkeypatch)
    file = session.watch.files.get(str(folder / "below" / "c.md"))
    assert file is not None
    session.watch.files.add(file._replace(size=1))
    keep_next_frame(folder, SIZE, monkeypatch, session)
    assert read_frame(folder) is None


def test_a_kept_order_shows_what_another_program_has_marked_since(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = keep_order(folder, monkeypatch)
    assert main(["mark", str(folder / "a.md"), "finished"]) == 0
    keep_next_frame(folder, SIZE, monkeypatch, session)
    frame = read_frame(folder) or ""
    assert frame.index("Story b") < frame.index("Finished") < frame.index("✓ ")


def test_an_edited_story_is_shown_by_a_kept_order_if_its_place_is_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = folder / "a.md"
    keep_order(folder, monkeypatch)
    story.write_text(f"# Story a\n\n{make_numbered_story()}")
    with open_session() as session:
        assert enter_start(session, [str(folder)], folder, None) == []
        assert session.scanning.is_pending
        assert session.order[0].words > 100
    story.write_text("# Another title\n\nText.\n")
    with open_session() as session:
        enter_start(session, [str(folder)], folder, None)
        assert not session.scanning.is_pending


def test_a_very_large_shelf_is_shown_as_it_was_though_its_folder_has_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = keep_order(folder, monkeypatch)
    (folder / "b.md").unlink()
    (folder / "d.md").write_text("# D\n\nWords.\n")
    monkeypatch.setattr(kept_order, "MIN_OUTDATED", 3)
    with open_session() as started:
        assert enter_start(started, [str(folder)], folder, None) == []
        assert [story.title for story in started.order] == ["Story a", "Story below/c"]
        for files in started.scanning.add_scanned(started.scanning.make_scan_job().run()):
            pending = files
        assert [file.path.name for file in pending] == ["d.md"]
    keep_next_frame(folder, SIZE, monkeypatch, session)
    assert read_frame(folder) is None


def test_no_frame_is_kept_for_a_pipe_which_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pipe.md"
    os.mkfifo(path)
    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # so that no open waits for the other side
    os.write(handle, b"# For another program")
    keep_next_frame(path, SIZE, monkeypatch)
    assert os.read(handle, 99) == b"# For another program"
    os.close(handle)
    assert not find_kept_frame().exists()


def test_nothing_is_parsed_to_a_place_that_is_asked_for_when_a_frame_would_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.md"
    path.write_text(make_numbered_story(500))
    slices: list[object] = []
    parse_next = OpenStory.parse_next

    def note_slice(open_story: OpenStory) -> object:
        slices.append(open_story)
        return parse_next(open_story)

    monkeypatch.setattr(OpenStory, "parse_next", note_slice)
    keep_next_frame(Path(f"{path}@450"), SIZE, monkeypatch)
    assert len(slices) == len({*map(id, slices)})  # the first slice of each
    assert not find_kept_frame().exists()


TOUCHES: Final[dict[str, tuple[Callable[[Path], object], bool]]] = {
    "a story is saved by an editor": (lambda folder: replace_story(folder / "b.md"), True),
    "a file that is no story": (lambda folder: (folder / "b.md~").write_text("x"), True),
    "a hidden file": (lambda folder: (folder / ".b.md.swp").write_text("x"), True),
    "a folder of another program": (lambda folder: (folder / "node_modules").mkdir(), True),
    "a story is added": (lambda folder: (folder / "d.md").write_text("# D\n"), False),
    "a story is renamed": (lambda folder: (folder / "b.md").rename(folder / "d.md"), False),
    "a folder is added": (lambda folder: (folder / "new").mkdir(), False),
    "a folder is renamed": (lambda folder: (folder / "below").rename(folder / "down"), False),
    "a link": (lambda folder: (folder / "d.md").symlink_to(folder / "b.md"), False),
    "stories are left out": (lambda folder: (folder / ".readerignore").write_text("x"), False),
    "a folder is a cache": (lambda folder: (folder / "below/CACHEDIR.TAG").write_text(""), False),
}
"""What may happen in a folder, and whether its kept order is valid after that."""


def replace_story(path: Path) -> None:
    """Save another text as editors do: to a new file, which takes the name of the old one."""
    path.with_name("new").write_text(path.read_text().replace("Words", "Others"))
    path.with_name("new").replace(path)


@pytest.mark.parametrize(("touch", "is_valid"), TOUCHES.values(), ids=TOUCHES)
def test_a_kept_order_is_valid_as_long_as_the_folders_have_the_same_stories(
    touch: Callable[[Path], object], is_valid: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_order(folder, monkeypatch)
    os.utime(folder, ns=(1, 1))
    touch(folder)
    with open_session() as session:
        enter_start(session, [str(folder)], folder, None)
        assert session.scanning.is_pending is is_valid
        assert not session.scanning.is_outdated


def test_an_order_whose_folders_were_touched_is_kept_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_order(folder, monkeypatch)
    (folder / "b.md~").write_text("x")
    monkeypatch.setattr(order_job, "MIN_STORIES", 0)
    with open_session() as session:
        enter_start(session, [str(folder)], folder, None)
        for _ in session.scanning.add_scanned(session.scanning.make_scan_job().run()):
            pass
        job = session.scanning.make_order_job(session.shelf_list.list_at_once())
        assert job is not None
        job.run()
        order = kept_order.open_order(job.path, job.key)
        assert order is not None
        assert not order.is_touched
        order.close()


def test_a_story_of_a_large_shelf_that_is_seen_may_have_another_title(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays where it was until all files are scanned; no frame is kept of that."""
    session = keep_order(folder, monkeypatch)
    (folder / "a.md").write_text("# Zero\n\nWords of it.\n")
    monkeypatch.setattr(kept_order, "MIN_OUTDATED", 3)
    with open_session() as started:
        enter_start(started, [str(folder)], folder, None)
        titles = [story.title for story in started.order]
        assert titles == ["Zero", "Story b", "Story below/c"]
        assert started.scanning.is_outdated
    keep_next_frame(folder, SIZE, monkeypatch, session)
    assert read_frame(folder) is None


def test_a_damaged_kept_order_stops_no_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_order(folder, monkeypatch)
    path = find_kept_frame().with_name("shelf-folder.db")
    data, chance = path.read_bytes(), Random(3)  # noqa: S311  no secret
    for number in range(DAMAGED):
        damaged = bytearray(data)
        start = chance.randrange(len(data))
        for at in range(start, min(len(data), start + chance.choice([1, 30, 3000]))):
            damaged[at] = chance.randrange(256)
        path.write_bytes(damaged if number else b"")
        with open_session() as session:
            enter_start(session, [str(folder)], folder, None)
            if session.scanning.is_pending:  # nothing that is read was damaged, or it isn't seen
                for _ in session.scanning.add_scanned(session.scanning.make_scan_job().run()):
                    pass
            titles = {story.title for story in session.catalog.list_all()}
        assert titles == {"Story a", "Story b", "Story below/c"}


@pytest.fixture
def library(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Make the folder the library, and keep its order; return the session that has done it."""
    config = Paths.default().config
    assert config is not None
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'library = "{folder}"\nbundled = false\n')
    return keep_order(None, monkeypatch)


def test_a_story_is_found_by_its_name_before_a_large_library_is_scanned(library: Session) -> None:
    for name in ("ELOW", "below", "below@1"):
        with open_session() as session:
            open_story, _ = open_by_name(session, name)
            assert open_story.story.title == "Story below/c"
            assert len(session.catalog) == 1
            assert enter_start(session, [name], None, open_story) == []
            titles = [story.title for story in session.order]
            assert titles == ["Story a", "Story b", "Story below/c"]
    with open_session() as session, pytest.raises(UnknownStory, match="several stories match"):
        open_by_name(session, "story")


def test_a_started_draft_of_another_folder_is_found_by_its_name(
    library: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = tmp_path / "draft.md"
    draft.write_text("---\ndraft: true\n---\n# Plan@2\n\nWords.\n")
    started = [("draft", draft, "")]
    monkeypatch.setattr(KnownStories, "list_started", lambda _: started)
    for _ in range(2):  # before it is in the index, and after that
        with open_session() as session:
            open_story, place = open_by_name(session, "Plan@2")
            assert (open_story.story.path, place) == (draft, None)


def test_all_files_are_read_for_a_name_once_a_story_was_added(
    library: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_order, "MIN_OUTDATED", 3)
    (folder / "d.md").write_text("# Story B\n\nOther words.\n")
    with open_session() as session, pytest.raises(UnknownStory, match="several stories match"):
        open_by_name(session, "story b")


def test_a_frame_is_kept_for_a_name_until_there_is_a_file_of_that_name(
    library: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "empty")
    keep_next_frame(Path("below"), SIZE, monkeypatch, library)
    assert "Story below/c" in (read_frame(Path("below")) or "")
    Path("below").write_text("# Another\n")
    assert read_frame(Path("below")) is None


def test_a_file_is_opened_before_a_large_library_is_scanned(
    library: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = folder / "below" / "c.md"
    for columns, is_pending, is_huge in ((80, True, False), (120, False, False), (120, True, True)):
        size = os.terminal_size((columns, 24))
        monkeypatch.setattr(kept_order, "MIN_OUTDATED", 3 if is_huge else 20_000)
        monkeypatch.setattr(os, "get_terminal_size", lambda *_, size=size: size)
        with open_session() as session:
            assert enter_start(session, [str(story)], None, session.open_file(story)) == []
            assert session.scanning.is_pending is is_pending
            assert session.shelf_list.count_shown().stories == 3
            if is_pending:
                for _ in session.scanning.add_scanned(session.scanning.make_scan_job().run()):
                    pass
            entries = session.list_entries()
        assert [e.story.title for e in entries] == ["Story below/c", "Story a", "Story b"]
        assert {e.story.folder for e in entries} == {"large"}
