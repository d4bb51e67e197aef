"""Work that gives way to keys and to the open text: describing files, many changes, late imports.

Python runs one thread at a time: a worker that counts words takes half of the processor from the
event loop and from the parser of the open text. Another process counts those of many and large files.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from importlib import import_module
from threading import get_ident
from typing import TYPE_CHECKING, Final, TypeVar

from reader.errors import ReaderError
from reader.finding.describing_apart import describe_changed, describe_one
from reader.finding.helper_process import HelperProcess
from reader.garbage import settle_objects
from reader.library.watch import NO_CHANGES, Changes
from reader.ui import run_in_thread, start_worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from reader.library.files import File
    from reader.library.story import Story
    from reader.library.watch import Differences
    from reader.session.changing import ManyChange, ManyUndo
    from reader.session.open_story import OpenStory, ParsedSlice
    from reader.session.read_status import Change
    from reader.session.session import Session
    from reader.text.document import Block, Document
    from reader.ui.controllers import ScreenParts

_Result = TypeVar("_Result")

LONG_PIECE_SECONDS: Final = 0.005
"""Work between two checks that is followed by a rest of the same length; small files take less."""
MAX_WAIT_SECONDS: Final = 10.0
"""The longest that a large file waits for the open text."""
LISTING_PAUSE: Final = 9
"""How long a worker rests that has listed the stories, in parts of the time that it took, if
nothing urgent has changed: keys and the worker that describes files get most of the time."""
CONFIRM_SECONDS: Final = 0.3
"""Seconds after which a changed file must be the same: an editor may still be writing it."""
LATE_MODULES: Final = (
    "reader.ui.controllers.input_lines",
    "reader.ui.controllers.navigation",
    "reader.ui.controllers.palette",
    "reader.ui.controllers.annotations",
    "reader.session.changing",
    "reader.ui.controllers.stories",
    "reader.ui.controllers.removing",
    "reader.ui.dialogs.annotations",
    "reader.ui.dialogs.history",
    "reader.ui.dialogs.editor",
    "reader.finding.shelf_filter",
    "reader.finding.completion",
    "reader.ui.controllers.text_search.controller",
    "reader.session.labels",
    "reader.session.shelf.view",
    "reader.ui.controllers.choosing",
    "reader.session.removing",
    "reader.reading.highlights",
)
"""What the first screen doesn't need and keys do, with all that it imports: 80 ms, 2 MB."""
KEY_REST_SECONDS: Final = 0.1
"""Seconds after a key until the next of these modules is imported."""
SLICE_SECONDS: Final = 0.008
"""Processor time that a slice may take: a key that comes meanwhile waits no longer than that."""
_FIRST_SLICE: Final = 10
_MAX_SLICE: Final = 500
"""Stories in the first slice and in the largest one."""
LAST_KEY_SECONDS: Final = 0.3
"""Seconds after a key in which slices are further apart: what it does takes several callbacks."""
_KEY_PAUSE: Final = 5
"""How much longer than a slice the pause after it is then."""
NOTICE_SECONDS: Final = 0.2
"""Seconds between two notices."""


class Pacer:
    """Makes a worker rest; it asks `must_stop` after each piece of work, in its own thread."""

    def __init__(self, is_cancelled: Callable[[], bool], session: Session) -> None:
        self._is_cancelled, self._session = is_cancelled, session
        self._last = time.thread_time()
        self._thread = get_ident()
        """The thread that has asked last: another one has a clock of its own."""
        self._waited = 0.0

    def must_stop(self) -> bool:
        """Rest after a long piece of work; return whether the worker is cancelled."""
        thread = get_ident()
        worked = time.thread_time() - self._last  # not while other programs had the processor
        if thread != self._thread:
            self._thread, worked = thread, 0.0
        if worked > LONG_PIECE_SECONDS:
            time.sleep(min(worked, 0.05))
            while (
                self._is_parsing() and not self._is_cancelled() and self._waited < MAX_WAIT_SECONDS
            ):
                time.sleep(0.02)
                self._waited += 0.02
        self._last = time.thread_time()
        return self._is_cancelled()

    def _is_parsing(self) -> bool:
        current = self._session.current
        return current is not None and not current.document.is_complete


async def describe_open_file(open_story: OpenStory, file: File) -> None:
    """Count the words of a large text that is being parsed, in another process.

    Otherwise that is done at its end, and takes as long as parsing a fifth of it.
    """
    helper = HelperProcess()
    try:
        story = await run_in_thread(describe_one, file, helper)
    finally:
        helper.close()
    if story is not None:
        open_story.add_description(story)


async def describe_moved(session: Session, story: Story) -> Story:
    """Return `story` with its id, for which its words are counted if only its head was read.

    Its file may be a known story under another name, whose place is needed to open it.
    """
    file = session.watch.files.get(story.location) if story.is_head_only else None
    if file is None or not session.known_stories.may_have_moved(file):
        return story
    session.add_stories(await run_in_thread(describe_changed, [file]))
    return session.catalog.get(story.path) or story


async def find_changes(
    session: Session, find: Callable[[], Differences], find_all: Callable[[], Differences]
) -> tuple[Changes, list[tuple[File, Story]]]:
    """Return the changes that `find` finds twice: an editor may still be writing a file.

    With them come the stories of the changed files. If one was rewritten, its old words may be in
    another file, and all changes are returned.
    """
    if not (first := await run_in_thread(find)):
        return NO_CHANGES, []
    await asyncio.sleep(CONFIRM_SECONDS)
    changes = session.watch.accept(first, await run_in_thread(find))
    described = await run_in_thread(describe_changed, changes.changed)
    if find is find_all or not session.known_stories.are_rewritten(story for _, story in described):
        return changes, described
    others, more = await find_changes(session, find_all, find_all)
    changes = Changes(changes.changed + others.changed, changes.removed + others.removed)
    return changes, [*described, *more]


async def add_described(
    session: Session,
    batch: Sequence[tuple[File, Story]],
    is_wanted: Callable[[File, Story], bool] = lambda *_: True,
) -> list[tuple[File, Story]]:
    """Add the stories that are wanted to the session, as `add_unsaved` does.

    Other files that tell who they are, see `KnownStories.search_rivals`, are read in a thread.
    """
    known = session.known_stories
    read = [story for _, story in batch if not story.is_head_only]
    search = known.search_rivals(read, are_new=True)
    while search.paths:
        search.add(await run_in_thread(known.describe_rivals, search.paths))
    return session.add_unsaved([item for item in batch if is_wanted(*item)], search.rivals)


def parse_next(open_story: OpenStory) -> ParsedSlice | None:
    """Parse the next slice, and load what drawing it needs."""
    parsed = open_story.parse_next()
    prepare_code(parsed.slice.blocks if parsed is not None else ())
    return parsed


def read_next(document: Document) -> bool:
    """Read blocks of a cached text that were not requested yet; return whether there were any."""
    blocks = document.read_next() if document.read_next is not None else None
    prepare_code(blocks or ())
    return blocks is not None


def prepare_code(blocks: Sequence[Block]) -> None:
    """Load what drawing the code in `blocks` needs."""
    if any(block.language for block in blocks):
        from reader.layout.code import load_lexers  # most stories have no code

        load_lexers(blocks)


class ListingTurns:
    """When a worker lists the stories of a large library again."""

    def __init__(self) -> None:
        self.is_running = False
        """A worker lists the stories, or rests."""
        self._is_stale = False
        """Something has changed that its list may lack."""
        self._urgent = asyncio.Event()
        """Set while that is something that the reader waits for."""
        self._is_current = asyncio.Event()
        """Set while nothing has changed that the last list may lack."""
        self._is_current.set()

    def note_change(self) -> None:
        """Note a change that the shelf shows already, but the list that is being made may lack."""
        self._is_stale |= self.is_running

    def request(self, *, is_urgent: bool) -> bool:
        """Request a list; return whether the worker is to be started, to `run`."""
        self._is_stale = True
        self._is_current.clear()
        if is_urgent:
            self._urgent.set()
        was_running, self.is_running = self.is_running, True
        return not was_running

    def put_off(self) -> None:
        """Make no list but an urgent one: that follows soon."""
        self._is_stale = self._is_stale and self._urgent.is_set()

    async def run(self, list_stories: Callable[[], Awaitable[object]]) -> None:
        """List the stories until nothing has changed meanwhile; rest after each time."""
        try:
            while self._is_stale:
                self._is_stale = False
                self._urgent.clear()
                began = time.monotonic()
                await list_stories()
                if not self._is_stale:
                    self._is_current.set()
                rest = LISTING_PAUSE * (time.monotonic() - began)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._urgent.wait(), rest)
        finally:
            self.is_running = False
            self._is_current.set()

    async def wait(self) -> None:
        """Wait until the stories are listed as they are, or are not to be listed any more."""
        await self._is_current.wait()


def import_late_modules(rested_seconds: Callable[[], float]) -> None:
    """Import what the first keys need, so that none of them waits for it. Run in a thread.

    A module is imported when no key was pressed for a moment; `rested_seconds` returns for how long.
    """
    for name in LATE_MODULES:
        while (rested := rested_seconds()) < KEY_REST_SECONDS:
            time.sleep(KEY_REST_SECONDS - rested)
        import_module(name)
    settle_objects()  # else the first collection that a key causes looks at all of them


async def wait_for_keys(seconds: float) -> None:
    """Let the loop do what keys ask for, for so many seconds."""
    await asyncio.sleep(seconds)


class ChangeRunner:
    """Makes a change of many stories in slices. There is one at a time."""

    def __init__(
        self, parts: ScreenParts, count_rested_seconds: Callable[[], float], stop_key: str
    ) -> None:
        """Take what returns for how long no key was pressed, and the key that calls `stop`."""
        self._parts = parts
        self._count_rested_seconds = count_rested_seconds
        self._stop_key = stop_key
        self._verb = ""
        """What is being done, in a word; empty if nothing is."""
        self._is_stopped = False

    def refuse(self) -> bool:
        """Return whether a change is being made, and say that it must be awaited."""
        if self._verb:
            key = f", or stop it with {self._stop_key}" if self._stop_key else ""
            self._parts.status_bar.show_notice(f"{self._verb} many stories: wait for it{key}.")
        return bool(self._verb)

    def stop(self) -> bool:
        """Make no more of the change; return whether there was one."""
        was_running, self._is_stopped = bool(self._verb), True
        return was_running

    async def run_job(
        self, verb: str, total: int, run: Callable[[Callable[[int], bool]], _Result]
    ) -> _Result:
        """Run a change of many stories in a thread, and return its result.

        `run` gets a function that it tells how many are done, and that returns whether to stop.
        """
        self._verb, self._is_stopped = verb, False
        done = 0

        def must_stop(count: int) -> bool:
            nonlocal done
            done = count
            return self._is_stopped

        job = asyncio.ensure_future(run_in_thread(run, must_stop))
        try:
            while not (await asyncio.wait([job], timeout=NOTICE_SECONDS))[0]:
                self._show_progress(done, total)
            return job.result()
        finally:
            self._verb = ""

    def start(
        self,
        change: ManyChange | ManyUndo,
        verb: str,
        show: Callable[[Change], None],
        finish: Callable[[], None],
    ) -> None:
        """Make a change: `verb` says what is done, such as `Hiding`.

        `show` shows on the shelf what a slice has changed. `finish` is called at the end, after an
        error or a stop too, and says what was done.
        """
        self._verb, self._is_stopped = verb, False
        start_worker(self._parts.screen, "change", self._run, change, show, finish)

    async def _run(
        self,
        change: ManyChange | ManyUndo,
        show: Callable[[Change], None],
        finish: Callable[[], None],
    ) -> None:
        size, next_notice, problem = _FIRST_SLICE, 0.0, ""
        try:
            while change.done < change.total and not self._is_stopped:
                began = time.thread_time()
                changed = change.step(size)
                if changed is not None:
                    show(changed)
                seconds = time.thread_time() - began
                size = _adapt(size, seconds)
                if time.monotonic() >= next_notice:
                    self._show_progress(change.done, change.total)
                    next_notice = time.monotonic() + NOTICE_SECONDS
                has_keys = self._count_rested_seconds() < LAST_KEY_SECONDS
                await wait_for_keys(seconds * _KEY_PAUSE if has_keys else seconds)
        except ReaderError as error:
            problem = f"Can't save that now: {error}"
        finally:
            self._verb = ""
        self._parts.session.many_changes.stop()
        finish()
        if change.done < change.total:
            done = f"{change.done} of {change.total} stories"
            self._parts.status_bar.show_notice(f"{problem or 'Stopped'}: {done} are done.")

    def _show_progress(self, count: int, total: int) -> None:
        stop = f" · {self._stop_key} stop" if self._stop_key else ""
        done = f"{self._verb}: {count} of {total} stories"
        self._parts.status_bar.show_notice(f"{done}{stop}")


def _adapt(size: int, seconds: float) -> int:
    """Return the size of the next slice, after one of that size took so many seconds."""
    fitting = int(size * SLICE_SECONDS / max(seconds, SLICE_SECONDS / 10))
    return max(1, min(fitting, 2 * size, _MAX_SLICE))
