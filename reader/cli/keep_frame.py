"""Keep the frame that the next start of the program will show first.

What the next start would show is drawn from the files, as that start does it: nothing else would be
sure to be the same. It is done when everything is saved and the terminal is given back. A large
library isn't scanned for it: without its kept order no frame is kept.
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
from typing import TYPE_CHECKING, Final

from reader.cli.context import is_private, load_config, open_by_name, open_session
from reader.cli.standard_input import is_input
from reader.cli.start import enter_start, find_theme, list_themes, list_warnings
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
from reader.paths import Paths, make_private_folder
from reader.session.scanning import ORDER_NAMES
from reader.ui.commands import format_first_key
from reader.ui.start.first_frame import draw_frame, find_surroundings, list_shelf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.ui.start.first_frame import Frame, Surroundings


MAX_STORIES: Final = 2_000
"""Stories on the shelf that are scanned again to keep a frame: more would take too long."""
MAX_FILES: Final = 12_000
"""Files that all are looked at before a kept frame is shown, which takes 20 milliseconds. Of a
larger library those of the rows that are seen are, and all folders.
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

        The `session` knows how the files of a large library were when they were described.
        """
        self._environment = environment
        self._session = session
        self._starts = [*dict.fromkeys((tuple(targets), ()))]
        self._lock = Lock()
        """Held while frames are kept: a thread may do it when the program ends."""
        self._kept_state: Sequence[str] | None = None
        """What `_describe_state` returned when frames were kept last."""

    def keep(self, story_count: int) -> None:
        """Keep the frames, unless the reading data and the orders are as they were the last time.

        Nothing is kept in private mode, or if a shelf of `story_count` stories would have to be
        scanned for it. Where no frame can be kept, an old one is removed. May be called in a
        thread.
        """
        encoding = (os.device_encoding(1) or "utf-8").lower()
        if encoding != "utf-8" or is_private():
            return
        with self._lock:
            state = _describe_state()
            if state == self._kept_state:
                return
            for words in self._starts:
                # The frame is only a cache: the next start takes longer without it.
                with contextlib.suppress(Exception):
                    self._keep(words, state, can_scan=story_count <= MAX_STORIES)
            self._kept_state = state

    def _keep(self, words: Sequence[str], state: Sequence[str], *, can_scan: bool) -> None:
        """Keep the frame of a start with these words, unless `state` has changed meanwhile.

        Whatever happens, the one before is removed.
        """
        path = _find_file(words)
        if path is None:
            return
        path.unlink(missing_ok=True)
        with open_session(reads_only=True, is_trial=True) as session:
            frame = _draw(session, words, self._environment, can_scan=can_scan)
            files = _describe_files(session, words) if frame is not None else {}
            known = self._describe_known(session)
        key = make_key(words, self._environment, os.get_terminal_size(1))
        if frame is not None and known is not None and _describe_state() == state:
            data = encode_frame(frame, key, files | known, time.time())
            if len(data) <= MAX_BYTES:
                _write(path, data)

    def _describe_known(self, session: Session) -> dict[str, str] | None:
        """Return what is known about the files of which the kept order in `session` was made.

        Nothing if there is none, if there are too many files to look at them all, or if they were
        not scanned yet. None if they have changed since: the order is another one then.
        """
        size = session.scanning.count_kept()
        if (
            not size
            or size > MAX_FILES
            or self._session is None
            or self._session.scanning.is_pending
        ):
            return {}
        folders = {*session.scanning.list_sources()}
        known = self._session.watch.files
        inside = [each for each in known if os.path.dirname(each) in folders]  # noqa: PTH120  faster than a Path
        files = [file for file in map(known.get, inside) if file is not None]
        if not session.scanning.is_kept_from(files):
            return None
        return {
            file.location: format_version(file.size, file.mtime_ns, file.inode) for file in files
        }


def _describe_state() -> Sequence[str]:
    """Return what changes while the program runs: the terminal's size, the data and the orders."""
    try:
        size = str(os.get_terminal_size(1))
    except OSError:  # the terminal is gone
        size = ""
    return [size, *(describe_file(str(path)) for path in _list_state_files())]


def _list_state_files() -> Sequence[Path]:
    """Return the files of the reading data, and of the orders of shelves.

    With a kept order the end card suggests nothing yet.
    """
    paths = Paths.default()
    state, index = paths.state, paths.index
    data = (state, state.with_name(f"{state.name}-wal")) if state is not None else ()
    return *data, *(index.with_name(name) for name in ORDER_NAMES if index is not None)


def _find_file(words: Sequence[str]) -> Path | None:
    """Return the path of the kept frame, if it is in the program's own folder."""
    path, index = find_file(words, os.environ, sys.platform), Paths.default().index
    is_own = path is not None and index is not None and Path(path).parent == index.parent
    return Path(path) if path is not None and is_own else None


def _draw(
    session: Session,
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    can_scan: bool,
) -> KeptFrame | None:
    """Return the frame that a start with these words shows.

    None if it isn't known, or if all folders would have to be scanned for it, unless that
    `can_scan`.
    """
    config = load_config()
    target = words[0] if words else None
    if target is not None and is_input(target):
        return None  # to open it would wait for a writer, and take what that writes
    folder = Path(target) if target is not None and Path(target).is_dir() else None
    open_story, anchor = None, None
    if target is not None and folder is None:
        is_named = not os.path.lexists(target)
        if is_named and not can_scan and not session.scanning.find_named(target):
            return None  # all stories would be searched for the name
        # Of a place that is asked for no frame is kept: nothing is parsed to it.
        open_story, anchor = open_by_name(session, target, lambda: True)
    pending_files = enter_start(session, words, folder, open_story, can_scan=can_scan)
    for notice in list_warnings(config, list_themes(session, config, None)):
        session.notify(notice)
    surroundings = find_surroundings(config, find_theme(session, config, None), environment)
    is_known = pending_files is not None and not session.scanning.is_outdated
    if anchor is not None or surroundings is None or not is_known:
        return None
    is_on_page = session.current is not None
    layout = lay_out_panes(surroundings.columns, surroundings.rows, is_on_page=is_on_page)
    if pending_files and layout.shelf is not None:
        return None  # the shelf will change when they are described
    return _fill_times(session, surroundings)


def _describe_files(session: Session, words: Sequence[str]) -> dict[str, str]:
    """Return what is known from outside about the files that a frame depends on, by path."""
    paths = Paths.default()
    files = [*map(Path.absolute, map(Path, words))]  # there may be a file of a story's name later
    files += [*session.catalog.folders, *map(Path, session.scanning.list_sources())]
    shown = session.current or session.preview
    if shown is not None and shown.story.is_persistent:
        files.append(shown.story.path)
    if session.scanning.is_pending:
        files += [story.path for story in session.order]
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
