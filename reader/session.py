"""What the reader is doing: which story, where, what next; and what of it is remembered.

Every decision that a screen must not make is made here, on plain values: when a place is
saved, what counts as reading, what can be undone, in which order stories stand. Knows no
Textual; a clock is handed in. Its connection to the memory stays on one thread.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .document import Place
from .errors import Locked, ReaderError, StateError
from .evidence import Mark, Ranges, count
from .frontmatter import split
from .index import derive, unreadable
from .library import file_at, scan
from .state import Memory
from .story import Source, decode, minutes, read
from .visit import introduce, load, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .index import Index
    from .library import File, Library
    from .state import State
    from .story import Story
    from .visit import Visit

FOLLOWING: Final = 3
"""Stories named at the end of one, to read next."""


class Group(StrEnum):
    """The groups of the shelf, in their order."""

    CONTINUE = "Continue"
    UNREAD = "Unread"
    FINISHED = "Finished"


_GROUPS: Final = {
    Mark.READING: Group.CONTINUE,
    Mark.UNREAD: Group.UNREAD,
    Mark.FINISHED: Group.FINISHED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A story on the shelf, with what the reader did with it."""

    story: Story
    mark: Mark
    progress: float
    """Words read of all words, 0 to 1; what is finished counts as read."""
    minutes_left: int
    """For the words not read yet; 0 when finished."""
    serial: int

    @property
    def group(self) -> Group:
        """Where it stands on the shelf."""
        return _GROUPS[self.mark]


@dataclass(frozen=True, slots=True)
class Change:
    """A mark that was set, and what undoes it."""

    story: Story
    mark: Mark
    before: Mark
    ranges: Ranges
    """The words read before."""
    by_itself: bool


class Session:
    """One run of the program, by one reader."""

    def __init__(
        self,
        library: Library,
        state: State,
        index: Index,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.library = library
        self.notices: list[str] = [state.notice] if state.notice else []
        """What could not be done, a line each, for the screen to show once."""
        self.visit: Visit | None = None
        self.order: list[Story] = []
        """The list the reader came by: what next and previous walk along."""
        self._state = state
        self._index = index
        self._clock = clock
        self._visible: tuple[Place, Place] | None = None
        self._attending = False
        self._place_unsaved = False
        self._mark_unsaved: Mark | None = None
        self._met: set[str] = set()
        self._changes: list[Change] = []

    # The library -----------------------------------------------------------------------

    def gather(self, folders: Iterable[Path]) -> list[File]:
        """Take in the stories of `folders` whose files are known; return the other files."""
        files = [file for folder in folders for file in scan(folder, self.notices)]
        return self._take_known(files)

    def gather_begun(self) -> list[File]:
        """Take in the stories that were begun by FILE or FOLDER, wherever they are kept."""
        memories = self._state.memories()
        files = []
        for story, (path, source) in self._state.met().items():
            reading = memories.get(story, Memory()).mark is Mark.READING
            if reading and path not in self.library and (file := file_at(path)) is not None:
                files.append(replace(file, folder=source))
        return self._take_known(files)

    def learn(self, described: list[tuple[File, Story]]) -> None:
        """Take in stories that were described by a worker, and keep what is known of them."""
        for _, story in described:
            self.library.add(story)
        self._index.store(described)

    def _take_known(self, files: list[File]) -> list[File]:
        known = self._index.known(files)
        for story in known.values():
            self.library.add(story)
        return [file for file in files if file.path not in known]

    def entries(self) -> list[Entry]:
        """Return the shelf's entries in their order: Continue, Unread, Finished.

        What was read last stands first, unread stories stand as in the library.
        """
        memories = self._state.memories()
        found = [entry(story, memories.get(story.id)) for story in self.library.stories()]
        begun = [e for e in found if e.mark is not Mark.UNREAD]
        begun.sort(key=lambda e: -e.serial)
        grouped = [
            *(e for e in begun if e.mark is Mark.READING),
            *(e for e in found if e.mark is Mark.UNREAD),
            *(e for e in begun if e.mark is Mark.FINISHED),
        ]
        return grouped

    def entry(self, story: Story) -> Entry:
        """Return the entry of one story as it is now."""
        visit = self.visit
        if visit is not None and visit.story.path == story.path:
            evidence = visit.evidence
            return _entry(visit.story, evidence.mark, evidence.ranges, visit.total or 0, 0)
        return entry(story, self._state.memory(story.id))

    # A stay in a story -----------------------------------------------------------------

    def opening(self, story: Story) -> Callable[[], Visit]:
        """Return what opens `story`: a function for a worker. It raises `Unreadable`."""
        return partial(load, story, self._memory(story))

    def open_file(self, path: Path) -> Visit:
        """Open the file at `path` at once, whether its story is known or not.

        Its folder is not scanned. Raises `Unreadable`.
        """
        file = file_at(path)
        known = self._index.known([file]) if file is not None else {}
        source = read(path)
        story = known.get(path) or introduce(source, path.resolve().parent.name)
        self.library.add(story)
        return opened(story, source, self._memory(story))

    def open_text(self, data: bytes) -> Visit:
        """Open a text from standard input. It has no memory. Raises `Unreadable`."""
        path = Path("standard input")
        source = Source(path, *split(decode(data, path)))
        story = replace(introduce(source, ""), id="", kept=False)
        self.library.add(story)
        return opened(story, source, Memory())

    def _memory(self, story: Story) -> Memory:
        return self._state.memory(story.id) if story.kept else Memory()

    def enter(self, visit: Visit) -> None:
        """Leave the story that is open, and be in `visit` from now on."""
        self.leave()
        self.visit = visit

    def leave(self) -> None:
        """Write down what is not written yet and be in no story."""
        self.ignore()
        self.visit, self._visible, self._mark_unsaved = None, None, None

    def attend(self) -> None:
        """The page has the reader's attention: what it shows is being read."""
        self._attending = True
        self._look()

    def ignore(self) -> None:
        """The reader looks elsewhere: nothing counts as reading until `attend`."""
        self._look()
        self._attending = False
        if self.visit is not None:
            self.visit.evidence.look(None, self._clock(), self.visit.total)
        self.save()

    def moved(self, place: Place) -> None:
        """The reader went to `place`; it is saved with the next tick."""
        if self.visit is not None and place != self.visit.place:
            self.visit.place = place
            self._place_unsaved = True

    def shows(self, first: Place, behind: Place) -> None:
        """The page shows the text between two places."""
        if self._visible != (first, behind):
            self._look()
            self._visible = (first, behind)
        self._look()

    def tick(self) -> Change | None:
        """Credit what was read and write it down; return a mark that this has set.

        To be called about every half second.
        """
        if self.visit is None:
            return None
        before = self.visit.evidence.mark
        ranges = self.visit.evidence.ranges
        self._look()
        mark = self.visit.evidence.mark
        if mark is before:
            self.save()
            return None
        change = Change(self.visit.story, mark, before, ranges, by_itself=True)
        self._changes.append(change)
        self._mark_unsaved = mark
        self.save()
        return change

    def _look(self) -> None:
        visit = self.visit
        if visit is None or not self._attending or self._visible is None:
            return
        visit.evidence.look(visit.view(*self._visible), self._clock(), visit.total)

    # What is remembered ----------------------------------------------------------------

    def save(self) -> None:
        """Write what is not written yet. What can't be written now is tried again."""
        visit = self.visit
        if visit is None or not visit.story.kept:
            return
        try:
            self._save(visit)
        except Locked:
            return  # another program writes: the next tick tries again
        except StateError as error:
            self._notice(f"What you read can't be written down: {error}")

    def _save(self, visit: Visit) -> None:
        story, evidence = visit.story.id, visit.evidence
        if self._place_unsaved:
            self._meet(visit.story)
            self._state.remember(story, visit.document.anchor(visit.place))
            self._place_unsaved = False
        if evidence.fresh:
            self._meet(visit.story)
            self._state.credit(story, evidence.fresh, visit.total or 0)
            evidence.fresh = ()
        if self._mark_unsaved is not None:
            self._meet(visit.story)
            self._state.raise_mark(story, self._mark_unsaved)
            self._mark_unsaved = None

    def _meet(self, story: Story) -> None:
        if story.id not in self._met:
            self._state.meet(story.id, story.path, story.source)
            self._met.add(story.id)

    def _notice(self, line: str) -> None:
        if line not in self.notices:
            self.notices.append(line)

    # Marks -----------------------------------------------------------------------------

    def toggle_mark(self, story: Story) -> Change:
        """Mark `story` finished, or unread if it is finished. Raises `StateError`."""
        before = self.entry(story).mark
        mark = Mark.UNREAD if before is Mark.FINISHED else Mark.FINISHED
        return self.mark(story, mark)

    def mark(self, story: Story, mark: Mark) -> Change:
        """Set the mark of `story` by the reader's own hand. Raises `StateError`."""
        change = Change(story, mark, self.entry(story).mark, self._ranges(story), by_itself=False)
        self._set(story, mark, () if mark is Mark.UNREAD else None)
        self._changes.append(change)
        return change

    def undo(self) -> Change | None:
        """Take back the last mark of this run; return it, or None. Raises `StateError`."""
        if not self._changes:
            return None
        change = self._changes[-1]
        self._set(change.story, change.before, change.ranges)
        return self._changes.pop()

    def _set(self, story: Story, mark: Mark, ranges: Ranges | None) -> None:
        """Write a mark first and show it then: what the screen has shown is there."""
        here = self.visit is not None and self.visit.story.id == story.id
        if here:
            self.save()
            self._mark_unsaved = None
        if story.kept:
            self._meet(story)
            self._state.mark(story.id, mark, ranges=ranges)
        if here and self.visit is not None:
            evidence = self.visit.evidence
            evidence.overrule(mark, evidence.ranges if ranges is None else ranges)

    def _ranges(self, story: Story) -> Ranges:
        if self.visit is not None and self.visit.story.id == story.id:
            return self.visit.evidence.ranges
        return self._memory(story).ranges

    # What next -------------------------------------------------------------------------

    def neighbour(self, step: int) -> Story | None:
        """Return the story `step` further along the list the reader came by."""
        if self.visit is None:
            return None
        paths = [story.path for story in self.order]
        if self.visit.story.path not in paths:
            return self.order[0] if step > 0 and self.order else None
        at = paths.index(self.visit.story.path) + step
        return self.order[at] if 0 <= at < len(paths) else None

    def following(self) -> list[Story]:
        """Return the next stories of the list that are not finished."""
        memories = self._state.memories()
        found: list[Story] = []
        step = 1
        while len(found) < FOLLOWING and (story := self.neighbour(step)) is not None:
            step += 1
            if memories.get(story.id, Memory()).mark is not Mark.FINISHED:
                found.append(story)
        return found

    # Choices ---------------------------------------------------------------------------

    def chosen(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        return self._state.setting(name)

    def choose(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        try:
            self._state.choose(name, value)
        except StateError as error:
            self._notice(f"The choice of {name} can't be written down: {error}")


def described(files: Iterable[File]) -> Iterator[tuple[File, Story]]:
    """Yield the story of each file, read and parsed: a worker's job.

    A file that can't be read is a story that says why not.
    """
    for file in files:
        try:
            yield file, derive(file)
        except ReaderError as error:
            yield file, unreadable(file, error)


def entry(story: Story, memory: Memory | None) -> Entry:
    """Return the entry of a story with what is remembered of it."""
    memory = memory or Memory()
    return _entry(story, memory.mark, memory.ranges, story.words or memory.words, memory.serial)


def _entry(story: Story, mark: Mark, ranges: Ranges, words: int, serial: int) -> Entry:
    read = min(count(ranges), words)
    if mark is Mark.FINISHED:
        return Entry(story, mark, 1.0, 0, serial)
    return Entry(story, mark, read / words if words else 0.0, minutes(words - read), serial)
