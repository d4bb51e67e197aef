"""Describe the files of the library: first the heads of all, for the rows; then their words."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Final

from reader.finding.describing_apart import LARGE_BYTES, describe_apart, describe_heads
from reader.finding.helper_process import HelperProcess
from reader.library.describing import describe_files
from reader.ui import run_in_thread
from reader.ui.controllers.pacing import Pacer, add_described

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence

    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.session import Session


BATCH_SIZE: Final = 400
"""Files described in one step of a worker; the loop adds their stories in some milliseconds."""
BATCH_SECONDS: Final = 0.5
"""Seconds after which a step ends sooner."""
SAVE_SECONDS: Final = 2.0
"""Seconds after which the stories that were described by their heads are saved, even if the program
is killed. In fewer the heads of some thousand files are described: their rows come first then."""
LAST_SECONDS: Final = 1.0
"""The rows of heads that are described in so many seconds come together at the end, after the first
ones: to list some of them before would only delay all."""
MAX_COUNTED_AT_ONCE: Final = 50
"""Files whose words are counted here: that takes less than a tenth of a second. Those of more are
counted by another process, after the heads of all."""
_MANY_PRIORITY: Final = 1
"""The priority of the process that describes many files, at which a busy machine ends it too."""


class LibraryDescriber:
    """Describes files, and adds their stories to the session in batches."""

    def __init__(
        self,
        session: Session,
        list_all: Callable[[], Awaitable[None]],
        update_shelf_later: Callable[[], None],
        put_off_list: Callable[[], None],
    ) -> None:
        """Take what lists all stories on the shelf, what does so some time later, or not yet."""
        self._session = session
        self._list_all = list_all
        self._update_shelf_later = update_shelf_later
        self._put_off_list = put_off_list
        self._watched: Collection[str] = ()
        """The files whose changes are noticed."""
        self._unsaved: list[tuple[File, Story]] = []
        """What was described and is not in the index yet."""
        self._is_cancelled = Event()
        self._must_stop = Pacer(self._is_cancelled.is_set, session).must_stop
        self._helper = HelperProcess()

    async def describe(self, files: Sequence[File]) -> None:
        """Describe `files`: those that the catalog lacks by their heads first, then the words."""
        if len(files) > MAX_COUNTED_AT_ONCE:
            self._helper = HelperProcess(_MANY_PRIORITY)
        try:
            new = await run_in_thread(self._list_new, files)
            if len(new) > MAX_COUNTED_AT_ONCE or any(each.size >= LARGE_BYTES for each in new):
                self._session.watch.is_waiting = True
                await self._describe_heads(new)
                self._session.watch.is_waiting = False
                new = []
            waiting = await run_in_thread(self._list_heads_only, files, self._session.order)
            await self._describe_all([*new, *waiting])
            self._session.known_stories.settle()
        finally:
            self._is_cancelled.set()
            self._session.watch.is_waiting = False
            self._helper.close()
            if self._unsaved:  # the reader quits
                self._session.index_stories(self._unsaved)

    async def _describe_heads(self, files: Sequence[File]) -> None:
        described = describe_heads(files, self._must_stop, self._helper)
        needs_words = self._session.known_stories.needs_words
        began = time.monotonic()
        next_save, done = began + SAVE_SECONDS, 0
        while batch := await run_in_thread(_take_batch, described):
            unclear = [file for file, story in batch if needs_words(story)]
            if unclear:
                found = dict(await run_in_thread(self._describe_at_once, unclear))
                batch = [(file, found.get(file, story)) for file, story in batch]
            await self._add(batch)
            done += len(batch)
            now = time.monotonic()
            takes_long = (now - began) * (len(files) - done) > LAST_SECONDS * done
            if takes_long or not self._session.order:
                self._update_shelf_later()
            else:
                self._put_off_list()
            if now >= next_save:
                await self._save()
                next_save = time.monotonic() + SAVE_SECONDS
        await self._list_all()  # the rows come before all else
        await self._save()

    def _describe_at_once(self, files: Sequence[File]) -> list[tuple[File, Story]]:
        return [*describe_files(files, self._must_stop)]

    async def _describe_all(self, files: Sequence[File]) -> None:
        smallest = 0 if len(files) > MAX_COUNTED_AT_ONCE else LARGE_BYTES
        described = describe_apart(files, self._must_stop, self._helper, smallest)
        while batch := await run_in_thread(_take_batch, described):
            await self._add(batch)
            self._update_shelf_later()
            await self._save()
        if files:
            await self._list_all()

    async def _add(self, batch: Sequence[tuple[File, Story]]) -> None:
        """Add the stories of a batch, without those whose files have changed or were opened since."""
        files, catalog = self._session.watch.files, self._session.catalog

        def is_wanted(file: File, story: Story) -> bool:
            if file.location in self._watched and not files.has(file):
                return False
            return not (story.is_head_only and file.location in catalog)

        added = await add_described(self._session, batch, is_wanted)
        self._unsaved += added

    async def _save(self) -> None:
        """Save in a thread what was added since the last time."""
        unsaved, self._unsaved = self._unsaved, []
        await run_in_thread(self._session.index_stories, unsaved)

    def _list_new(self, files: Sequence[File]) -> list[File]:
        """Return the files that the catalog lacks. In a thread: it looks at each."""
        watched, catalog = self._session.watch.files, self._session.catalog
        self._watched = {file.location for file in files if file.location in watched}
        return [file for file in files if file.location not in catalog]

    def _list_heads_only(self, files: Sequence[File], order: Sequence[Story]) -> list[File]:
        """Return those whose words aren't counted yet, in the order of the shelf. In a thread."""
        catalog, rows = self._session.catalog, dict[str, int]()
        for row, listed in enumerate(order):
            rows[listed.location] = row
        heads = [
            file
            for file in files
            if (story := catalog.get(file.location)) is not None and story.is_head_only
        ]
        return sorted(heads, key=lambda file: rows.get(file.location, len(rows)))


def _take_batch(described: Iterator[tuple[File, Story]]) -> list[tuple[File, Story]]:
    """Return the next stories of `described`, as many as one step describes."""
    batch: list[tuple[File, Story]] = []
    end = time.monotonic() + BATCH_SECONDS
    for item in described:
        batch.append(item)
        if len(batch) == BATCH_SIZE or time.monotonic() >= end:
            break
    return batch
