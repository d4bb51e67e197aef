"""What the reader is doing: which story, where, what next; and what of it is remembered.

Every decision that a screen must not make is made here, on plain values: when a place is
saved, what counts as reading, what can be undone, in which order stories stand. Knows no
Textual; a clock is handed in. Its connection to the memory stays on one thread.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from .errors import ReaderError
from .evidence import Mark, count
from .frontmatter import split
from .index import derive, unreadable
from .library import file_at, scan
from .marks import Change, Marks
from .memories import Memories
from .state import Memory
from .story import Source, decode, minutes, read
from .trail import Trail
from .visit import introduce, load, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .document import Place
    from .index import Index
    from .library import File, Library
    from .state import State
    from .story import Story
    from .visit import Visit

__all__ = ["FOLLOWING", "Change", "Entry", "Group", "Session", "described", "entry"]

FOLLOWING: Final = 3
"""Stories named at the end of one, to read next."""


class Group(StrEnum):
    """The groups of the shelf, in their order."""

    CONTINUE = "Continue"
    UNREAD = "Unread"
    FINISHED = "Finished"


class Entry(NamedTuple):
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
        groups = {Mark.READING: Group.CONTINUE, Mark.UNREAD: Group.UNREAD}
        return groups.get(self.mark, Group.FINISHED)


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
        self.lasts = state.lasts
        """What is marked now is remembered the next time."""
        self.visit: Visit | None = None
        self.order: list[Story] = []
        """The shelf as the reader last saw it, which next and previous walk along."""
        self._memories = Memories(state)
        self._marks = Marks(self._memories)
        self.notices = self._memories.notices
        """What could not be done, a line each, for the screen to show once."""
        self._index = index
        self._clock = clock
        self._gathered: set[Path] = set()
        self._visible: tuple[Place, Place] | None = None
        self._attending = False
        self._place_unsaved = False

    def close(self) -> None:
        """Write down what is not written yet, and let go of memory and index."""
        self.leave()
        self._memories.close()
        self._index.close()

    # The library -----------------------------------------------------------------------

    def gather(self, folders: Iterable[Path]) -> list[File]:
        """Take in the stories of `folders` whose files are known; return the other files."""
        roots = list(folders)
        self.library.folders += [Path(os.path.realpath(root)) for root in roots]
        return self._take_known([file for root in roots for file in scan(root, self.notices)])

    def gather_begun(self) -> list[File]:
        """Take in the stories that were begun by FILE or FOLDER, wherever they are kept."""
        ids = {story.id for story in self.library.stories()}
        files = []
        for story, path, folder in self._memories.begun():
            is_new = story not in ids and path not in self._gathered
            if is_new and (file := file_at(path)) is not None:
                files.append(file._replace(folder=folder))
        return self._take_known(files)

    def learn(self, described: list[tuple[File, Story]]) -> None:
        """Take in stories that were described by a worker, and keep what is known of them."""
        for _, story in described:
            self.library.add(story)
        self._index.store(described)

    def _take_known(self, files: list[File]) -> list[File]:
        self._gathered.update(file.path for file in files)
        known = self._index.known(files)
        for story in known.values():
            self.library.add(story)
        return [file for file in files if file.path not in known]

    def entries(self) -> list[Entry]:
        """Return the shelf's entries in their order: Continue, Unread, Finished.

        What was read last stands first, unread stories stand as in the library.
        """
        memories = self._memories.all()
        stories = self.library.stories()
        found = [entry(story, memories.get(story.id, Memory())) for story in stories]
        begun = sorted(found, key=lambda e: -e.serial)
        return [
            *(e for e in begun if e.mark is Mark.READING),
            *(e for e in found if e.mark is Mark.UNREAD),
            *(e for e in begun if e.mark is Mark.FINISHED),
        ]

    def entry(self, story: Story) -> Entry:
        """Return the entry of one story as it is now."""
        visit = self.visit
        if visit is not None and visit.story.path == story.path:
            evidence = visit.evidence
            now = Memory(evidence.mark, None, evidence.ranges, visit.total or 0)
            return entry(visit.story, now)
        return entry(story, self._memories.of(story))

    # A stay in a story -----------------------------------------------------------------

    def opening(self, story: Story) -> Callable[[], Visit]:
        """Return what opens `story`: a function for a worker. It raises `Unreadable`."""
        return partial(load, story, self._memories.of(story))

    def open_file(self, path: Path) -> Visit:
        """Open the file at `path` at once, whether its story is known or not.

        Its folder is not scanned. Raises `Unreadable`.
        """
        file = file_at(path)
        source = read(file.path if file else path)
        known = self._index.known([file]) if file else {}
        story = known.get(source.path) or introduce(source, file.folder if file else "")
        self.library.add(story)
        return opened(story, source, self._memories.of(story))

    def know(self, visit: Visit) -> None:
        """Keep what the whole text of a visit tells of its story, for the next start."""
        file = file_at(visit.story.path) if visit.story.kept else None
        if file is not None and not self._index.known([file]):
            self._index.store([(file, visit.story)])

    def open_text(self, data: bytes) -> Visit:
        """Open a text from standard input. It has no memory. Raises `Unreadable`."""
        path = Path("standard input")
        source = Source(path, *split(decode(data, path)))
        story = replace(introduce(source, ""), id="", kept=False)
        self.library.add(story)
        return opened(story, source, Memory())

    def enter(self, visit: Visit) -> None:
        """Leave the story that is open, and be in `visit` from now on."""
        self.leave()
        self.visit = visit
        visit.remembers(self._memories.of(visit.story))
        self._marks.watch(visit)

    def leave(self) -> None:
        """Write down what is not written yet and be in no story."""
        self.ignore()
        self.visit, self._visible, self._place_unsaved = None, None, False
        self._marks.watch(None)

    def attend(self) -> None:
        """Count what the page shows as being read from now on."""
        self._attending = True
        self._look()

    def ignore(self) -> None:
        """Count nothing as reading until `attend`: the reader looks elsewhere."""
        self._look()
        self._attending = False
        if self.visit is not None:
            self.visit.evidence.look(None, self._clock(), self.visit.total)
        self.save()

    def moved(self, place: Place) -> None:
        """Take `place` as where the reader went; it is saved with the next tick."""
        if self.visit is not None and place != self.visit.place:
            self.visit.place = place
            self._place_unsaved = True

    def shows(self, first: Place, behind: Place) -> None:
        """Take what stands between two places as what the page shows."""
        self._look()
        self._visible = (first, behind)
        self._look()

    def tick(self) -> Change | None:
        """Credit what was read and write it down; return a mark that reading has set.

        To be called about every half second.
        """
        self._look()
        self.save()
        return self._marks.news.pop(0) if self._marks.news else None

    def save(self) -> None:
        """Write what is not written yet. What can't be written now is tried again."""
        self._note()
        self._memories.write()

    def _look(self) -> None:
        visit = self.visit
        if visit is None or not self._attending or self._visible is None:
            return
        visit.evidence.look(visit.view(*self._visible), self._clock(), visit.total)

    def _note(self) -> None:
        """Hand on what this stay has brought since it was last asked."""
        self._marks.notice()
        visit = self.visit
        if visit is None or not visit.story.kept:
            return
        if self._place_unsaved:
            self._memories.note_place(visit.story, visit.document.anchor(visit.place))
            self._place_unsaved = False
        if visit.evidence.fresh:
            self._memories.note_words(visit.story, visit.evidence.fresh, visit.total or 0)
            visit.evidence.fresh = ()

    # Marks -----------------------------------------------------------------------------

    def toggle_mark(self, story: Story) -> Change:
        """Mark `story` finished, or unread if it is finished. Raises as `mark` does."""
        unread = self._marks.of(story) is Mark.FINISHED
        return self.mark(story, Mark.UNREAD if unread else Mark.FINISHED)

    def mark(self, story: Story, mark: Mark) -> Change:
        """Set the mark of `story` by hand. Raises `StateError`, or `Unreadable`."""
        self._note()
        return self._marks.set(story, mark)

    def undo(self) -> Change | None:
        """Take back the last mark of this run; return it, or None. Raises `StateError`."""
        self._note()
        return self._marks.undo()

    # What next -------------------------------------------------------------------------

    @property
    def trail(self) -> Trail:
        """The list the reader came by, as it goes on from the story that is open."""
        return Trail(self.visit.story.path if self.visit else None, self.order)

    def neighbour(self, step: int) -> Story | None:
        """Return the story `step` further along the list the reader came by."""
        return self.trail.step(step) if self.visit is not None else None

    def following(self) -> list[Story]:
        """Return the next stories of the list that are not finished."""
        memories = self._memories.all()
        rest = self.trail.behind
        unfinished = (s for s in rest if memories.get(s.id, Memory()).mark is not Mark.FINISHED)
        return list(islice(unfinished, FOLLOWING))

    def chosen(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        return self._memories.chosen(name)

    def choose(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        self._memories.choose(name, value)


def described(files: Iterable[File]) -> Iterator[tuple[File, Story]]:
    """Yield the story of each file, read and parsed: a worker's job.

    A file that can't be read is a story that says why not.
    """
    for file in files:
        try:
            yield file, derive(file)
        except ReaderError as error:
            yield file, unreadable(file, error)


def entry(story: Story, memory: Memory) -> Entry:
    """Return the entry of a story with what is remembered of it."""
    words = story.words or memory.words
    read = min(count(memory.ranges), words)
    if memory.mark is Mark.FINISHED:
        return Entry(story, memory.mark, 1.0, 0, memory.serial)
    progress = read / words if words else 0.0
    return Entry(story, memory.mark, progress, minutes(words - read), memory.serial)
