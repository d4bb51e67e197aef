"""What commands share: the store, the session, the settings, finding a story, reporting errors."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader import __version__
from reader.cli import MAX_ERROR_CHARACTERS, print_error
from reader.cli.standard_input import is_input, read_stdin, take_input
from reader.errors import ReaderError, StateError, UnknownStory, UnreadableFile
from reader.finding.describing import fill_catalog, report_nothing
from reader.paths import (
    Paths,
    check_file,
    check_folder,
    list_own_files,
    make_private_folder,
)
from reader.text.cells import sanitize, sanitize_line
from reader.text.places import explain_missing, parse_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reader.config import Config
    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.store.repository import Store
    from reader.text.document import Place


KEPT_LOGS: Final = 3
"""How many logs of errors are kept, and how many errors one of them describes."""
_MAX_REASON_CHARACTERS: Final = 200
"""Characters of the error in the one line about it: its message may quote anything."""
_LOG_NAME: Final = r"error-\d{8}T\d{6}\.\d{6}\.log"


_private_option = ContextVar("private_option", default=False)
"""Whether the option `--private` was given."""


def set_private(is_requested: bool) -> None:
    """Make this run private, or not, by its option."""
    _private_option.set(is_requested)


def is_private() -> bool:
    """Return whether this run must save nothing, by option or by `READER_PRIVATE`."""
    return _private_option.get() or os.environ.get("READER_PRIVATE", "") not in {"", "0"}


def make_read_only_error(action: str) -> StateError:
    """Return the error that says why nothing was `action`, such as "marked"."""
    reason = "Private mode" if is_private() else "your reading data can't be written"
    return StateError(f"{reason}: nothing was {action}")


def report_failures(errors: Sequence[BaseException], *, private: bool) -> int:
    """Print one line about errors of the program itself, write the details, and return 1.

    The first error is the one that the line names. A `ReaderError` says all itself.
    """
    first = errors[0]
    if isinstance(first, ReaderError):
        print_error(str(first))
        return first.exit_code
    from traceback import format_exception_only

    reason = sanitize_line(format_exception_only(first)[-1], _MAX_REASON_CHARACTERS).strip()
    print_error(
        f"an unexpected error ended the program: {reason}; {_write_details(errors, private)}"
    )
    return 1


def _write_details(errors: Sequence[BaseException], private: bool) -> str:
    """Write the errors to a new file in the cache folder; return where, or why they aren't."""
    index = Paths.default().index
    if private:
        return "no details were written: private mode"
    if index is None:
        return "no details could be written: there is no home folder"
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    path = index.with_name(f"error-{now:%Y%m%dT%H%M%S.%f}.log")
    details = _format_details(errors, f"{now:%Y-%m-%d %H:%M:%S} UTC")
    try:
        make_private_folder(path.parent, may_be_link=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.write(details)
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()  # it may be incomplete
        return f"no details could be written to {path.parent}: {error.strerror}"
    with contextlib.suppress(OSError):
        for old in sorted(list_own_files(path.parent.resolve(), _LOG_NAME))[:-KEPT_LOGS]:
            old.unlink()
    return f"details: {path}"


def _format_details(errors: Sequence[BaseException], time: str) -> str:
    """Return versions, the terminal and the tracebacks, sanitised: a message may quote a story."""
    import platform
    from importlib.metadata import PackageNotFoundError, version
    from traceback import format_exception

    lines = [time, f"reader {__version__}, Python {sys.version}, {platform.platform()}"]
    for name in ("textual", "rich"):
        with contextlib.suppress(PackageNotFoundError):
            lines.append(f"{name} {version(name)}")
    names = ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL")
    lines += [f"{name}={os.environ.get(name, '')}" for name in names]
    with contextlib.suppress(OSError):
        columns, rows = os.get_terminal_size(0)  # the others may be files
        lines.append(f"{columns} columns, {rows} rows")
    for error in errors[:KEPT_LOGS]:
        lines += ["", *"".join(format_exception(error)).split("\n")]
    return "".join(f"{sanitize(line[:MAX_ERROR_CHARACTERS])}\n" for line in lines)


@contextlib.contextmanager
def open_store(*, reads_only: bool = False) -> Iterator[Store]:
    """Yield the store of the reading data, close it, and print its notice.

    In private mode the store is a copy in memory. A command that `reads_only` creates no file.
    """
    store = _open_store(Paths.default(), reads_only)
    try:
        yield store
    finally:
        store.close()
        if store.notice:
            print_error(store.notice)


@contextlib.contextmanager
def open_session(
    *,
    reads_only: bool = False,
    makes_index: bool = False,
    is_trial: bool = False,
) -> Iterator[Session]:
    """Yield a session, close it, and print its notices.

    In private mode the session has a copy of the reading data in memory, and no caches. A
    command that `reads_only` creates no file, or only the index if it `makes_index`. A trial has
    the copy with the caches, and prints nothing.
    """
    from reader.library.catalog import Catalog
    from reader.library.index import Index
    from reader.library.text_cache import TextCache
    from reader.session.session import Session
    from reader.store.repository import Store

    paths = Paths.default()
    notices: list[str] = []
    store = (
        Store.open_copy(paths.state, in_use=True) if is_trial else _open_store(paths, reads_only)
    )
    index_path: Path | None = None
    if is_private():
        index, text_folder = Index.open(None), None
    else:
        index_path = _skip_missing(
            choose_cache(paths.index, check_file, notices), reads_only and not makes_index
        )
        index = Index.open(index_path)
        text_folder = _skip_missing(choose_cache(paths.texts, check_folder, notices), reads_only)
    from reader.session.shelf.entries import ShelfView
    from reader.store.folders import find_library_folders

    session = Session(Catalog(), store, index, TextCache(text_folder))
    session.known_stories.reads_only = reads_only
    session.scanning.orders = index_path.parent if index_path is not None else None
    session.catalog.own_folder, session.is_private = paths.stories, is_private()
    session.shelf_list.view = ShelfView(shows_drafts=bool(load_config().drafts))
    session.scanning.find_folders = lambda: find_library_folders(
        paths, load_config(), session.shelf_list.load_folder_rows()
    )
    if not is_private():
        session.words_path = choose_cache(paths.words, check_file, notices)
    for notice in notices:
        session.notify(notice)
    try:
        yield session
    finally:
        session.close()
        if not is_trial:
            _print_notices(session, store)


def _print_notices(session: Session, store: Store) -> None:
    if store.notice and session.save_problem and not session.unsaved:
        print_error(store.notice)
    while (text := session.next_notice()) is not None:
        print_error(text)


def _open_store(paths: Paths, reads_only: bool) -> Store:
    from reader.store.repository import Store

    if is_private():
        store = Store.open_copy(paths.state)
    elif paths.state is not None and _skip_missing(paths.state, reads_only) is None:
        store = Store.open_in_memory()
    else:
        store = Store.open(paths.state)
    if paths.feeds is not None and os.path.lexists(paths.feeds):
        from reader.ingest.feeds.feeds_file import move_feeds_file

        move_feeds_file(store, paths.feeds)
    return store


def _skip_missing(path: Path | None, reads_only: bool) -> Path | None:
    """Return `path`, or None if nothing is there and nothing may be created."""
    if path is not None and reads_only:
        try:
            path.lstat()
        except FileNotFoundError:
            return None
        except OSError:
            pass  # whoever uses it handles this error
    return path


def choose_cache(
    path: Path | None, check: Callable[[Path], None], notices: list[str]
) -> Path | None:
    """Return `path`, or None with a line in `notices` if it is a link or another user's."""
    if path is None or not os.path.lexists(path):
        return path
    try:
        check(path)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EPERM):
            return path  # whoever uses it handles this error
        notices.append(f"{sanitize_line(str(path))}: {error.strerror}: this cache is not used")
        return None
    return path


def load_config() -> Config:
    """Return the settings of `config.toml` and of the environment."""
    from reader.config import read_config

    return read_config(Paths.default().config, os.environ)


def print_setting_problems() -> None:
    """Print what is wrong in the settings, which name the folders of the library."""
    for warning in load_config().warnings:
        print_error(warning)


def fill_library(
    session: Session,
    folder: Path | list[File] | None = None,
    report: Callable[[int, int], None] = report_nothing,
) -> None:
    """Fill the catalog as `fill_catalog` does, and say why a folder of the settings is missing."""
    if folder is None:
        print_setting_problems()
    fill_catalog(session, folder, report)


def back_up_store(*, in_use: bool = False) -> str:
    """Make the backup of today if there is none; return why it failed, or "".

    `in_use` must be set while this process has the database open. Nothing is done in private
    mode.
    """
    from reader.store.database import back_up

    if is_private():
        return ""
    try:
        back_up(Paths.default().state, in_use=in_use)
    except StateError as error:
        return f"Your reading data can't be backed up: {error}"
    return ""


def back_up_or_warn() -> None:
    """Make the backup of today if there is none; print an error if it can't be made."""
    error = back_up_store()
    if error:
        print_error(error)


def read_input(path: Path | None) -> bytes:
    """Return the content of the file at `path`, or of standard input. Raises `UnreadableFile`."""
    from reader.library.files import read_bytes

    return read_bytes(path) if path is not None else read_stdin()


def find_story(session: Session, name: str) -> Story:
    """Return the story with that path, id or unique part of a title.

    Raises `UnknownStory` and `UnreadableFile`.
    """
    if os.path.lexists(name):
        open_story = session.open_file(Path(name))
        open_story.parse_all()  # all words tell which story it is
        session.index_story(open_story)
        return session.catalog.get(open_story.story.path) or open_story.story
    _check_name(name)
    fill_catalog(session)
    return session.catalog.find_story(session.known_stories.resolve(name))


def _check_name(name: str) -> None:
    """Raise `UnknownStory` for the path of a file, which doesn't exist."""
    from reader.library.files import STORY_SUFFIXES

    if "/" in name or name.lower().endswith(STORY_SUFFIXES):
        raise UnknownStory(f"{name}: there is no such file")


def open_by_name(
    session: Session, name: str, must_stop: Callable[[], bool] = bool
) -> tuple[OpenStory, Place | None]:
    """Open the story that `name` names, which may be followed by `@` and an address.

    `name` is a path, `-` for standard input, or what `find_story` accepts. With an address,
    the story is opened at its place, and the place is returned too. A name that contains an
    `@` itself wins over an address. If `must_stop` returns true before the text is parsed as far
    as the place, that is the goal of the story. Raises `UnknownStory` and `UnreadableFile`.
    """
    story_name, _, address = name.rpartition("@")
    is_address = bool(story_name) and parse_address(address) is not None
    try:
        if is_address and session.scanning.find_named(name) == []:
            raise UnknownStory(name)
        return _open_target(session, name), None
    except UnknownStory as error:
        if not story_name:
            raise
        anchor, not_found = parse_address(address), error
    try:
        open_story = _open_target(session, story_name)
    except UnknownStory:
        if anchor is None:  # the name just contains an @
            raise not_found from None
        raise
    if anchor is None:
        raise UnknownStory(
            f"'{address}' is not an address; an address is BLOCK or BLOCK.OFFSET, such as 12 or 12.40"
        )
    open_story.parse_to_address(anchor, must_stop)
    if open_story.goal is not None:
        number = anchor.place.block + 1
        session.notify(f"Going to block {number:,}: the text is still being read.")
    elif not anchor.fingerprint and (text := explain_missing(open_story.document, anchor.place)):
        session.notify(text)
    return open_story, open_story.place


def _open_target(session: Session, name: str) -> OpenStory:
    if name == "-":
        return session.open_text(read_stdin())
    if is_input(name):
        piped = take_input(name, on_screen=False)
        return session.open_text(piped if isinstance(piped, bytes) else piped.read())
    if os.path.lexists(name):
        return session.open_file(Path(name))
    _check_name(name)
    found = session.scanning.find_named(name)
    return session.make_open_job(found[0] if found else find_story(session, name)).run()


def reopen_last_story(session: Session) -> OpenStory | None:
    """Open the story that was open when the app ended; return None if there was none.

    A story that is not in the catalog is looked for where its file was. If it can't be
    opened, a notice says why.
    """
    last_story = session.get_last_open_story()
    if last_story is None:
        return None
    story_id, details = last_story
    story = session.scanning.find_story(story_id)
    try:
        open_story = (
            session.make_open_job(story).run()
            if story is not None
            else session.open_file(details.path)
        )
    except UnreadableFile as error:
        path = sanitize_line(str(details.path))
        reason = str(error).removeprefix(f"{path}: ")
        session.notify(f"{sanitize_line(details.title)} can't be opened again, {reason}: {path}")
        return None
    return open_story if open_story.story.id == story_id else None
