"""What every command starts from: settings, reading data, library, the story named."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reader.errors import StateError, UnknownStory, Unreadable
from reader.paths import Paths
from reader.text.cells import clean_line
from reader.text.places import anchored, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.config import Config
    from reader.library.story import Story
    from reader.session.open_story import Visit
    from reader.session.session import Session
    from reader.store.repository import State
    from reader.text.document import Anchor, Place


def tell(line: str) -> None:
    """Say on standard error what went wrong."""
    print(f"reader: {clean_line(line, 2_000)}", file=sys.stderr)


def is_private(asked: bool = False) -> bool:
    """Tell whether nothing of this run is to be remembered."""
    return asked or os.environ.get("READER_PRIVATE", "") not in {"", "0"}


@contextlib.contextmanager
def memory(*, private: bool = False) -> Iterator[State]:
    """Yield what is remembered, and close it. A private one is a copy that ends with the run."""
    from reader.store.repository import State

    path = Paths.default().state
    state = State.unchanged(path) if is_private(private) else State.open(path)
    try:
        yield state
    finally:
        state.close()
        if state.notice:
            tell(state.notice)


@contextlib.contextmanager
def session(*, private: bool = False) -> Iterator[Session]:
    """Yield a session, close it, and tell what went wrong on the way."""
    from reader.library.catalog import Library
    from reader.library.index import Index
    from reader.session.session import Session
    from reader.store.repository import State

    paths = Paths.default()
    if is_private(private):
        found = Session(Library(), State.unchanged(paths.state), Index.open(None))
    else:
        found = Session(Library(), State.open(paths.state), Index.open(paths.index))
    try:
        yield found
    finally:
        found.close()
        for notice in found.notices:
            tell(notice)


def settings() -> Config:
    """Return what the human said, with a line for each thing that is wrong in it."""
    from reader.config import load

    return load(Paths.default().config, os.environ)


def back_up(*, in_use: bool = False) -> str:
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


def piped() -> bytes:
    """Return what stands on standard input, up to what a story may have.

    Raises `Unreadable`.
    """
    from reader.library.story import LARGEST

    data = sys.stdin.buffer.read(LARGEST + 1) if sys.stdin is not None else b""
    if len(data) > LARGEST:
        raise Unreadable(f"standard input: larger than {LARGEST >> 20} MB, so it is not opened")
    return data


def fill(session: Session, folder: Path | None = None) -> None:
    """Take in every story of `folder`, or of the plain library, parsing what has changed."""
    from reader.library.files import bundled_folder
    from reader.session.session import described

    if folder is not None and not folder.is_dir():
        raise UnknownStory(f"{folder}: there is no such folder")
    files = session.gather([folder or bundled_folder()])
    if folder is None:
        files += session.gather_begun()
    session.learn(list(described(files)))


def visit(session: Session, name: str) -> tuple[Visit, Place | None]:
    """Open the story that `name` names: a path first, `-`, else a story of the library.

    Where there is none of that name, what follows the last `@` of it may be an address; then
    the visit is there, and its place is returned too. Raises `UnknownStory` and `Unreadable`.
    """
    try:
        return _opened(session, name), None
    except UnknownStory:
        story, _, written = name.rpartition("@")
        anchor = anchored(written)
        if anchor is None or not story:
            raise
    found = _opened(session, story)
    _go(found, anchor)
    return found, found.place


def _opened(session: Session, name: str) -> Visit:
    if name == "-":
        return session.open_text(piped())
    if os.path.lexists(name):
        return session.open_file(Path(name))
    return session.opening(named(session, name))()


def reopened(session: Session) -> Visit | None:
    """Open the story that was on the page when the reader left, None if that was the shelf.

    It is one of the library, else its file is where it was; what is wrong with it is a notice.
    """
    left = session.known_open()
    if left is None:
        return None
    key, known = left
    story = next((story for story in session.library.stories() if story.id == key), None)
    try:
        found = session.opening(story)() if story is not None else session.open_file(known.path)
    except Unreadable as error:
        path = clean_line(str(known.path))
        reason = str(error).removeprefix(f"{path}: ")
        session.notices.append(f"{clean_line(known.title)} can't be opened again, {reason}: {path}")
        return None
    return found if found.story.id == key else None


def _go(visit: Visit, anchor: Anchor) -> None:
    """Parse as far as `anchor` and be there, wherever its block is now."""
    if not anchor.fingerprint:
        visit.reach(anchor.place)
        return
    while (place := found(visit.document, anchor)) is None:
        piece = visit.more()
        if piece is None:
            return
        visit.take(piece)
    visit.be_at(place)


def named(session: Session, name: str) -> Story:
    """Return the story with that path, id or unique part of a title.

    Raises `UnknownStory` and `Unreadable`.
    """
    from reader.library.files import SUFFIXES

    if os.path.lexists(name):
        return session.open_file(Path(name)).story
    if "/" in name or name.lower().endswith(SUFFIXES):
        raise UnknownStory(f"{name}: there is no such file")
    fill(session)
    return session.library.named(name)
