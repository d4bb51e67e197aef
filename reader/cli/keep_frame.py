"""Keep the frame that the next start of the program will show first.

What the next start would show is drawn from the files, as that start does it: nothing else would be
sure to be the same. It is done when everything is saved and the terminal is given back.

To read 10,000 stories from the index and to sort them takes half a second. For a large shelf the
catalog of the session that ends is used, where a scan finds the same files.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.cli.context import is_private, load_config, open_by_name, open_session
from reader.cli.start import enter_last_story, enter_start, find_theme
from reader.drawing.kept_frame import (
    MAX_BYTES,
    Interval,
    KeptFrame,
    describe_file,
    encode_frame,
    find_file,
    format_version,
    make_key,
)
from reader.drawing.opening import list_stop_messages
from reader.drawing.panes import lay_out_panes
from reader.library.scan import Folder, scan_with_sources
from reader.paths import Paths, make_private_folder
from reader.ui.commands import format_first_key
from reader.ui.first_frame import draw_frame, find_surroundings, list_shelf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reader.library.files import File
    from reader.library.scan import LibraryWatch
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.ui.first_frame import Frame, Surroundings


MAX_STORIES: Final = 2_000
"""Stories on the shelf that are scanned again to keep a frame: more would take too long."""
MAX_STORIES_AT_END: Final = 12_000
"""Stories on the shelf for which a frame is kept when the program ends, from its own catalog. That
takes 25 microseconds for each, 0.3 seconds in all; more would delay the end too long.
"""
KEPT_DAYS: Final = 7
"""Days after which a kept frame is not shown any more."""


class FrameKeeper:
    """Keeps the frames of the next start with the same targets, and of one without any."""

    def __init__(
        self,
        targets: Sequence[str],
        environment: Mapping[str, str],
        session: Session | None = None,
    ) -> None:
        """Take the environment as it was at the start: Textual removes variables from it.

        Once the `session` is closed, its catalog is used for a large shelf.
        """
        self._environment = environment
        self._session = session
        self._starts = [*dict.fromkeys((tuple(targets), ()))]
        self._lock = Lock()
        """Held while frames are kept: a thread may do it when the program ends."""
        self._kept_state: Sequence[str] | None = None
        """What the files of the reading data looked like when frames were kept last."""

    def keep(self, story_count: int) -> None:
        """Keep the frames, unless the reading data is as it was when they were kept last.

        Nothing is kept in private mode, or if drawing a shelf of `story_count` stories would take
        long: for a large one it is only done when the session is closed, and for its own targets.
        Where no frame can be kept, an old one is removed. May be called in a thread.
        """
        scanned = self._session if story_count > MAX_STORIES else None
        if story_count > MAX_STORIES and (scanned is None or not scanned.is_closed):
            return
        encoding = (os.device_encoding(1) or "utf-8").lower()
        if encoding != "utf-8" or story_count > MAX_STORIES_AT_END or is_private():
            return
        with self._lock:
            state = _describe_state()
            if state == self._kept_state:
                return
            for words in self._starts[: None if scanned is None else 1]:
                path = _find_file(words)
                try:
                    if path is not None:
                        path.unlink(missing_ok=True)
                        self._keep(words, path, state, scanned)
                except Exception:  # noqa: BLE001, S112  the frame is only a cache: the next start takes longer without it
                    continue
            self._kept_state = state

    def _keep(
        self, words: Sequence[str], path: Path, state: Sequence[str], scanned: Session | None
    ) -> None:
        """Keep the frame of a start with these words, unless `state` has changed meanwhile."""
        catalog = scanned.catalog.copy_unless_sorted() if scanned is not None else None
        with open_session(reads_only=True, is_trial=True, catalog=catalog) as session:
            frame, files = _draw(session, words, self._environment, scanned)
        key = make_key(words, self._environment, os.get_terminal_size(1))
        if frame is not None and _describe_state() == state:
            data = encode_frame(frame, key, files, time.time())
            if len(data) <= MAX_BYTES:
                _write(path, data)


def _describe_state() -> Sequence[str]:
    """Return what changes while the program runs: the reading data, and the terminal's size."""
    try:
        size = str(os.get_terminal_size(1))
    except OSError:  # the terminal is gone
        size = ""
    return [size, *(describe_file(str(path)) for path in _list_state_files())]


def _list_state_files() -> Sequence[Path]:
    state = Paths.default().state
    return () if state is None else (state, state.with_name(f"{state.name}-wal"))


def _find_file(words: Sequence[str]) -> Path | None:
    """Return the path of the kept frame, if it is in the program's own folder."""
    path, index = find_file(words, os.environ, sys.platform), Paths.default().index
    is_own = path is not None and index is not None and Path(path).parent == index.parent
    return Path(path) if path is not None and is_own else None


def _draw(
    session: Session,
    words: Sequence[str],
    environment: Mapping[str, str],
    scanned: Session | None,
) -> tuple[KeptFrame | None, dict[str, str]]:
    """Return the frame that a start with these words shows, and the files that it depends on.

    The catalog may be that of a session that has `scanned` the folders before.
    """
    config = load_config()
    target = words[0] if words else None
    folder = Path(target) if target is not None and Path(target).is_dir() else None
    if scanned is not None:
        if target is not None and folder is None:
            return None, {}
        surroundings = find_surroundings(config, find_theme(session, config, None), environment)
        return _draw_scanned(session, folder, scanned, surroundings)
    open_story, anchor = None, None
    if target is not None and folder is None:
        open_story, anchor = open_by_name(session, target)
    pending_files = enter_start(session, words, folder, open_story)
    surroundings = find_surroundings(config, find_theme(session, config, None), environment)
    if anchor is not None or surroundings is None:
        return None, {}
    is_on_page = session.current is not None
    layout = lay_out_panes(surroundings.columns, surroundings.rows, is_on_page=is_on_page)
    if pending_files and layout.shelf is not None:
        return None, {}  # the shelf will change when they are described
    return _fill_times(session, surroundings), _describe_files(session)


def _draw_scanned(
    session: Session, folder: Path | None, scanned: Session, surroundings: Surroundings | None
) -> tuple[KeptFrame | None, dict[str, str]]:
    """Return what `_draw` does, for a folder or the library that another session has scanned."""
    library = _use_scanned_library(session, folder, scanned.watch)
    if library is None or surroundings is None:
        return None, {}
    if folder is None:
        enter_last_story(session)
    files = {
        str(path): format_version(file.size, file.mtime_ns, file.inode)
        for path, file in library.files.items()
    }
    files = {str(path): describe_file(str(path)) for path in library.sources} | files
    frame = _fill_times(session, surroundings)
    return frame, _describe_files(session) | files


class _ScannedLibrary(NamedTuple):
    """What a scan of some folders finds."""

    files: Mapping[Path, File]
    sources: Sequence[Path]
    """The folders, and the files that say what is left out."""


def _use_scanned_library(
    session: Session, folder: Path | None, watch: LibraryWatch
) -> _ScannedLibrary | None:
    """See the stories of `folder`, or of the library, which are in the session's catalog already.

    `watch` is that of the session that filled it, and has ended. Return what a scan finds now;
    None if it isn't what is in the catalog.
    """
    folders = [Folder(folder)] if folder is not None else session.find_folders()
    real = [one._replace(path=Path(os.path.realpath(one.path))) for one in folders]
    if real != watch.folders:
        return None
    library = _scan_folders(folders)
    stories = session.catalog.list_all()
    is_same = {path: _get_version(file) for path, file in watch.files.items()} == {
        path: _get_version(file) for path, file in library.files.items()
    }
    is_complete = {story.path for story in stories if story.is_readable} == library.files.keys()
    if not is_same or not is_complete or len(stories) != len(library.files):
        return None
    session.shelf_list.load_view(folders, is_library=folder is None)
    for story in session.known_stories.identify(stories, False):
        if session.catalog.get(story.path) is not story:
            session.catalog.add(story)
    if folder is None and (session.scan_started_stories() or len(stories) != len(library.files)):
        return None
    return library


def _scan_folders(folders: list[Folder]) -> _ScannedLibrary:
    files: dict[Path, File] = {}
    sources: list[Path] = []
    for folder in folders:
        found, its_sources = scan_with_sources(folder)
        files = {file.path: file for file in found} | files
        sources += its_sources
    return _ScannedLibrary(files, sources)


def _get_version(file: File) -> tuple[int, int, int]:
    return file.size, file.mtime_ns, file.inode


def _describe_files(session: Session) -> dict[str, str]:
    """Return what is known from outside about the files that a frame depends on, by path."""
    paths = Paths.default()
    files = [*session.catalog.folders]
    shown = session.current or session.preview
    if shown is not None and shown.story.is_persistent:
        files.append(shown.story.path)
    files += [*_list_state_files(), *([paths.config] if paths.config is not None else [])]
    return {path: describe_file(path) for path in map(str, files)}


def _fill_times(session: Session, surroundings: Surroundings) -> KeptFrame | None:
    """Return the frame with the stop line as it will be at any later time."""
    now = datetime.now(UTC)
    shown = session.current
    then = shown.stopped_at if shown is not None else None
    shelf = list_shelf(session, surroundings)
    recent = draw_frame(session, surroundings, shelf, then or now)
    if recent is None:
        return None
    last = now.timestamp() + KEPT_DAYS * 86_400
    if shown is None or then is None:
        return KeptFrame(recent.text, "", "", [Interval(last, "")])
    frame = draw_frame(session, surroundings, shelf, then + timedelta(seconds=61))
    if frame is None:
        return None
    intervals = [Interval(then.timestamp() + 60, "")]
    row = frame.stop_row
    if row is None:
        return KeptFrame(recent.text, frame.text, "", [*intervals, Interval(last, "")])
    key = format_first_key("start", surroundings.keymap)
    intervals += _list_intervals(shown, key, then.timestamp(), frame)
    start, end = "".join(frame.rows[:row]), "".join(frame.rows[row + 1 :])
    return KeptFrame(recent.text, start, end, intervals)


def _list_intervals(
    open_story: OpenStory, key: str, then: float, frame: Frame
) -> Iterator[Interval]:
    """Yield the rows of the stop line, which names a key, for each time in which it says the same."""
    times = _list_times(then)
    shown = None
    for begin, end in pairwise(times):
        when = datetime.fromtimestamp(begin + 0.5, UTC)
        messages = list_stop_messages(open_story, key, when)
        if messages != shown:
            shown, row = messages, frame.draw_stop_row(messages)
        yield Interval(end, row)


def _list_times(then: float) -> list[float]:
    """Return the times, in order, at which the words for how long ago `then` was may change."""
    minutes = [then + 60 * number for number in range(1, 61)]
    hours = [then + 3_600 * number for number in range(1, 25)]
    day = date.fromtimestamp(then)  # noqa: DTZ012  days begin at midnight in the local time zone
    days = [
        time.mktime((*(day + timedelta(days=number)).timetuple()[:6], 0, 0, -1))
        for number in range(1, KEPT_DAYS + 1)
    ]
    return sorted({*minutes, *hours, *days})


def _write(path: Path, data: bytes) -> None:
    """Replace the file at `path`, which only this user may read."""
    make_private_folder(path.parent, may_be_link=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(fresh, flags, 0o600), "wb") as file:
            file.write(data)
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
