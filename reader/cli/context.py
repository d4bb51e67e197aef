"""What every command starts from: settings, reading data, library, the story named."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reader.errors import StateError, UnknownStory, UnreadableFile
from reader.paths import Paths
from reader.text.cells import sanitize_line
from reader.text.places import locate, parse_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.config import Config
    from reader.library.story import Story
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.store.repository import Store
    from reader.text.document import Anchor, Place


def print_error(line: str) -> None:
    """Say on standard error what went wrong."""
    print(f"reader: {sanitize_line(line, 2_000)}", file=sys.stderr)


def is_private(is_requested: bool = False) -> bool:
    """Tell whether nothing of this run is to be remembered."""
    return is_requested or os.environ.get("READER_PRIVATE", "") not in {"", "0"}


@contextlib.contextmanager
def open_store(*, private: bool = False) -> Iterator[Store]:
    """Yield what is remembered, and close it. A private one is a copy that ends with the run."""
    from reader.store.repository import Store

    path = Paths.default().state
    state = Store.open_copy(path) if is_private(private) else Store.open(path)
    try:
        yield state
    finally:
        state.close()
        if state.notice:
            print_error(state.notice)


@contextlib.contextmanager
def open_session(*, private: bool = False) -> Iterator[Session]:
    """Yield a session, close it, and tell what went wrong on the way."""
    from reader.library.catalog import Catalog
    from reader.library.index import Index
    from reader.library.text_cache import TextCache
    from reader.session.session import Session
    from reader.store.repository import Store

    paths = Paths.default()
    if is_private(private):
        store, index, text_folder = Store.open_copy(paths.state), Index.open(None), None
    else:
        store, index, text_folder = Store.open(paths.state), Index.open(paths.index), paths.texts
    session = Session(Catalog(), store, index, TextCache(text_folder))
    try:
        yield session
    finally:
        session.close()
        while (notice := session.next_notice()) is not None:
            print_error(notice)


def load_config() -> Config:
    """Return what the human said, with a line for each thing that is wrong in it."""
    from reader.config import read_config

    return read_config(Paths.default().config, os.environ)


def back_up_store(*, in_use: bool = False) -> str:
    """Copy the memory if there is no copy of today; return what is wrong with that, or ''.

    `in_use` says that this program has it open.
    """
    from reader.store.database import back_up

    if is_private():
        return ""
    try:
        back_up(Paths.default().state, in_use=in_use)
    except StateError as error:
        return f"The memory can't be copied: {error}"
    return ""


def read_stdin() -> bytes:
    """Return what stands on standard input, up to what a story may have.

    Raises `Unreadable`.
    """
    from reader.library.story import MAX_STORY_BYTES

    data = sys.stdin.buffer.read(MAX_STORY_BYTES + 1) if sys.stdin is not None else b""
    if len(data) > MAX_STORY_BYTES:
        raise UnreadableFile(
            f"standard input: larger than {MAX_STORY_BYTES >> 20} MB, so it is not opened"
        )
    return data


def fill_catalog(session: Session, folder: Path | None = None) -> None:
    """Take in every story of `folder`, or of the plain library, parsing what has changed."""
    from reader.library.files import find_bundled_folder
    from reader.library.story import describe_files

    if folder is not None and not folder.is_dir():
        raise UnknownStory(f"{folder}: there is no such folder")
    files = session.scan_folders([folder or find_bundled_folder()])
    if folder is None:
        files += session.scan_started_stories()
    session.add_stories(list(describe_files(files)))


def open_by_name(session: Session, name: str) -> tuple[OpenStory, Place | None]:
    """Open the story that `name` names: a path first, `-`, else a story of the library.

    Where there is none of that name, what follows the last `@` of it may be an address; then
    the visit is there, and its place is returned too. Raises `UnknownStory` and `Unreadable`.
    """
    try:
        return _open_target(session, name), None
    except UnknownStory:
        story, _, written = name.rpartition("@")
        anchor = parse_address(written)
        if anchor is None or not story:
            raise
    found = _open_target(session, story)
    _go_to_anchor(found, anchor)
    return found, found.place


def _open_target(session: Session, name: str) -> OpenStory:
    if name == "-":
        return session.open_text(read_stdin())
    if os.path.lexists(name):
        return session.open_file(Path(name))
    return session.make_opener(find_story(session, name))()


def reopen_last_story(session: Session) -> OpenStory | None:
    """Open the story that was on the page when the reader left, None if that was the shelf.

    It is one of the library, else its file is where it was; what is wrong with it is a notice.
    """
    left = session.get_last_open_story()
    if left is None:
        return None
    key, known = left
    story = session.catalog.find_by_id(key)
    try:
        found = session.make_opener(story)() if story is not None else session.open_file(known.path)
    except UnreadableFile as error:
        path = sanitize_line(str(known.path))
        reason = str(error).removeprefix(f"{path}: ")
        session.notify(f"{sanitize_line(known.title)} can't be opened again, {reason}: {path}")
        return None
    return found if found.story.id == key else None


def _go_to_anchor(visit: OpenStory, anchor: Anchor) -> None:
    """Parse as far as `anchor` and be there, wherever its block is now."""
    if not anchor.fingerprint:
        visit.parse_to(anchor.place)
        return
    while (place := locate(visit.document, anchor)) is None:
        piece = visit.parse_next()
        if piece is None:
            return
        visit.add_slice(piece)
    visit.set_place(place)


def find_story(session: Session, name: str) -> Story:
    """Return the story with that path, id or unique part of a title.

    Raises `UnknownStory` and `Unreadable`.
    """
    from reader.library.files import STORY_SUFFIXES

    if os.path.lexists(name):
        return session.open_file(Path(name)).story
    if "/" in name or name.lower().endswith(STORY_SUFFIXES):
        raise UnknownStory(f"{name}: there is no such file")
    fill_catalog(session)
    return session.catalog.find_story(name)
